import type { ProbeKind } from '../../shared/types/registries.ts'
import type { RegistryConfig } from '../config/types.ts'
import { messageOf, RegistryError, type ErrorCode } from '../errors.ts'
import { readPackedBody, type Upstream, type UpstreamResponse } from '../registry/index.ts'
import type { Probe } from './types.ts'

/** A request of ours to a source, and how much of the answer's body is wanted. */
interface Question {
  url: string
  method?: 'GET' | 'HEAD' | 'POST'
  headers?: Record<string, string>
  body?: Buffer
  /** Bytes of the longest body that is read; 0: the head is enough. */
  read: number
}

/** What came of it. Without a status nothing came. */
export interface Exchange {
  at: number
  status?: number
  headers: UpstreamResponse['headers']
  /** As it was sent, compressed or not. */
  body?: Buffer
  latency?: number
  duration?: number
  error?: { code: ErrorCode, sentence: string }
}

/** One source during one look at it: one question at a time, and no more once it is clear that it cannot, or will not, answer. */
export interface Visit {
  readonly registry: RegistryConfig
  /** Enough questions went unanswered, or it said that there are too many. */
  readonly isOver: boolean
  /**
   * Never rejects because of the source.
   * @throws the reason of the signal, once all of it shall end
   */
  ask(question: Question): Promise<Exchange>
}

/** Lets one piece of work after the other happen at a place. */
export type Turns = <T>(place: string, work: () => Promise<T>) => Promise<T>

/** Milliseconds for a whole exchange. */
const PATIENCE = 10_000
/** Unanswered questions in a row after which no more are asked in this visit. */
const MOST_FAILURES = 3

export function createVisit(upstream: Upstream, turns: Turns, stop: AbortSignal): Visit {
  const { registry } = upstream
  const { origin } = new URL(registry.url)
  let failures = 0
  let isOver = false

  async function exchange({ read, ...request }: Question): Promise<Exchange> {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(PATIENCE)])
    const at = Date.now()
    let response: UpstreamResponse | undefined
    try {
      response = await upstream.request({ ...request, signal })
      const { status, headers, latency } = response
      const started = performance.now()
      if (read === 0) {
        await response.body.dump()
        return { at, status, headers, latency }
      }
      const body = await readPackedBody(response, registry, read, signal)
      return { at, status, headers, latency, body, duration: performance.now() - started }
    } catch (error) {
      const code = error instanceof RegistryError ? error.code : 'UPSTREAM_INVALID'
      const { status, headers = {}, latency } = response ?? {}
      return { at, status, headers, latency, error: { code, sentence: messageOf(error) } }
    }
  }

  return {
    registry,
    get isOver() {
      return isOver
    },
    ask: question => turns(origin, async () => {
      stop.throwIfAborted()
      const found = await exchange(question)
      // What was broken off by us says nothing about the source.
      stop.throwIfAborted()
      failures = found.status === undefined ? failures + 1 : 0
      if (failures >= MOST_FAILURES || found.status === 429) isOver = true
      return found
    }),
  }
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>()
  return async (place, work) => {
    const mine = (last.get(place) ?? Promise.resolve()).then(work)
    const settled = mine.catch(() => {}).then(() => {
      if (last.get(place) === settled) last.delete(place)
    })
    last.set(place, settled)
    return mine
  }
}

/** An exchange as it is stored. That a source does not have something is an answer; that it fails, or refuses, is a failure. */
export function probeOf(kind: ProbeKind, { at, status, latency, body, duration, error }: Exchange, problem?: string): Probe {
  const failed = problem ?? error?.sentence ?? failureOf(status)
  return {
    kind, at, isOk: failed === undefined,
    status: status ?? null, latency: latency ?? null, size: body?.length ?? null, duration: duration ?? null,
    error: failed ?? null,
  }
}

function failureOf(status: number | undefined): string | undefined {
  if (status === undefined || status < 400 || status === 404 || status === 410) return undefined
  return status === 429 ? 'It said that it was asked too often (status 429).' : `It answered with status ${status}.`
}

export function header({ headers }: Pick<Exchange, 'headers'>, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}
