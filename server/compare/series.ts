import type { RegistryWindow, SeriesBucket } from '../../shared/types/registries.ts'
import { lagOf } from './lag.ts'
import { availabilityOf, latencies, type Measurements } from './numbers.ts'
import { share, timing } from './statistics.ts'
import type { Agreement } from './types.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Milliseconds of one bucket. */
export const STEPS = { '24h': 30 * MINUTE, '7d': 2 * HOUR, '30d': 8 * HOUR } as const satisfies Record<RegistryWindow, number>

/** What was measured, and what came of each look. */
interface History extends Pick<Measurements, 'probes' | 'authority'> {
  agreements: readonly Agreement[]
}

/**
 * The numbers of a window in equal spans of time. They begin at whole multiples of the step, so that what is past looks the same
 * whenever it is asked for; the first one may begin before the window. Pure.
 * @param from begin of the window, and `to` its end, milliseconds since the epoch
 */
export function seriesOf(
  { probes, agreements, authority }: History, from: number, to: number, step: number,
): SeriesBucket[] {
  const first = Math.floor(from / step)
  const count = Math.floor(to / step) - first + 1
  const split = <T>(values: readonly T[], timeOf: (value: T) => number): T[][] => {
    const parts = Array.from({ length: count }, (): T[] => [])
    // A clock that was set back puts what it measured outside.
    for (const value of values) parts[Math.floor(timeOf(value) / step) - first]?.push(value)
    return parts
  }
  const probed = split(probes, ({ at }) => at)
  const agreed = split(agreements, ({ at }) => at)
  const arrived = authority && split(authority.arrivals, ({ arrived }) => arrived)
  return Array.from({ length: count }, (_, n): SeriesBucket => {
    const { count: ok, of, share: part } = availabilityOf(probed[n]!)
    const { p50, p95, count } = timing(latencies(probed[n]!, 'packument'))
    const lag = arrived && lagOf(arrived[n]!)
    return {
      at: new Date((first + n) * step).toISOString(),
      availability: { count: ok, of, share: part },
      latency: { count, p50, p95 },
      lag: lag ? { count: lag.count, pending: lag.pending, p50: lag.p50, p95: lag.p95 } : null,
      agreement: share(total(agreed[n]!, 'equal'), total(agreed[n]!, 'compared')),
    }
  })
}

function total(agreements: readonly Agreement[], of: 'equal' | 'compared'): number {
  return agreements.reduce((sum, one) => sum + one[of], 0)
}
