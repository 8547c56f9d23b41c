import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'

export type Encoding = 'identity' | 'gzip' | 'br' | 'zstd'

/** What we can write, best first: zstd is the fastest to read and write, brotli the smallest that every runtime has. */
export const ENCODINGS: readonly Encoding[] = ['zstdCompress' in zlib ? 'zstd' : undefined, 'br', 'gzip', 'identity']
  .filter(encoding => encoding !== undefined) as Encoding[]

const inThreads = { gzip: promisify(zlib.gzip), br: promisify(zlib.brotliCompress), zstd: promisify(zlib.zstdCompress) }

/**
 * Compressed once and sent often, but somebody waits the first time: levels that stay under 100 ms a megabyte. Gzip 3 takes
 * little more than half the time of 6, for 4 % more bytes.
 */
const GZIP = { level: 3 }
const BROTLI_QUALITY = 5
/** Up to this size (bytes), handing work to another thread costs more than the work. */
const ON_THE_SPOT = 64 * 1024

/** Compresses ready bytes. @returns the bytes, and the SHA-256 (base64url) of what they decompress to */
export async function compress(bytes: Buffer, encoding: Encoding): Promise<{ body: Buffer, digest: string }> {
  const digest = createHash('sha256').update(bytes).digest('base64url')
  return { body: await encode(bytes, encoding), digest }
}

function encode(bytes: Buffer, encoding: Encoding): Promise<Buffer> | Buffer {
  const here = bytes.length <= ON_THE_SPOT
  switch (encoding) {
    case 'identity': return bytes
    case 'gzip': return here ? zlib.gzipSync(bytes, GZIP) : inThreads.gzip(bytes, GZIP)
    case 'br': {
      const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants
      const options = { params: { [BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [BROTLI_PARAM_SIZE_HINT]: bytes.length } }
      return here ? zlib.brotliCompressSync(bytes, options) : inThreads.br(bytes, options)
    }
    case 'zstd': return here ? zlib.zstdCompressSync(bytes) : inThreads.zstd(bytes)
  }
}
