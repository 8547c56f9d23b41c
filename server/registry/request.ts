import { setTimeout as sleep } from 'node:timers/promises'
import { request as undiciRequest, type Dispatcher } from 'undici'
import type { LimitsConfig, RegistryConfig } from '../config/types.ts'
import { RegistryError, messageOf } from '../errors.ts'
import { assertNoDowngrade, assertPublicUrl } from './addresses.ts'
import type { Connections } from './connections.ts'

/** One request to a registry. Nothing of a client's request is in it but what the caller puts there. */
interface UpstreamRequest {
  /** Absolute, or relative to the registry's URL. */
  url: string
  method?: 'GET' | 'HEAD' | 'POST'
  headers?: Record<string, string>
  body?: Buffer
  signal?: AbortSignal
}

export interface UpstreamResponse {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Dispatcher.ResponseData['body']
  /** Milliseconds from the first attempt to the response's head. */
  latency: number
}

/** A registry as something to ask; every answer and failure is told to the observer. */
export interface Upstream {
  readonly registry: RegistryConfig
  /** The servers like us on whose behalf it is asked. Their work must not wait for work of ours that may wait for them. */
  readonly chain?: string
  request(request: UpstreamRequest): Promise<UpstreamResponse>
}

interface UpstreamObserver {
  /** @param retryAfter milliseconds, if the answer said that */
  answered(registry: RegistryConfig, status: number, latency: number, retryAfter?: number): void
  failed(registry: RegistryConfig, error: RegistryError): void
}

interface UpstreamOptions {
  registry: RegistryConfig
  /** All configured registries: the only places where a private address may be. */
  registries: readonly RegistryConfig[]
  connections: Connections
  limits: LimitsConfig
  /** `user-agent` and `via` of our own requests. */
  identity: Record<string, string>
  observer: UpstreamObserver
}

const RETRIED_STATUS = new Set([429, 500, 502, 503, 504])
const REDIRECTS = new Set([301, 302, 303, 307, 308])
const FIRST_BACKOFF = 100
const LONGEST_BACKOFF = 2_000

export function createUpstream(options: UpstreamOptions): Upstream {
  const { registry, registries, connections, limits, identity, observer } = options
  const origin = new URL(registry.url).origin
  const configured = new Map(registries.map(one => [new URL(one.url).origin, one]))

  /** Where a URL may be fetched, and with whose credentials: rule 10 and 11 of the design in one place. */
  function destination(url: URL): { dispatcher: Dispatcher, headers: Record<string, string> } {
    if (url.origin === origin) {
      const { authorization } = registry
      return { dispatcher: connections.to(registry), headers: authorization ? { authorization } : {} }
    }
    const other = configured.get(url.origin)
    if (other) return { dispatcher: connections.to(other), headers: {} }
    assertPublicUrl(url, `A URL that registry "${registry.id}" answered with`)
    return { dispatcher: connections.elsewhere, headers: {} }
  }

  async function follow(request: UpstreamRequest): Promise<Dispatcher.ResponseData> {
    let url = parseUrl(request.url, registry)
    for (let hops = 0; ; hops++) {
      const { dispatcher, headers } = destination(url)
      const response = await undiciRequest(url, {
        dispatcher,
        method: request.method ?? 'GET',
        headers: { ...identity, ...request.headers, ...headers },
        body: request.body,
        signal: request.signal,
        headersTimeout: registry.timeout,
      })
      const location = response.headers.location
      if (!REDIRECTS.has(response.statusCode) || typeof location !== 'string') return response
      await response.body.dump()
      if (hops >= limits.maxRedirects) {
        throw new RegistryError('UPSTREAM_INVALID', `Registry ${label(registry)} redirected more than ${limits.maxRedirects} times.`)
      }
      const next = parseUrl(location, registry, url)
      assertNoDowngrade(url, next)
      url = next
    }
  }

  async function attempt(request: UpstreamRequest, attemptsLeft: number): Promise<Dispatcher.ResponseData | 'retry'> {
    try {
      const response = await follow(request)
      if (!RETRIED_STATUS.has(response.statusCode) || attemptsLeft === 0) return response
      await response.body.dump()
      return 'retry'
    } catch (error) {
      // A refusal of ours stays one; the caller's deadline is over for every further attempt as well.
      if (error instanceof RegistryError || request.signal?.aborted || attemptsLeft === 0) throw error
      return 'retry'
    }
  }

  return {
    registry,
    async request(request) {
      const started = performance.now()
      // Only what is safe to ask twice is asked twice.
      const attempts = request.method === 'POST' ? 1 : 1 + limits.retries
      try {
        for (let n = 1; ; n++) {
          const response = await attempt(request, attempts - n)
          if (response === 'retry') {
            await sleep(backoff(n), undefined, { signal: request.signal })
            continue
          }
          const latency = performance.now() - started
          observer.answered(registry, response.statusCode, latency, retryAfterOf(response.headers['retry-after']))
          return { status: response.statusCode, headers: response.headers, body: response.body, latency }
        }
      } catch (error) {
        const failure = asFailure(error, registry, request.signal)
        observer.failed(registry, failure)
        throw failure
      }
    },
  }
}

/** Full jitter: spreads the second attempts of many requests that failed together. */
function backoff(attempt: number): number {
  return Math.random() * Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** attempt)
}

/** SPEC: RFC 9110 10.2.3: seconds or a date. Milliseconds; undefined for what is neither. */
function retryAfterOf(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined
  const time = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isNaN(time) ? undefined : time
}

function parseUrl(url: string, registry: RegistryConfig, base: URL = new URL(registry.url)): URL {
  try {
    return new URL(url, base)
  } catch {
    throw new RegistryError('FORBIDDEN_URL', `Registry ${label(registry)} answered with a URL that cannot be read.`)
  }
}

/** How messages name a registry: its id and where it lives. */
export function label(registry: RegistryConfig): string {
  return `"${registry.id}" (${registry.namespace})`
}

/** Any failure of a request as one sentence; a cause that a user cannot act on stays in `cause`. */
export function asFailure(error: unknown, registry: RegistryConfig, signal?: AbortSignal): RegistryError {
  if (error instanceof RegistryError) return error
  const code = (error as { code?: string } | undefined)?.code
  const cause = (error as { cause?: unknown } | undefined)?.cause
  if (cause instanceof RegistryError) return cause
  const why = signal?.aborted || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT' || code === 'UND_ERR_CONNECT_TIMEOUT'
    ? 'did not answer in time'
    : `cannot be reached (${code ?? messageOf(error)})`
  return new RegistryError('UPSTREAM_UNAVAILABLE', `Registry ${label(registry)} ${why}; try again in a moment.`, { cause: error, retryAfter: 2 })
}
