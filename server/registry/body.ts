import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import type { RegistryConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import { asFailure, label, type UpstreamResponse } from './request.ts'

const DECODERS = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
])

/**
 * Reads a whole response into memory, decompressed. Both the bytes on the wire and the decompressed bytes are
 * bounded by `maxSize` (bytes), so neither an endless body nor a compression bomb can fill the memory.
 * @throws RegistryError `UPSTREAM_TOO_LARGE`, `UPSTREAM_INVALID` (cut short, broken compression), `UPSTREAM_UNAVAILABLE`
 */
export async function readBody(
  response: UpstreamResponse, registry: RegistryConfig, maxSize: number, signal?: AbortSignal,
): Promise<Buffer> {
  return decompress(await readPackedBody(response, registry, maxSize, signal), response.headers['content-encoding'], registry, maxSize)
}

/**
 * Reads a whole response into memory as it was sent, compressed or not. At most `maxSize` bytes.
 * @throws RegistryError `UPSTREAM_TOO_LARGE`, `UPSTREAM_UNAVAILABLE` (cut short)
 */
export async function readPackedBody(
  response: UpstreamResponse, registry: RegistryConfig, maxSize: number, signal?: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response.body) {
      size += chunk.length
      if (size > maxSize) throw tooLarge(registry, maxSize)
      chunks.push(chunk)
    }
  } catch (error) {
    response.body.destroy()
    throw asFailure(error, registry, signal)
  }
  return Buffer.concat(chunks, size)
}

async function decompress(
  bytes: Buffer, encoding: string | string[] | undefined, registry: RegistryConfig, maxSize: number,
): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity' || bytes.length === 0) return bytes
  const decode = DECODERS.get(String(encoding).toLowerCase())
  if (!decode) throw invalid(registry, `a content-encoding nobody asked for (${String(encoding).slice(0, 40)})`)
  try {
    return await decode(bytes, { maxOutputLength: maxSize })
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(registry, maxSize)
    throw invalid(registry, 'a body whose compression is broken or cut short', error)
  }
}

function tooLarge(registry: RegistryConfig, maxSize: number): RegistryError {
  return new RegistryError('UPSTREAM_TOO_LARGE', `Registry ${label(registry)} answered with more than ${maxSize} bytes, the limit for such a document.`)
}

function invalid(registry: RegistryConfig, what: string, cause?: unknown): RegistryError {
  return new RegistryError('UPSTREAM_INVALID', `Registry ${label(registry)} answered with ${what}.`, { cause })
}
