import { createHash } from 'node:crypto'
import { opendir, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { readChunk, type ByteSource } from './byte-stream.ts'
import type { Integrity } from './integrity.ts'

/** A content file of the store: its `sha512-…`, size in bytes, and when it was last used (its modification time). */
export interface Content {
  integrity: string
  size: number
  usedAt: number
}

/** Where cacache keeps a content: by digest, in two levels of folders. Asking its index would cost a read each time. */
export function contentPath(dir: string, { algorithm, digest }: Integrity): string {
  const hex = Buffer.from(digest, 'base64').toString('hex')
  return join(dir, 'content-v2', algorithm, hex.slice(0, 2), hex.slice(2, 4), hex.slice(4))
}

/** Every content on disk, one file at a time: a scan is never in a hurry, requests are. */
export async function* listContents(dir: string): AsyncGenerator<Content> {
  const root = join(dir, 'content-v2', 'sha512')
  for await (const first of namesIn(root, /^[0-9a-f]{2}$/)) {
    for await (const second of namesIn(join(root, first), /^[0-9a-f]{2}$/)) {
      const folder = join(root, first, second)
      for await (const rest of namesIn(folder, /^[0-9a-f]{124}$/)) {
        const file = await stat(join(folder, rest)).catch(missing)
        if (!file?.isFile()) continue
        const digest = Buffer.from(first + second + rest, 'hex').toString('base64')
        yield { integrity: `sha512-${digest}`, size: file.size, usedAt: file.mtimeMs }
      }
    }
  }
}

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

/** For `catch`: a file that is not there is no failure. */
export function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
  return undefined
}

async function* namesIn(folder: string, pattern: RegExp): AsyncGenerator<string> {
  const entries = await opendir(folder).catch(missing)
  if (!entries) return
  for await (const { name } of entries) {
    if (pattern.test(name)) yield name
  }
}
