import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { RegistryError } from '../errors.ts'
import type { NpmRequest } from './types.ts'

const decompress = promisify(gunzip)

/**
 * Reads a client's JSON body, gzipped or not, bounded on the wire and decompressed.
 * @throws RegistryError `BODY_TOO_LARGE`, `BAD_REQUEST`
 */
export async function readJsonBody(request: NpmRequest, maxSize: number): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body) {
    size += chunk.length
    if (size > maxSize) throw tooLarge(maxSize)
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks, size)
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new RegistryError('BAD_REQUEST', 'The request body must be plain or gzipped JSON.')
  }
  try {
    return JSON.parse((encoding === 'gzip' ? await decompress(bytes, { maxOutputLength: maxSize }) : bytes).toString())
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxSize)
    throw new RegistryError('BAD_REQUEST', 'The request body is not JSON, or its compression is broken.', { cause: error })
  }
}

function tooLarge(maxSize: number): RegistryError {
  return new RegistryError('BODY_TOO_LARGE', `The request body is larger than ${maxSize} bytes.`)
}
