import type { LogRecord, PackageSubject, RecordDraft, RegistrySignature, VersionRecord } from '../../shared/record/index.ts'
import type { RegistryConfig } from '../config/types.ts'
import type { ErrorCode, RegistryError } from '../errors.ts'
import type { Judged, Summary, VersionSummary } from '../packument/index.ts'
import type { Upstream } from '../registry/index.ts'

/** A version that is recorded. */
export interface KnownVersion {
  /** The digest that stands. */
  integrity: string
  /** Digest of the manifest that stands, where that is cheaper to have than the record. */
  readonly manifest?: string
  readonly record: VersionRecord
  /** Place in the log; absent for what is only pinned. */
  index?: number
}

export type VersionDraft = Extract<RecordDraft, { kind: 'version' }>

/** Where versions are recorded: the log, or the pins. What is in there stands. */
export interface Ledger {
  versionsOf(subject: PackageSubject): Promise<Map<string, KnownVersion>>
  /**
   * Records what is not recorded yet, and says what stands, in the order of the drafts.
   * @throws RegistryError `LOG_UNAVAILABLE`
   */
  record(drafts: readonly VersionDraft[]): Promise<readonly { record: LogRecord, index?: number, isNew: boolean }[]>
}

/** What the room tells whoever keeps the books. */
export interface VerifyObserver {
  /** Versions that a mirror lists and nobody has recorded; told once. */
  mirrorOnly(mirror: RegistryConfig, name: string, versions: readonly string[]): void
  recorded(evidence: VersionRecord['evidence'], count: number): void
  withheld(code: ErrorCode, count: number): void
  /** Something that policy lets pass; `count` versions of it, and the sentence of one of them. */
  noted(kind: 'link', sentence: string, name: string, count: number): void
  trouble(what: string, error: unknown, name: string): void
}

/** One look at a package: what its authority says now, and what is recorded. */
export interface Look {
  name: string
  subject: PackageSubject
  isPrivate: boolean
  /** Of the authority. */
  upstream: Upstream
  summary: Summary
  /** What was found the last time, if that is known. */
  before?: Judged
  /** The versions that an earlier verdict does not speak for. */
  open: ReadonlyMap<string, VersionSummary>
  /** What is recorded of the package; grows while the look goes on. */
  standing: Map<string, KnownVersion>
}

/** Why a version is withheld. */
export interface Refusal {
  why: RegistryError
  /** Milliseconds until looking again may find something else; absent: it would find the same. */
  retryIn?: number
}

/** Versions that must not be served. */
export type Refusals = ReadonlyMap<string, Refusal>

/**
 * A rule that a version has to keep. Looks at the open versions only; reports its own incidents. Its answer is believed, so it
 * must not forget one; it throws nothing but what makes the whole look impossible.
 */
export type Rule = (look: Look) => Promise<Refusals> | Refusals

/** Says of unseen versions whether their registry signed them. */
export interface Signatures {
  /** @param digests the sha512 of each version in question */
  check(look: Look, digests: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, Signed>>
}

/** `unsigned`: the registry has no keys, so nobody expects a signature. */
export type Signed = RegistrySignature | 'unsigned' | Refusal

/** Our own signatures, for versions whose registry signs nothing. */
export interface OwnSignatures {
  /**
   * Of each version our signature; of none if its registry signs by itself. The same ones every time.
   * @param versions recorded, with their digests
   * @throws what the database throws, or `UPSTREAM_UNAVAILABLE`; then there are none for now
   */
  of(look: Look, versions: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, RegistrySignature>>
}

/** Says whether as many sources as its route wants claim the same digest. */
export interface Thresholds {
  /** @param digests the sha512 of each version in question */
  check(look: Look, digests: ReadonlyMap<string, string>): Promise<Refusals> | Refusals
}

/**
 * What else about a package belongs into the log: tags that moved, versions that are gone. Asked when something moved, and for
 * the authority's documents only.
 */
export type Chronicle = (look: Look) => Promise<Chronicled>

interface Chronicled {
  drafts: readonly RecordDraft[]
  /** Milliseconds until there is more to record, although nothing moves. */
  retryIn?: number
}
