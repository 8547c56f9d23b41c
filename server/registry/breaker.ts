/** `open`: it failed, and is asked last. `half-open`: it is time to try it once. */
export type Circuit = 'closed' | 'open' | 'half-open'

/** Knows when a source has failed too often to be asked first. Times are milliseconds of whatever clock its owner has. */
export interface Breaker {
  stateAt(now: number): Circuit
  succeeded(now: number): void
  failed(now: number): void
  /** It asked to be left alone. @param pause milliseconds, if it said how long */
  limited(now: number, pause?: number): void
  /** While half-open, true for one caller at a time: whoever gets it tries the source. */
  takeTrial(now: number): boolean
}

/** So many failures… */
const FAILURES = 3
/** …within this time (ms) open the circuit… */
const WINDOW = 60_000
/** …for this long (ms). */
const OPEN = 30_000
/** A trial whose outcome nobody reports is over after this long (ms). */
const TRIAL = 10_000
/** A source that asks for less may be asked again at once; one that asks for more does not decide over us. */
const PAUSE = [1_000, 300_000] as const

export function createBreaker(): Breaker {
  /** Times of the last failures, the oldest first; never more than it takes. */
  let failures: number[] = []
  /** 0: closed. */
  let openUntil = 0
  let trialUntil = 0

  const stateAt = (now: number): Circuit => openUntil === 0 ? 'closed' : now < openUntil ? 'open' : 'half-open'

  function open(until: number) {
    openUntil = Math.max(openUntil, until)
    trialUntil = 0
    failures = []
  }

  return {
    stateAt,
    succeeded(now) {
      // What was asked before it failed says nothing about now.
      if (stateAt(now) === 'half-open') openUntil = 0
    },
    failed(now) {
      const state = stateAt(now)
      if (state === 'open') return
      if (state === 'half-open') return open(now + OPEN)
      failures = [...failures.filter(at => now - at < WINDOW), now].slice(-FAILURES)
      if (failures.length === FAILURES) open(now + OPEN)
    },
    limited(now, pause = OPEN) {
      open(now + Math.min(Math.max(pause, PAUSE[0]), PAUSE[1]))
    },
    takeTrial(now) {
      if (stateAt(now) !== 'half-open' || now < trialUntil) return false
      trialUntil = now + TRIAL
      return true
    },
  }
}
