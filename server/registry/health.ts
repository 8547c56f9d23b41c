import type { RegistryConfig } from '../config/types.ts'
import type { RegistryError } from '../errors.ts'
import { createBreaker, type Breaker, type Circuit } from './breaker.ts'

/** What the last exchange with a registry said about it. */
interface Health {
  state: 'up' | 'down' | 'unknown'
  /** Milliseconds to the head of the last answer. */
  latency?: number
  checkedAt?: Date
  /** One sentence, when the state is `down`. */
  error?: string
}

export interface HealthBook {
  of(registry: RegistryConfig): Health
  /** @param retryAfter milliseconds, if the answer said that */
  answered(registry: RegistryConfig, status: number, latency: number, retryAfter?: number): void
  failed(registry: RegistryConfig, error: RegistryError): void
  /** `closed` for what nobody asked yet. */
  circuitOf(registry: RegistryConfig): Circuit
  /** How dear it is to ask: expected milliseconds, more for what often fails; 0 for what nobody asked yet. */
  costOf(registry: RegistryConfig): number
  /** Milliseconds since the last answer or failure; `Infinity` where there was none. */
  ageOf(registry: RegistryConfig): number
  /** True for one caller at a time, when the circuit is half-open: it is to try the registry. */
  takeTrial(registry: RegistryConfig): boolean
}

interface Book {
  health: Health
  at: number
  breaker: Breaker
  /** Moving averages. */
  latency?: number
  success: number
}

/** Weight of the newest sample: about the last ten count. */
const WEIGHT = 0.2
/** However often it failed, it may have recovered. */
const LEAST_SUCCESS = 0.02

/**
 * Health is a by-product of real requests: a registry nobody asked is `unknown`, not `up`.
 * @param clock milliseconds
 */
export function createHealthBook(clock: () => number = Date.now): HealthBook {
  const books = new Map<string, Book>()

  function bookOf({ id }: RegistryConfig): Book {
    let book = books.get(id)
    if (!book) books.set(id, book = { health: { state: 'unknown' }, at: -Infinity, breaker: createBreaker(), success: 1 })
    return book
  }

  function note(book: Book, health: Health, isSuccess: boolean) {
    book.at = clock()
    book.health = { ...health, checkedAt: new Date(book.at) }
    book.success += WEIGHT * (Number(isSuccess) - book.success)
    if (isSuccess) book.breaker.succeeded(book.at)
    else book.breaker.failed(book.at)
  }

  return {
    of: registry => books.get(registry.id)?.health ?? { state: 'unknown' },
    answered(registry, status, latency, retryAfter) {
      const book = bookOf(registry)
      // That it does not do something is an answer.
      const failing = status >= 500 && status !== 501
      const isLimited = status === 429
      if (isLimited) book.breaker.limited(clock(), retryAfter)
      note(book, {
        state: failing ? 'down' : 'up',
        latency,
        ...(failing && { error: `It answered with status ${status}.` }),
      }, !failing)
      if (!failing) book.latency = book.latency === undefined ? latency : book.latency + WEIGHT * (latency - book.latency)
    },
    failed(registry, error) {
      // A forbidden URL or a broken document says something about an answer, not about being reachable.
      if (error.code !== 'UPSTREAM_UNAVAILABLE') return
      note(bookOf(registry), { state: 'down', error: error.message }, false)
    },
    circuitOf: registry => books.get(registry.id)?.breaker.stateAt(clock()) ?? 'closed',
    costOf(registry) {
      const book = books.get(registry.id)
      return book ? (book.latency ?? 0) / Math.max(book.success, LEAST_SUCCESS) : 0
    },
    ageOf: registry => clock() - (books.get(registry.id)?.at ?? -Infinity),
    takeTrial: registry => books.get(registry.id)?.breaker.takeTrial(clock()) ?? false,
  }
}
