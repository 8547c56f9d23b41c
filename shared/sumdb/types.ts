import type { VersionRecord } from '../record/index.ts'
import type { Checkpoint, Hash } from '../tlog/index.ts'

/**
 * Reads one path below the log's prefix, such as `tile/0/000`. The size of an answer and the time it takes are the reader's to
 * bound: see `createHttpRead`.
 *
 * @throws ReadError if there is no answer, or it is an error
 */
export type Read = (path: string) => Promise<Uint8Array>

/** Tiles by their path. They are verified before they are put in, and again when they are used. */
export interface TileCache {
  get(path: string): Promise<Uint8Array | undefined> | Uint8Array | undefined
  set(path: string, bytes: Uint8Array): Promise<unknown> | unknown
}

/**
 * The largest checkpoint ever seen of one log. It is what a rollback or fork is seen by, so it must not be lost with a cache.
 */
export interface HeadStore {
  /** The signed note; undefined if none was seen yet. */
  read(): Promise<string | undefined>
  /** Puts `next` in the place of `expected`. False, and nothing happens, if something else stands there by now. */
  replace(expected: string | undefined, next: string): Promise<boolean>
}

/** A checkpoint that the log signed, and the note that it came in. */
export type Head = Checkpoint & { note: string }

/** A version's record, proven to be in the log. */
export interface Lookup {
  index: number
  record: VersionRecord
  /** The record's text: the leaf. */
  text: string
  /** The tree that it is in, consistent with every tree that was seen before. */
  head: Head
}

/** Neighbouring entries, proven to be in the log. */
export interface EntryRun {
  /** Index of the first. */
  from: number
  entries: Uint8Array[]
  /** Their leaf hashes. */
  leaves: Hash[]
}
