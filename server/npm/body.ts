import { RegistryError } from '../errors.ts'
import { readRequestBody, type HttpRequest } from '../http/index.ts'

/**
 * Reads a client's JSON body, gzipped or not, bounded on the wire and decompressed.
 * @throws RegistryError `BODY_TOO_LARGE`, `BAD_REQUEST`
 */
export async function readJsonBody(request: HttpRequest, maxSize: number): Promise<unknown> {
  const bytes = await readRequestBody(request, maxSize)
  try {
    return JSON.parse(bytes.toString())
  } catch (cause) {
    throw new RegistryError('BAD_REQUEST', 'The request body is not JSON.', { cause })
  }
}
