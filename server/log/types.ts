import type { LogRecord, PackageSubject, RecordDraft, TagsRecord, VersionRecord, VersionSubject } from '../../shared/record/index.ts'
import type { Hash, HashReader } from '../../shared/tlog/index.ts'
import type { VersionHistory } from './history.ts'

/** A state of the log that was made public. */
export interface SignedHead {
  /** Number of records. */
  size: number
  root: Hash
  /** Time of its last record, milliseconds since the epoch; 0 for the empty log. */
  recorded: number
  /** The signed C2SP checkpoint. */
  checkpoint: string
  /** The same tree as Go's clients want it signed; absent where the key is. */
  readonly goNote?: string
}

/** What stands in the log for a draft. */
export interface Standing {
  index: number
  /** False: it was there before, and its record may say something else than the draft. */
  isNew: boolean
  record: LogRecord
}

export interface RecordedVersion {
  index: number
  /** The digest that stands. */
  integrity: string
  /** Digest of the manifest that stands. */
  readonly manifest: string
  /** All that is recorded; read when it is asked for, because most of the time the digests are all that counts. */
  readonly record: VersionRecord
}

export interface RecordedTags {
  index: number
  record: TagsRecord
}

export interface ListQuery {
  /** Only records with a smaller index. */
  before?: number
  limit: number
  kind?: LogRecord['kind']
  package?: PackageSubject
  /** What the package's name begins with. */
  prefix?: string
  evidence?: VersionRecord['evidence']
  /** Of the authority whose package it is, or whose keys. */
  namespace?: string
}

/** Part of what was asked for, newest first. */
export interface Listed {
  entries: { index: number, text: string }[]
  /** No more than so many records are looked at for one answer: all from here on were. 0: all there are. */
  from: number
}

export interface NamesQuery {
  /** What the names begin with. */
  prefix: string
  /** The prefix is a whole name, which packages of several authorities may have. */
  isWhole?: boolean
  limit: number
}

export interface LogStatus {
  /** `recovering`: a commit's outcome is not known yet. `read-only`: an operator must look at it. */
  state: 'ok' | 'recovering' | 'read-only'
  /** One sentence, unless all is well. */
  reason?: string
}

/** The transparency log. Nothing it returns lies beyond its published checkpoint. */
export interface Log {
  /** First line of its checkpoints, and name of its key. */
  readonly origin: string
  readonly vkey: string
  /** Verifies what Go's clients get. */
  readonly goVkey: string
  /** Namespace of the authority whose packages carry no `repository_url`. */
  readonly defaultNamespace: string
  status(): LogStatus
  /** The latest published state; also notices what another process appended. */
  head(): Promise<SignedHead>
  /**
   * Appends what is not recorded yet. Resolves when everything is inside the published checkpoint, in the order of the drafts.
   * @throws RegistryError `LOG_UNAVAILABLE`
   */
  record(drafts: readonly RecordDraft[]): Promise<Standing[]>
  findVersion(subject: VersionSubject): Promise<RecordedVersion | undefined>
  /** All recorded versions of a package. */
  versionsOf(subject: PackageSubject): Promise<Map<string, RecordedVersion>>
  /** The last recorded dist-tags of a package, as far as this process knows the log. */
  tagsOf(subject: PackageSubject): Promise<RecordedTags | undefined>
  /** Versions of a package that are recorded as withdrawn, as far as this process knows the log. */
  withdrawnOf(subject: PackageSubject): Promise<Set<string>>
  /** What is recorded of versions: by package URL with version. Two queries, however many are asked for. */
  historiesOf(subjects: readonly VersionSubject[]): Promise<Map<string, VersionHistory>>
  /** Texts of the records [from, to); fewer at the end of the log. */
  texts(from: number, to: number): Promise<string[]>
  /** Hashes of a tile as far as the published tree has it; undefined: not at all. */
  tile(level: number, index: number): Promise<Uint8Array | undefined>
  /** Hashes of the tree at a size up to the published one. */
  hashes(size: number): HashReader
  /** Newest first. */
  list(query: ListQuery): Promise<Listed>
  /** Of all authorities whose packages or keys are recorded, the default one first; at most 100. */
  namespaces(): Promise<string[]>
  /** Packages that have records, by name. */
  names(query: NamesQuery): Promise<PackageSubject[]>
  /** Size of the public tree that has a root; of several the largest. */
  sizeOfRoot(root: Hash): Promise<number | undefined>
  /** Newest first, smaller than `before`. */
  checkpoints(query: { before?: number, limit: number }): Promise<SignedHead[]>
  /** Finishes what it was asked to record. */
  close(): Promise<void>
}
