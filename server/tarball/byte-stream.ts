import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'

/** How much is read from a file at once, and so what one slow client keeps in memory. */
export const CHUNK = 64 * 1024

/** Where a stream gets its bytes: one call of `next` at a time, `undefined` at the end; `close` exactly once. */
export interface ByteSource {
  next(): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

/** A stream that asks its source for a chunk only when its consumer wants one. */
export function streamOf(source: ByteSource): Readable {
  const stream = new Readable({
    highWaterMark: CHUNK,
    read() {
      source.next().then(
        (chunk) => {
          if (!stream.destroyed) stream.push(chunk ?? null)
        },
        (error: Error) => stream.destroy(error),
      )
    },
    destroy(error, done) {
      source.close().then(() => done(error), (closing: Error) => done(error ?? closing))
    },
  })
  return tolerant(stream)
}

/**
 * Keeps a failure between a stream's creation and its first consumer from ending the process. It is not lost:
 * `pipeline`, `finished` and iteration report the error of a stream that is already destroyed.
 */
export function tolerant<T extends Readable>(stream: T): T {
  return stream.on('error', () => {})
}

/** Reads up to `CHUNK` bytes of `[position, end)`; an empty buffer where the file ends early. */
export async function readChunk(file: FileHandle, position: number, end: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, end - position))
  const { bytesRead } = await file.read(buffer, 0, buffer.length, position)
  return buffer.subarray(0, bytesRead)
}
