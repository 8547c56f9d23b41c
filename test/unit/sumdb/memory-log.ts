import type { ListQuery, Log, RecordedVersion, SignedHead } from '../../../server/log/types.ts'
import { createSigner, generateSignerKey, goVkeyOf } from '../../../server/log/signer.ts'
import {
  formatPurl, formatRecord, parseRecord, type LogRecord, type RecordDraft, type VersionSubject,
} from '../../../shared/record/index.ts'
import { createTrustedHashReader, leafHash, nodeHash, rootOf, widthAt, type Hash } from '../../../shared/tlog/index.ts'

const SIGNER = createSigner(generateSignerKey('sum.example'))
const DEFAULT_NAMESPACE = 'npm.example'
/** One second a record. */
const START = Date.parse('2026-01-01T00:00:00.000Z')

/** A whole log in arrays. What it did is counted, and every answer is a promise, as of a log on a disk. */
export interface MemoryLog extends Log {
  readonly reads: { tiles: number, texts: number, finds: number }
  readonly allTexts: string[]
  append(...drafts: RecordDraft[]): void
}

export function createMemoryLog(): MemoryLog {
  const texts: string[] = []
  const leaves: Hash[] = []
  const heads: SignedHead[] = []
  const reads = { tiles: 0, texts: 0, finds: 0 }

  function publish(): void {
    const root = rootOf(leaves)
    heads.push({
      size: texts.length, root, recorded: START + texts.length * 1_000,
      checkpoint: SIGNER.sign(texts.length, root), goNote: SIGNER.signForGo(texts.length, root),
    })
  }

  function append(draft: RecordDraft): LogRecord {
    const record = { ...draft, recorded: new Date(START + texts.length * 1_000).toISOString() } as LogRecord
    const text = formatRecord(record)
    texts.push(text)
    leaves.push(leafHash(new TextEncoder().encode(text)))
    return record
  }

  function find(subject: VersionSubject): RecordedVersion | undefined {
    const first = `version ${formatPurl(subject)}\n`
    const index = texts.findIndex(text => text.startsWith(first))
    if (index < 0) return undefined
    const record = parseRecord(texts[index]!) as RecordedVersion['record']
    return { index, integrity: record.integrity, manifest: record.manifest, record }
  }

  function tile(level: number, index: number): Uint8Array | undefined {
    const width = widthAt(level, index, texts.length)
    if (width === 0) return undefined
    return Buffer.concat(Array.from({ length: width }, (_, i) => {
      const span = 256 ** level
      const from = (index * 256 + i) * span
      return treeHash(leaves.slice(from, from + span))
    }))
  }

  const matches = (text: string, { kind, package: subject, prefix, evidence, namespace }: Partial<ListQuery>): boolean => {
    const record = parseRecord(text)
    if (evidence !== undefined && !(record.kind === 'version' && record.evidence === evidence)) return false
    if (namespace !== undefined && namespaceOf(record) !== namespace) return false
    if (kind !== undefined && record.kind !== kind) return false
    const name = 'subject' in record ? record.subject : undefined
    if (subject && (name?.name !== subject.name || name.namespace !== subject.namespace)) return false
    return prefix === undefined || (name?.name.startsWith(prefix) ?? false)
  }

  publish()
  return {
    reads,
    allTexts: texts,
    append(...drafts) {
      drafts.forEach(append)
      publish()
    },
    origin: SIGNER.origin,
    vkey: SIGNER.vkey,
    goVkey: goVkeyOf(SIGNER.vkey),
    defaultNamespace: DEFAULT_NAMESPACE,
    status: () => ({ state: 'ok' }),
    head: async () => heads.at(-1)!,
    record: async (drafts) => {
      const standing = drafts.map((draft) => {
        const found = draft.kind === 'version' ? find(draft.subject) : undefined
        return found ? { ...found, isNew: false } : { isNew: true, record: append(draft), index: texts.length - 1 }
      })
      publish()
      return standing
    },
    async findVersion(subject) {
      reads.finds++
      return find(subject)
    },
    versionsOf: async () => new Map(),
    tagsOf: async () => undefined,
    withdrawnOf: async () => new Set(),
    historiesOf: async () => new Map(),
    async texts(from, to) {
      reads.texts++
      return texts.slice(from, to)
    },
    async tile(level, index) {
      reads.tiles++
      return tile(level, index)
    },
    hashes: size => createTrustedHashReader(size, async tiles =>
      tiles.map(({ level, index, width }) => tile(level, index)!.subarray(0, width * 32))),
    list: async ({ before = Infinity, limit, ...query }) => ({
      entries: texts.map((text, index) => ({ index, text }))
        .filter(({ index, text }) => index < before && matches(text, query))
        .toReversed().slice(0, limit),
      from: 0,
    }),
    namespaces: async () => [DEFAULT_NAMESPACE],
    async names({ prefix, isWhole, limit }) {
      const names = texts.map(text => parseRecord(text)).flatMap(record => record.kind === 'version' ? [record.subject.name] : [])
      const found = [...new Set(names)].filter(name => isWhole ? name === prefix : name.startsWith(prefix)).sort()
      return found.slice(0, limit).map(name => ({ name }))
    },
    sizeOfRoot: async root => heads.findLast(head => Buffer.from(head.root).equals(root))?.size,
    checkpoints: async ({ before = Infinity, limit }) => heads.filter(({ size }) => size < before).toReversed().slice(0, limit),
    close: async () => {},
  }
}

function namespaceOf(record: LogRecord): string | undefined {
  if (record.kind === 'keys') return record.namespace
  return 'subject' in record ? record.subject.namespace ?? DEFAULT_NAMESPACE : undefined
}

/** Hash of a perfect subtree, level by level. */
function treeHash(hashes: readonly Hash[]): Hash {
  if (hashes.length === 1) return hashes[0]!
  const middle = hashes.length / 2
  return nodeHash(treeHash(hashes.slice(0, middle)), treeHash(hashes.slice(middle)))
}

const digest = (length: number, seed: string) => Buffer.alloc(length, `${seed}.`).toString('base64')

export type VersionDraft = Extract<RecordDraft, { kind: 'version' }>

/** A version's record but for its time; digests are made up from its name. */
export function versionDraft(name: string, version: string, more: Partial<VersionDraft> = {}): VersionDraft {
  return {
    kind: 'version',
    subject: { name, version },
    integrity: `sha512-${digest(64, name + version)}`,
    manifest: `sha256-${digest(32, version + name)}`,
    published: '2025-01-01T00:00:00.000Z',
    evidence: 'claimed',
    ...more,
  }
}
