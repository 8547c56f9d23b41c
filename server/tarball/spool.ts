import { open, rm, type FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { RegistryError } from '../errors.ts'
import { CHUNK, readChunk, streamOf } from './byte-stream.ts'

/** Up to this size there is no file: most tarballs come and go without one. */
const IN_MEMORY = 256 * 1024

/**
 * A temporary file that one writer fills at its own speed while any number of readers follow at theirs.
 * Readers see only what was released; nothing is kept in memory for them but the chunk each has in hand, and small contents.
 *
 * All readers share one file descriptor, which lives as long as the writer or a reader does, so the name can
 * go as soon as the writer is done.
 */
export interface Spool {
  /** Bytes appended so far. */
  readonly written: number
  /** Whether any reader has begun to take bytes: what was written then stands. */
  readonly touched: boolean
  append(chunk: Uint8Array): Promise<void>
  /** Lets readers have the first `length` bytes. */
  release(length: number): void
  /** Forgets everything written. Only while untouched. */
  restart(): Promise<void>
  /** Releases everything: readers end after the last byte. */
  end(): void
  /** Destroys every reader, present and future, with this error. */
  fail(error: Error): void
  /** A new reader from byte 0; `undefined` once the file is closed. */
  follow(): Readable | undefined
  /** The writer is done. Removes the name; the descriptor follows when the last reader has gone. */
  close(): Promise<void>
}

/** @param path a name that does not exist yet; the file is created when the content is too large for memory */
export function createSpool(path: string): Spool {
  let file: FileHandle | undefined
  /** What was written as long as there is no file. */
  let parts: Uint8Array[] = []
  let users = 1
  let written = 0
  let released = 0
  let ended = false
  let touched = false
  let failure: Error | undefined
  let changed = Promise.withResolvers<undefined>()
  const readers = new Set<Readable>()

  function wake() {
    changed.resolve(undefined)
    changed = Promise.withResolvers()
  }

  async function leave() {
    users -= 1
    if (users > 0) return
    parts = []
    await file?.close()
  }

  async function write(chunk: Uint8Array, file: FileHandle, position: number) {
    let offset = 0
    while (offset < chunk.length) {
      const { bytesWritten } = await file.write(chunk, offset, chunk.length - offset, position + offset)
      offset += bytesWritten
    }
  }

  async function read(position: number, end: number): Promise<Uint8Array> {
    if (file) return readChunk(file, position, end)
    if (parts.length > 1) parts = [Buffer.concat(parts)]
    return parts[0]!.subarray(position, Math.min(position + CHUNK, end))
  }

  function follow(): Readable | undefined {
    if (users === 0) return undefined
    users += 1
    let position = 0
    const reader = streamOf({
      async next() {
        while (position >= released && !ended && !failure) await changed.promise
        if (failure) throw failure
        if (position >= released || reader.destroyed) return undefined
        // Before the read, not after it: a restart must never change bytes that are on their way.
        touched = true
        const chunk = await read(position, released)
        if (chunk.length === 0) throw new RegistryError('INTERNAL', 'A temporary file of this server was cut while it was read; ask again.')
        position += chunk.length
        return chunk
      },
      close() {
        readers.delete(reader)
        return leave()
      },
    })
    readers.add(reader)
    return reader
  }

  return {
    get written() {
      return written
    },
    get touched() {
      return touched
    },
    async append(chunk) {
      if (!file && written + chunk.length <= IN_MEMORY) {
        parts.push(chunk)
      } else {
        file ??= await open(path, 'wx+', 0o600)
        if (parts.length > 0) await write(Buffer.concat(parts), file, 0)
        parts = []
        await write(chunk, file, written)
      }
      written += chunk.length
    },
    release(length) {
      released = length
      wake()
    },
    async restart() {
      written = 0
      released = 0
      parts = []
      await file?.truncate(0)
    },
    end() {
      released = written
      ended = true
      wake()
    },
    fail(error) {
      failure = error
      for (const reader of readers) reader.destroy(error)
      wake()
    },
    follow,
    async close() {
      await Promise.all([file && rm(path, { force: true }), leave()])
    },
  }
}
