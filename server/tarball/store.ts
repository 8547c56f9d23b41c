import { open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { RegistryError } from '../errors.ts'
import { streamOf } from './byte-stream.ts'
import { partialBytes, verifiedBytes } from './content-bytes.ts'
import { addAliases, aliasTarget, contentPath, eraseContent, listContents, missing, writeContent, type Content } from './content.ts'
import { parseIntegrity } from './integrity.ts'
import type { ByteRange } from './range.ts'

/** How exactly the last use of a content survives a restart: its file's time is written at most this often. */
const TOUCH_INTERVAL = 60 * 60 * 1000

export interface TarballStoreOptions {
  /** A directory of the store's own. */
  dir: string
  /** Bound of the contents in bytes; the least recently used go first. */
  maxBytes: number
  /** Told when stored bytes no longer match their digest; they are already removed. */
  onCorrupt?: (integrity: string) => void
  /** Told what went wrong in the background. Without it, a process warning. */
  onError?: (error: Error) => void
}

export interface Stored {
  /** Bytes. */
  size: number
  /** The `sha512-…`, also when it was asked for by another digest. */
  integrity: string
}

/** A content-addressed store: what is found under a digest has that digest, or the stream fails before its last bytes. */
export interface TarballStore {
  /** Known contents are answered from memory. */
  find(integrity: string): Promise<Stored | undefined>
  /** Where a content's file is, for those who read it elsewhere: it may be removed, or damaged, by the time they do. */
  locate(integrity: string): Promise<{ path: string, integrity: string } | undefined>
  /**
   * The content, or a part of it. Whole contents are verified while they stream: on a mismatch the content is removed
   * and the stream fails with `INTEGRITY`. `undefined` where nothing (any more) is stored, so the caller fetches it.
   */
  open(integrity: string, range?: ByteRange): Promise<Readable | undefined>
  /**
   * Stores a content that has the sha512 `integrity`, findable under `aliases` too. It is visible all at once, or, when
   * this rejects, not at all. A content larger than the whole store is not kept.
   */
  put(content: () => Readable | undefined, stored: Stored, aliases?: readonly string[]): Promise<void>
  /** Grows while the scan of an existing directory runs behind the start. */
  stats(): { count: number, bytes: number }
  /** Resolves when what an earlier process stored is counted. */
  readonly scanned: Promise<void>
  /** Ends the work in the background. */
  close(): Promise<void>
}

interface Entry {
  size: number
  /** When the file's time was last written. */
  touchedAt: number
  /** The weaker digests it was found by. */
  aliases?: Set<string>
}

export function createTarballStore(options: TarballStoreOptions): TarballStore {
  const { dir, maxBytes } = options
  const report = options.onError ?? (error => process.emitWarning(error))
  /** In order of use, the least recent first. */
  let entries = new Map<string, Entry>()
  const aliases = new Map<string, string>()
  const removals = new Map<string, Promise<void>>()
  let bytes = 0
  let closing = false
  let scanning = true
  let eviction: Promise<void> | undefined

  // Half-written contents of a process that was killed: invisible, but they take space.
  const cleaned = rm(join(dir, 'tmp'), { recursive: true, force: true }).catch(report)
  const scanned = scan().catch(report).then(() => {
    scanning = false
    evict()
  })

  async function scan() {
    const found: Content[] = []
    for await (const content of listContents(dir)) {
      if (closing) return
      found.push(content)
    }
    found.sort((a, b) => a.usedAt - b.usedAt)
    // What was used since the start is more recent than anything the scan found.
    const live = entries
    entries = new Map()
    bytes = 0
    for (const { integrity, size, usedAt } of found) {
      if (!live.has(integrity) && !removals.has(integrity)) add(integrity, { size, touchedAt: usedAt })
    }
    for (const [integrity, entry] of live) add(integrity, entry)
  }

  function add(integrity: string, entry: Entry) {
    entries.set(integrity, entry)
    bytes += entry.size
  }

  /** Takes a content into account that is on disk. */
  function adopt(integrity: string, size: number, touchedAt: number, alias?: string): Stored {
    let entry = entries.get(integrity)
    if (!entry) {
      entry = { size, touchedAt }
      add(integrity, entry)
      evict()
    }
    if (alias !== undefined) {
      entry.aliases = (entry.aliases ?? new Set()).add(alias)
      aliases.set(alias, integrity)
    }
    return { size: entry.size, integrity }
  }

  async function find(integrity: string): Promise<Stored | undefined> {
    const asked = parseIntegrity(integrity)
    const known = aliases.get(asked.text) ?? asked.text
    const entry = entries.get(known)
    if (entry) return { size: entry.size, integrity: known }
    // Not seen yet by the scan, or stored by another process, or an alias that is only in the index. A miss costs a
    // download, so one look at the disk before it is nothing.
    const target = asked.algorithm === 'sha512' ? asked.text : await aliasTarget(dir, asked.text)
    if (!target || removals.has(target)) return undefined
    const file = await stat(contentPath(dir, parseIntegrity(target))).catch(missing)
    if (!file || removals.has(target)) return undefined
    return adopt(target, file.size, file.mtimeMs, asked.text === target ? undefined : asked.text)
  }

  async function openContent(integrity: string, range?: ByteRange): Promise<Readable | undefined> {
    const found = await find(integrity)
    const entry = found && entries.get(found.integrity)
    if (!entry) return undefined
    const key = found.integrity
    const wanted = parseIntegrity(key)
    const file = await open(contentPath(dir, wanted), 'r').catch(missing)
    if (!file) {
      // Somebody else removed it; the caller fetches it again.
      if (entries.get(key) === entry) await remove(key)
      return undefined
    }
    used(key, entry)
    if (Date.now() - entry.touchedAt > TOUCH_INTERVAL) {
      entry.touchedAt = Date.now()
      file.utimes(new Date(), new Date()).catch(report)
    }
    if (range && (range.start > 0 || range.end < entry.size - 1)) {
      return streamOf(partialBytes(file, range.start, Math.min(range.end, entry.size - 1)))
    }

    let corrupt = false
    const source = verifiedBytes(file, entry.size, wanted, async () => {
      corrupt = true
      // Only the content that was read: it may have been replaced by a good one since.
      if (entries.get(key) === entry) await remove(key)
      options.onCorrupt?.(key)
      return new RegistryError(
        'INTEGRITY',
        `The stored bytes of ${key} were damaged on this server's disk and have been removed; ask again and they are fetched anew.`,
      )
    })
    // The first chunk now: a small content, as most are, is then verified before anything is answered.
    let first: Promise<Uint8Array | undefined> | undefined = source.next()
    try {
      await first
    } catch (error) {
      await source.close()
      if (corrupt) return undefined
      throw error
    }
    return streamOf({
      next() {
        const chunk = first ?? source.next()
        first = undefined
        return chunk
      },
      close: source.close,
    })
  }

  /** Moves an entry to the recent end, unless it was removed meanwhile. */
  function used(integrity: string, entry: Entry) {
    if (entries.get(integrity) !== entry) return
    entries.delete(integrity)
    entries.set(integrity, entry)
  }

  async function put(content: () => Readable | undefined, { size, integrity }: Stored, also: readonly string[] = []) {
    if (size > maxBytes) return
    await cleaned
    await removals.get(integrity)
    if (!entries.has(integrity)) await writeContent(dir, content(), { size, integrity })
    if (also.length > 0) await addAliases(dir, { size, integrity }, also)
    adopt(integrity, size, Date.now())
    for (const alias of also) adopt(integrity, size, Date.now(), alias)
  }

  /** Forgets a content at once and removes it behind; a failure is reported, not thrown. */
  function remove(integrity: string): Promise<void> {
    const entry = entries.get(integrity)
    if (entry) bytes -= entry.size
    entries.delete(integrity)
    for (const alias of entry?.aliases ?? []) aliases.delete(alias)
    const removal = eraseContent(dir, integrity).catch(report).finally(() => removals.delete(integrity))
    removals.set(integrity, removal)
    return removal
  }

  function evict() {
    // Before the scan has ended, the least recently used content is not known.
    if (scanning || closing || eviction || bytes <= maxBytes) return
    eviction = (async () => {
      for (const integrity of entries.keys()) {
        if (bytes <= maxBytes || closing) break
        await remove(integrity)
      }
    })().finally(() => {
      eviction = undefined
      evict()
    })
  }

  return {
    find,
    async locate(integrity) {
      const found = await find(integrity)
      return found && { path: contentPath(dir, parseIntegrity(found.integrity)), integrity: found.integrity }
    },
    open: openContent,
    put,
    stats: () => ({ count: entries.size, bytes }),
    scanned,
    async close() {
      closing = true
      await Promise.all([cleaned, scanned, eviction])
      await Promise.all(removals.values())
    },
  }
}
