import { ReadError } from './errors.ts'
import type { Read } from './types.ts'

export interface HttpReadOptions {
  fetch?: typeof globalThis.fetch
  /** Milliseconds for one attempt, its body included. */
  timeout?: number
  /** How often something is asked for again that may work later. */
  retries?: number
  /** The longest time to wait before asking again, in milliseconds. Who demands more is not asked again. */
  longestWait?: number
}

/** 256 entries of the largest size, and their length prefixes. */
const MAX_BUNDLE = 256 * (2 + 65_535)
const MAX_TILE = 256 * 32
/** A record, and a note of the largest size. */
const MAX_TEXT = 1_100_000
const MAX_ERROR = 64 * 1024
const MAX_SENTENCE = 500

/**
 * Reads a log over HTTP, with bounds for size and time. What was too much for the server, or did not arrive, is asked for again.
 *
 * @param prefix the log's URL, with a trailing slash
 */
export function createHttpRead(prefix: string, options: HttpReadOptions = {}): Read {
  const { fetch = globalThis.fetch, timeout = 30_000, retries = 4, longestWait = 60_000 } = options
  return async (path) => {
    for (let attempt = 0; ; attempt++) {
      const { bytes, error, wait } = await ask(prefix, path, fetch, timeout)
      if (bytes) return bytes
      if (wait === undefined || attempt >= retries || wait > longestWait) throw error
      // Without a hint a quarter of a second, doubled each time, and never for everybody at once.
      const pause = wait > 0 ? wait : 250 * 2 ** attempt * (0.75 + Math.random() / 2)
      await new Promise(resolve => setTimeout(resolve, pause))
    }
  }
}

type Asked = { bytes: Uint8Array, error?: undefined, wait?: undefined }
  /** `wait`: milliseconds after which it may work, 0: unknown, undefined: it will not. */
  | { bytes?: undefined, error: ReadError, wait: number | undefined }

async function ask(prefix: string, path: string, fetch: typeof globalThis.fetch, timeout: number): Promise<Asked> {
  const url = prefix + path
  const limit = limitOf(path)
  try {
    const response = await fetch(url, {
      // A kept checkpoint would be an old one.
      cache: path === 'checkpoint' ? 'no-cache' : 'default',
      credentials: 'omit',
      signal: AbortSignal.timeout(timeout),
    })
    if (!response.ok) return { error: await errorOf(response, url), wait: waitOf(response) }
    const bytes = await bodyOf(response, limit)
    if (bytes) return { bytes }
    return { error: new ReadError(`${url} answers with more than the ${limit} bytes that it can have.`, { status: response.status }), wait: undefined }
  } catch (cause) {
    const reason = cause instanceof DOMException && cause.name === 'TimeoutError' ? `no answer within ${timeout / 1000} s` : reasonOf(cause)
    return { error: new ReadError(`${url} cannot be read: ${reason}.`, { cause }), wait: 0 }
  }
}

function limitOf(path: string): number {
  if (path.startsWith('tile/entries/')) return MAX_BUNDLE
  return path.startsWith('tile/') ? MAX_TILE : MAX_TEXT
}

/** Undefined: it is longer. */
async function bodyOf(response: Response, limit: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = response.body?.getReader()
  for (let part = await reader?.read(); part && !part.done; part = await reader!.read()) {
    size += part.value.length
    if (size > limit) {
      await reader!.cancel()
      return undefined
    }
    chunks.push(part.value)
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

/** What the server says in its JSON, or at least its status. */
async function errorOf(response: Response, url: string): Promise<ReadError> {
  const { status } = response
  const body = await bodyOf(response, MAX_ERROR)
  const said = parseJson(new TextDecoder().decode(body))
  // One line, however it came: it will stand among lines of our own.
  const sentence = typeof said?.error === 'string' && said.error !== ''
    ? said.error.slice(0, MAX_SENTENCE).replaceAll(/\s+/g, ' ')
    : `${url} answers ${status}.`
  return new ReadError(sentence, { status, ...(typeof said?.code === 'string' && { code: said.code }) })
}

function parseJson(text: string): { error?: unknown, code?: unknown } | null {
  try {
    return JSON.parse(text) as { error?: unknown, code?: unknown } | null
  } catch {
    // Not ours: a proxy's page, perhaps. The status says enough.
    return null
  }
}

function waitOf({ status, headers }: Response): number | undefined {
  if (![429, 502, 503, 504].includes(status)) return undefined
  const after = headers.get('retry-after') ?? ''
  // SPEC: RFC 9110 10.2.3: "Retry-After = HTTP-date / delay-seconds"
  const wait = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now()
  return wait > 0 ? wait : 0
}

/** Node's fetch says only that it failed; why is in the cause. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown }
  for (const one of [cause, error]) {
    const { message, code } = (one ?? {}) as { message?: unknown, code?: unknown }
    if (typeof message === 'string' && message !== '') return message
    if (typeof code === 'string') return code
  }
  return 'the connection failed'
}
