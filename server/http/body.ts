import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { RegistryError } from '../errors.ts'
import type { HttpRequest } from './types.ts'

const decompress = promisify(gunzip)

/** Bytes beyond the limit that are read and dropped: most clients hear a refusal only when they have sent all they have. */
const MOST_DROPPED = 64 * 1024 * 1024

/**
 * Reads a client's body, gzipped or not, at most `maxSize` bytes on the wire and decompressed.
 * @throws RegistryError `BODY_TOO_LARGE`, `BAD_REQUEST`
 */
export async function readRequestBody(request: Pick<HttpRequest, 'headers' | 'body'>, maxSize: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  // Not `for await`: to leave it early destroys the request, and with it the connection that the refusal needs.
  const reader = request.body[Symbol.asyncIterator]()
  for (let step = await reader.next(); !step.done && size <= maxSize + MOST_DROPPED; step = await reader.next()) {
    size += step.value.length
    if (size <= maxSize) chunks.push(step.value)
    else chunks.length = 0
  }
  if (size > maxSize) throw tooLarge(maxSize)
  const bytes = Buffer.concat(chunks, size)
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return bytes
  if (encoding !== 'gzip') throw new RegistryError('BAD_REQUEST', 'The request body must be plain or gzipped.')
  try {
    return await decompress(bytes, { maxOutputLength: maxSize })
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxSize)
    throw new RegistryError('BAD_REQUEST', 'The request body\'s compression is broken.', { cause })
  }
}

/**
 * As {@link readRequestBody}, for JSON.
 * @throws RegistryError `BODY_TOO_LARGE`, `BAD_REQUEST`
 */
export async function readJsonBody(request: Pick<HttpRequest, 'headers' | 'body'>, maxSize: number): Promise<unknown> {
  const bytes = await readRequestBody(request, maxSize)
  try {
    return JSON.parse(bytes.toString())
  } catch (cause) {
    throw new RegistryError('BAD_REQUEST', 'The request body is not JSON.', { cause })
  }
}

function tooLarge(maxSize: number): RegistryError {
  return new RegistryError('BODY_TOO_LARGE', `The request body is larger than ${maxSize} bytes.`)
}
