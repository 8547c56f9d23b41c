import { LRUCache } from 'lru-cache'
import { formatPurl } from '../record/index.ts'
import {
  checkInclusion, formatTlogProof, leafHash, proveInclusion, TlogError, type NoteVerifier,
} from '../tlog/index.ts'
import { readEntries } from './entries.ts'
import { LogError } from './errors.ts'
import { createHeads } from './heads.ts'
import { lookupPath, parseLookup } from './lookup.ts'
import { createTiles } from './tiles.ts'
import type { EntryRun, Head, HeadStore, Lookup, Read, TileCache } from './types.ts'

/** Tiles of up to 8 kB each. */
const TILES_IN_MEMORY = 1_024

export interface LogClientOptions {
  read: Read
  /** The log's key. */
  verifier: NoteVerifier
  /** By default what was seen is forgotten with the client. */
  heads?: HeadStore
  /** By default 8 MB in memory. */
  cache?: TileCache
}

/**
 * Somebody who uses a log without believing it: every answer is proven by what the log signed, and every signed tree must have
 * grown out of the one that was seen before.
 *
 * Everything throws LogError for a lie, ReadError if there is no answer, and StateError if what is remembered is damaged.
 */
export interface LogClient {
  /** The log's current tree, which is remembered. Never smaller than one that was seen before. */
  checkpoint(): Promise<Head>
  /** The largest tree that was seen, by this client or before it. Nothing is asked for. */
  seen(): Promise<Head | undefined>
  /**
   * A version's record.
   *
   * @param namespaces authorities whose package it may be, by default only the log's default one (undefined): packages of one
   * name are different packages
   * @throws RecordError `BAD_SUBJECT`
   */
  lookup(name: string, version: string, namespaces?: readonly (string | undefined)[]): Promise<Lookup>
  /** Entries [from, to) of the largest tree that was seen. @throws TlogError `OUT_OF_RANGE` */
  entries(from: number, to: number): AsyncGenerator<EntryRun, void, undefined>
  /** `c2sp.org/tlog-proof@v1` of an entry in the largest tree that was seen. @throws TlogError `OUT_OF_RANGE` */
  prove(index: number): Promise<string>
}

export function createLogClient({ read, verifier, ...kept }: LogClientOptions): LogClient {
  const tiles = createTiles(read, kept.cache ?? createMemoryTiles())
  const heads = createHeads(verifier, kept.heads ?? createMemoryHeads(), tiles)

  async function latest(): Promise<Head> {
    const head = await heads.latest()
    if (!head) throw new TlogError('OUT_OF_RANGE', 'No tree of this log was seen yet.')
    return head
  }

  return {
    seen: heads.latest,

    async checkpoint() {
      return heads.meet(heads.open(textOf(await read('checkpoint'), 'checkpoint')), false)
    },

    async lookup(name, version, namespaces = [undefined]) {
      const path = lookupPath(name, version)
      const { index, record, text, note } = parseLookup(textOf(await read(path), path), name, version, namespaces)
      const tree = heads.open(note)
      if (index >= tree.size) {
        throw new LogError('BAD_LOOKUP', `The record of ${formatPurl(record.subject)} is said to have index ${index}, beyond the tree of size ${tree.size} that came with it.`, {
          evidence: { checkpoints: [note] },
        })
      }
      // Answers may be a minute old. What is in a tree is also in every larger one.
      const head = await heads.meet(tree, true)
      const hashes = await proveInclusion(index, head.size, tiles(head))
      try {
        checkInclusion({ index, size: head.size, hashes, leaf: leafHash(new TextEncoder().encode(text)), root: head.root })
      } catch (cause) {
        if (!(cause instanceof TlogError)) throw cause
        throw new LogError('BAD_LOOKUP', `The record that was shown for ${formatPurl(record.subject)} is not entry ${index} of the log.`, {
          cause, evidence: { checkpoints: [head.note] },
        })
      }
      return { index, record, text, head }
    },

    async* entries(from, to) {
      const head = await latest()
      yield* readEntries(from, to, head, tiles(head), read)
    },

    async prove(index) {
      const head = await latest()
      return formatTlogProof({ index, hashes: await proveInclusion(index, head.size, tiles(head)), checkpoint: head.note })
    },
  }
}

function createMemoryHeads(): HeadStore {
  let note: string | undefined
  return {
    read: async () => note,
    async replace(expected, next) {
      if (note !== expected) return false
      note = next
      return true
    },
  }
}

function createMemoryTiles(): TileCache {
  return new LRUCache<string, Uint8Array>({ max: TILES_IN_MEMORY })
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    // A byte order mark is a character like any other: what was signed is bytes.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new LogError('MALFORMED', `The log's answer for ${path} is not UTF-8 text.`, { cause })
  }
}
