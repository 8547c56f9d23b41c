import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'

export type Encoding = 'identity' | 'gzip' | 'br' | 'zstd'

/** What we can write, best first: zstd is the fastest to read and write, brotli the smallest that every runtime has. */
export const ENCODINGS: readonly Encoding[] = ['zstdCompress' in zlib ? 'zstd' : undefined, 'br', 'gzip', 'identity']
  .filter(encoding => encoding !== undefined) as Encoding[]

const gzip = promisify(zlib.gzip)
const brotli = promisify(zlib.brotliCompress)

/** Compressed once and sent often, but somebody waits for the first time: levels that stay under 100 ms a megabyte. */
const GZIP_LEVEL = 6
const BROTLI_QUALITY = 5

/** Compresses ready bytes. @returns the bytes, and the SHA-256 (base64url) of what they decompress to */
export async function compress(bytes: Buffer, encoding: Encoding): Promise<{ body: Buffer, digest: string }> {
  const digest = createHash('sha256').update(bytes).digest('base64url')
  return { body: await encode(bytes, encoding), digest }
}

async function encode(bytes: Buffer, encoding: Encoding): Promise<Buffer> {
  switch (encoding) {
    case 'identity': return bytes
    case 'gzip': return gzip(bytes, { level: GZIP_LEVEL })
    case 'br': return brotli(bytes, {
      params: { [zlib.constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    })
    case 'zstd': return promisify(zlib.zstdCompress)(bytes)
  }
}
