import { RegistryError } from '../../errors.ts'
import { readBody } from '../body.ts'
import { label, type Upstream } from '../request.ts'
import { parseKeyDocument } from './document.ts'
import type { SigningKey } from './types.ts'

/** What a registry says when it is asked for its keys. */
export type KeysAnswer
  = | { state: 'keys', keys: readonly SigningKey[], unusable: readonly string[] }
  /** `odd`: why this may not be what the registry wanted to say. */
    | { state: 'none', odd?: string }

/** Bytes. */
const MAX_DOCUMENT = 256 * 1024
/** How registries say that they have no keys, those included that let nobody ask. */
const NOT_OFFERED = new Set([400, 401, 403, 404, 405, 410, 501])
/** Refusals that pass. */
const PASSING = new Set([408, 425, 429])

/**
 * Reads a registry's `-/npm/v1/keys`.
 * @param timeout milliseconds for all of it
 * @throws RegistryError `UPSTREAM_UNAVAILABLE` if it does not answer
 */
export async function askForKeys(upstream: Upstream, timeout: number): Promise<KeysAnswer> {
  const signal = AbortSignal.timeout(timeout)
  try {
    const headers = { 'accept': 'application/json', 'accept-encoding': 'gzip' }
    const response = await upstream.request({ url: '-/npm/v1/keys', headers, signal })
    const { status } = response
    if (status !== 200) {
      await response.body.dump()
      return withoutKeys(status)
    }
    return read(await readBody(response, upstream.registry, MAX_DOCUMENT, signal))
  } catch (cause) {
    if (cause instanceof RegistryError && cause.code === 'UPSTREAM_TOO_LARGE') return { state: 'none', odd: cause.message }
    throw unavailable(upstream, cause)
  }
}

function withoutKeys(status: number): KeysAnswer {
  if (NOT_OFFERED.has(status)) return { state: 'none' }
  if (status >= 500 || PASSING.has(status)) throw new Error(`status ${status}`)
  return { state: 'none', odd: `It answered its keys with status ${status}.` }
}

function read(bytes: Uint8Array): KeysAnswer {
  const document = parseKeyDocument(bytes)
  if (!document) return { state: 'none', odd: 'It answered its keys with something that is no list of keys.' }
  const { keys, unusable } = document
  if (keys.length > 0) return { state: 'keys', keys, unusable }
  return unusable.length > 0 ? { state: 'none', odd: `None of its keys can be used: ${unusable.slice(0, 5).join('; ')}.` } : { state: 'none' }
}

function unavailable({ registry }: Upstream, cause: unknown): RegistryError {
  const known = cause instanceof RegistryError && cause.code === 'UPSTREAM_UNAVAILABLE'
  const sentence = known
    ? cause.message
    : `Registry ${label(registry)} did not answer its signing keys (${cause instanceof Error ? cause.message : String(cause)}); try again in a moment.`
  return new RegistryError('UPSTREAM_UNAVAILABLE', sentence, { cause, retryAfter: 5 })
}
