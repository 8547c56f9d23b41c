import type { LimitsConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import { label, readBody, readPackedBody, type Upstream } from '../registry/index.ts'

/** What an upstream's document can be revalidated with. */
export interface Validators {
  etag?: string
  lastModified?: string
}

export type FetchedPackument
  /** The document as it was sent: gzipped, or plain. */
  = | { state: 'found', packed: Buffer, validators: Validators }
    | { state: 'unchanged' }
    | { state: 'missing' }

const REFUSALS = new Set([401, 402, 403, 451])

/**
 * Asks an authority for a package's full document. The whole exchange, retries included, has one deadline.
 * @throws RegistryError `UPSTREAM_UNAVAILABLE`, `UPSTREAM_INVALID`, `UPSTREAM_TOO_LARGE`, `UPSTREAM_REFUSED`; 404 is an answer
 */
export async function fetchPackument(
  upstream: Upstream, name: string, validators: Validators, limits: LimitsConfig,
): Promise<FetchedPackument> {
  const deadline = AbortSignal.timeout(limits.totalTimeout)
  try {
    return await exchange(upstream, name, validators, limits, deadline)
  } catch (error) {
    // The head came, the body broke off: worth one more try, since the request itself is not what failed.
    if (!(error instanceof RegistryError) || error.code !== 'UPSTREAM_UNAVAILABLE' || !(error.cause as BodyFailure)?.inBody) throw error
    if (deadline.aborted) throw error
    return exchange(upstream, name, validators, limits, deadline)
  }
}

interface BodyFailure { inBody?: boolean }

async function exchange(
  upstream: Upstream, name: string, { etag, lastModified }: Validators, limits: LimitsConfig, signal: AbortSignal,
): Promise<FetchedPackument> {
  const { registry } = upstream
  const response = await upstream.request({
    url: escapeName(name),
    headers: {
      'accept': 'application/json',
      'accept-encoding': 'gzip',
      ...(etag && { 'if-none-match': etag }),
      ...(lastModified && { 'if-modified-since': lastModified }),
    },
    signal,
  })
  const { status, headers } = response
  if (status === 200) {
    const encoding = headers['content-encoding']
    const read = encoding === undefined || encoding === 'gzip' ? readPackedBody : readBody
    const packed = await read(response, registry, limits.maxPackumentSize, signal).catch((error: RegistryError) => {
      throw Object.assign(error, error.code === 'UPSTREAM_UNAVAILABLE' && { cause: { inBody: true, error: error.cause } })
    })
    return { state: 'found', packed, validators: { etag: one(headers.etag), lastModified: one(headers['last-modified']) } }
  }
  await response.body.dump()
  if (status === 304 && (etag || lastModified)) return { state: 'unchanged' }
  if (status === 404 || status === 410) return { state: 'missing' }
  if (REFUSALS.has(status)) {
    throw new RegistryError('UPSTREAM_REFUSED', `Registry ${label(registry)} refused to answer for ${name} (status ${status}); `
      + 'if the package is not public, the operator of this proxy can give it a token in its npm configuration.')
  }
  if (status === 508) {
    throw new RegistryError('LOOP_DETECTED', `Registry ${label(registry)} leads back to a server that asked it: the operator of this proxy has to name another upstream.`)
  }
  const transient = status === 429 || status >= 500
  throw new RegistryError(transient ? 'UPSTREAM_UNAVAILABLE' : 'UPSTREAM_INVALID',
    `Registry ${label(registry)} answered ${name} with status ${status}; try again in a moment.`, { retryAfter: transient ? 2 : undefined })
}

/** A name as one URL segment, the way npm writes it: `@scope%2fname`. */
export function escapeName(name: string): string {
  return name.startsWith('@') ? name.replace('/', '%2f') : encodeURIComponent(name)
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
