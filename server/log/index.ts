import type { Client } from '@libsql/client'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createVerifier, openCheckpoint, widthAt } from '../../shared/tlog/index.ts'
import { HASH_SIZE } from '../../shared/tlog/merkle.ts'
import { withDeadline } from '../database/deadline.ts'
import type { Database } from '../database/index.ts'
import { RegistryError } from '../errors.ts'
import { file, type Filing } from './draft.ts'
import { readCheckedEnd } from './end.ts'
import { createHistories } from './history.ts'
import { establish, type Established } from './identity.ts'
import type { Published } from './publisher.ts'
import { createReadOnly, lastPublished } from './read-only.ts'
import { createReader } from './reader.ts'
import { createRememberedHead, type RememberedHead } from './remembered.ts'
import type { LogObserver } from './appender.ts'
import { createSequencer } from './sequencer.ts'
import { goVkeyOf, verifyEd25519 } from './signer.ts'
import { createStoredTiles, type StoredTiles } from './stored-tiles.ts'
import { DamagedLog } from './tree-state.ts'
import type { Log, SignedHead } from './types.ts'

export type { VersionHistory } from './history.ts'
export { readSignerKey, writeSignerKey } from './signer.ts'
export { unavailable } from './unavailable.ts'
export type { Log, LogStatus, RecordedTags, RecordedVersion, SignedHead, Standing } from './types.ts'

export interface LogOptions {
  database: Database
  /** Where the key and the remembered head are kept. */
  dataDir: string
  /** What the log must be called. */
  origin?: string
  /** The signer key, where it is not in the data directory. */
  signerKey?: string
  /** Namespace of the default authority, for a log that is new. */
  namespace: string
  observer: LogObserver
  /** Milliseconds since the epoch. */
  clock?: () => number
  /** Milliseconds that the database may take for an answer. */
  patience?: number
}

/** What another process appended is noticed after this time (ms). */
const REFRESH_INTERVAL = 250
/** Drafts that are checked in one turn of the event loop: a few milliseconds. */
const FILED_AT_ONCE = 512
/** Checkpoints that are looked through in one turn of the event loop. */
const SIZES_AT_ONCE = 20_000
/** A database that did not answer after this time (ms) is not waited for; whether it did what it was asked is then found out. */
const PATIENCE = 30_000

/**
 * Opens the log of a database, or begins one. A log that contradicts itself, or its key, opens for reading only; its status says
 * why.
 * @throws Error for a key that is none, or a database that cannot be read
 */
export async function openLog(options: LogOptions): Promise<Log> {
  const { database, dataDir, patience = PATIENCE } = options
  const client = withDeadline(database.client, patience)
  await mkdir(dataDir, { recursive: true })
  const tiles = createStoredTiles(client)
  const remembered = createRememberedHead(join(dataDir, 'sumdb.head'))
  const established = await establish({ ...options, client, remembered })
  const { identity, signer } = established
  const writer = await openWriter({ ...options, client, tiles, remembered }, established)
  const reader = createReader(database)
  const histories = createHistories(database)
  let refreshed = 0

  function published(): Published {
    const known = writer.published()
    if (!known) throw new RegistryError('LOG_UNAVAILABLE', 'The log cannot be read: nothing in its database is signed by its key.', { retryAfter: 60 })
    return known
  }

  async function refresh() {
    refreshed = Date.now()
    await writer.refresh()
  }

  /** Looks once more when something was found that is not public as far as this process knows. */
  async function isPublic(index: number): Promise<boolean> {
    if (index >= published().head.size) await refresh()
    return index < published().head.size
  }

  return {
    origin: identity.origin,
    vkey: identity.vkey,
    goVkey: goVkeyOf(identity.vkey),
    defaultNamespace: identity.namespace,
    status: () => writer.status(),
    async head() {
      if (Date.now() - refreshed > REFRESH_INTERVAL) await refresh()
      return published().head
    },
    async record(drafts) {
      const filings: Filing[] = []
      for (let n = 0; n < drafts.length; n += FILED_AT_ONCE) {
        // A package of thousands of versions does not keep everyone else waiting.
        if (n > 0) await new Promise(setImmediate)
        filings.push(...drafts.slice(n, n + FILED_AT_ONCE).map(file))
      }
      return writer.record(filings)
    },
    async findVersion(subject) {
      const found = await reader.version(subject)
      return found && await isPublic(found.index) ? found : undefined
    },
    async versionsOf(subject) {
      const versions = await reader.versions(subject)
      for (const [version, { index }] of versions) {
        if (index >= published().head.size && !await isPublic(index)) versions.delete(version)
      }
      return versions
    },
    async tagsOf(subject) {
      return reader.tags(subject, published().head.size)
    },
    async withdrawnOf(subject) {
      return reader.withdrawn(subject, published().head.size)
    },
    async historiesOf(subjects) {
      const found = await histories(subjects, published().head.size)
      if (![...found.values()].some(({ isPending }) => isPending)) return found
      // Of another process, and public meanwhile, unless it was written just now.
      await refresh()
      return histories(subjects, published().head.size)
    },
    async texts(from, to) {
      return reader.texts(from, Math.min(to, published().head.size))
    },
    async tile(level, index) {
      const { head, state } = published()
      const width = widthAt(level, index, head.size)
      if (width === 0) return undefined
      return (await tiles.read(level, index, state.edge))?.subarray(0, width * HASH_SIZE)
    },
    hashes: size => tiles.hashes(size, published().state.edge),
    async list({ namespace, ...query }) {
      const { size } = published().head
      const authority = namespace === undefined ? undefined : { namespace, isDefault: namespace === identity.namespace }
      return reader.list({ ...query, before: Math.min(query.before ?? size, size), authority })
    },
    async namespaces() {
      return [...new Set([identity.namespace, ...await reader.namespaces()])]
    },
    async names(query) {
      return reader.names({ ...query, before: published().head.size })
    },
    async sizeOfRoot(root) {
      for (let to = published().head.size + 1; to > 0; to -= SIZES_AT_ONCE) {
        const found = await reader.sizeOfRoot(root, Math.max(0, to - SIZES_AT_ONCE), to)
        if (found !== undefined) return found
        await new Promise(setImmediate)
      }
      return undefined
    },
    async checkpoints({ before, limit }) {
      const { head, state } = published()
      const rows = await reader.checkpoints(Math.min(before ?? Infinity, head.size + 1), limit)
      const verifier = createVerifier(identity.vkey, verifyEd25519)
      const found = await Promise.all(rows.map(async ({ size, recorded, note }): Promise<SignedHead | undefined> => {
        if (note !== null) return { size, recorded, root: openCheckpoint(note, verifier).root, checkpoint: note }
        // Its process ended before it could keep the note. Only what the tree itself says is signed again.
        if (!signer) return undefined
        const root = await tiles.rootAt(size, state.edge)
        return { size, recorded, root, checkpoint: signer.sign(size, root) }
      }))
      return found.filter(checkpoint => checkpoint !== undefined)
    },
    close: () => writer.close(),
  }
}

interface WriterOptions extends Pick<LogOptions, 'observer' | 'clock'> {
  client: Client
  tiles: StoredTiles
  remembered: RememberedHead
}

/** A sequencer, unless something about this log must be looked at by an operator first. */
async function openWriter(
  { client, tiles, remembered, observer, clock }: WriterOptions, { identity, signer, problem }: Established,
) {
  const readOnly = async (reason: string) => createReadOnly(reason, await lastPublished(client, tiles, identity, signer))
  if (!signer) return readOnly(problem!)
  try {
    const state = await readCheckedEnd(client, tiles, signer, remembered)
    return createSequencer({ client, signer, remembered, tiles, state, observer, clock })
  } catch (error) {
    if (!(error instanceof DamagedLog)) throw error
    return readOnly(error.message)
  }
}
