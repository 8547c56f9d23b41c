import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { readChunk, type ByteSource } from './byte-stream.ts'
import type { Integrity } from './integrity.ts'

/**
 * The bytes of a content file, hashed on the way. The last chunk is held back until the digest is verified, so a reader
 * of a damaged file gets an error and never the right number of wrong bytes.
 */
export function verifiedBytes(file: FileHandle, size: number, wanted: Integrity, mismatch: () => Promise<Error>): ByteSource {
  const hash = createHash(wanted.algorithm)
  let position = 0
  let held: Buffer | undefined
  let finished = false
  return {
    async next() {
      if (finished) return undefined
      while (position < size) {
        const chunk = await readChunk(file, position, size)
        if (chunk.length === 0) break
        hash.update(chunk)
        position += chunk.length
        const ready = held
        held = chunk
        if (ready) return ready
      }
      finished = true
      if (hash.digest('base64') !== wanted.digest) throw await mismatch()
      return held
    },
    close: () => file.close(),
  }
}

/** The bytes `start` to `end` (included) of a content file: a part cannot be verified. */
export function partialBytes(file: FileHandle, start: number, end: number): ByteSource {
  let position = start
  return {
    async next() {
      if (position > end) return undefined
      const chunk = await readChunk(file, position, end + 1)
      if (chunk.length === 0) throw new Error('A stored tarball is shorter than it was when it was stored.')
      position += chunk.length
      return chunk
    },
    close: () => file.close(),
  }
}
