import type { Delay, Lag, Share } from '../../shared/types/registries.ts'
import type { Arrival } from './types.ts'
import { rankOf, share } from './statistics.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/**
 * A version that was there at the first look at a mirror arrived at some time before it. If that look came later than this (ms),
 * because nobody looked for a while, nothing is known of the mirror's lag.
 */
const LONGEST_BLINDNESS = HOUR
/** Of fewer versions, one more or less would decide. */
export const FEWEST_ARRIVALS = 5

/** Milliseconds. `isPending`: it takes at least this long, it has not arrived yet. */
interface Wait {
  value: number
  isPending: boolean
}

/** How long a mirror took, or takes, for a version; undefined: nothing is known. */
function waitOf({ arrived, seen, missing }: Arrival): Wait | undefined {
  // A clock that was set back makes a version arrive at a mirror before it does at its authority.
  if (seen === null) return missing === null ? undefined : { value: Math.max(0, missing - arrived), isPending: true }
  const value = Math.max(0, seen - arrived)
  return missing === null && value > LONGEST_BLINDNESS ? undefined : { value, isPending: false }
}

/** Quantiles by nearest rank, in which what is pending counts with the time it has taken so far. */
export function lagOf(arrivals: readonly Arrival[]): Lag {
  const waits = waitsOf(arrivals)
  const pending = waits.filter(({ isPending }) => isPending).length
  const mean = meanDelay(arrivals)
  return {
    count: waits.length,
    pending,
    mean: mean === null ? null : { value: mean, isAtLeast: pending > 0 },
    p50: delayAt(waits, 0.5),
    p95: delayAt(waits, 0.95),
    max: delayAt(waits, 1),
  }
}

/** Mean in milliseconds, where what is pending counts with the time it has taken so far; null: nothing was measured. */
export function meanDelay(arrivals: readonly Arrival[]): number | null {
  const waits = waitsOf(arrivals)
  return waits.length === 0 ? null : waits.reduce((sum, { value }) => sum + value, 0) / waits.length
}

/** Of what appeared at the authority in the last 24 hours and was looked for since, what is missing. */
export function behindOf(arrivals: readonly Arrival[], now: number): Share {
  const young = arrivals.filter(({ arrived, seen, missing }) =>
    arrived <= now && now - arrived <= DAY && (seen ?? missing) !== null)
  return share(young.filter(({ seen }) => seen === null).length, young.length)
}

function waitsOf(arrivals: readonly Arrival[]): Wait[] {
  return arrivals.map(waitOf).filter(wait => wait !== undefined)
    .sort((a, b) => a.value - b.value || Number(a.isPending) - Number(b.isPending))
}

function delayAt(waits: readonly Wait[], quantile: number): Delay | null {
  const rank = rankOf(quantile, waits.length)
  const wait = waits[rank]
  // Whatever is pending and counts as shorter may turn out to be longer.
  return wait ? { value: wait.value, isAtLeast: waits.slice(0, rank + 1).some(({ isPending }) => isPending) } : null
}
