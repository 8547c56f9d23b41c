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
  /** So many bytes from the beginning are in readers' hands, or on their way: they stand. */
  readonly taken: number
  append(chunk: Uint8Array): Promise<void>
  /** Lets readers have the first `length` bytes. */
  release(length: number): void
  /** Whether these bytes were written at this position. */
  holds(position: number, bytes: Uint8Array): Promise<boolean>
  /** Everything that was written, unless that is more than `most` bytes. */
  contents(most: number): Promise<Buffer | undefined>
  /** Forgets what was written, but for what is taken. */
  rewind(): Promise<void>
  /** Destroys every present reader with this error, and keeps the first `length` bytes, which nobody has taken then. */
  abandon(error: Error, length: number): Promise<void>
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
  let taken = 0
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

  async function cut(length: number) {
    written = length
    released = Math.min(taken, length)
    // What readers took is in the file: before that, there is nothing for them.
    parts = []
    await file?.truncate(length)
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
        // Before the read, not after it: bytes that are on their way must never change.
        taken = Math.max(taken, Math.min(position + CHUNK, released))
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
    get taken() {
      return taken
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
      released = Math.max(released, length)
      wake()
    },
    async holds(position, bytes) {
      for (let offset = 0; offset < bytes.length;) {
        const chunk = await read(position + offset, position + bytes.length)
        if (chunk.length === 0 || Buffer.compare(chunk, bytes.subarray(offset, offset + chunk.length)) !== 0) return false
        offset += chunk.length
      }
      return true
    },
    async contents(most) {
      if (written > most) return undefined
      const chunks: Uint8Array[] = []
      for (let position = 0; position < written;) {
        const chunk = await read(position, written)
        if (chunk.length === 0) return undefined
        chunks.push(chunk)
        position += chunk.length
      }
      return Buffer.concat(chunks)
    },
    rewind: () => cut(taken),
    async abandon(error, length) {
      taken = 0
      for (const reader of readers) reader.destroy(error)
      await cut(length)
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
