import type { RegistryNumbers, RegistryWindow, SeriesBucket } from '../../shared/types/registries.ts'
import type { RegistryConfig } from '../config/types.ts'
import { createSingleFlight } from '../single-flight.ts'
import type { Arrivals } from './arrivals.ts'
import type { Store } from './store.ts'
import { isDown, numbersOf, type Measurements } from './numbers.ts'
import { seriesOf, STEPS } from './series.ts'

/** One source's numbers in a window, and what its state follows from. */
interface Counted {
  numbers: RegistryNumbers
  /** Of the last 24 hours: a source's state does not depend on the window somebody looks through. */
  lately: RegistryNumbers
  isDown: boolean
  /** Milliseconds since the epoch; undefined: not in this window. */
  lastProbe: number | undefined
  /** The same numbers over time. */
  series: SeriesBucket[]
}

/** Numbers of all sources over a time that ends now. */
export interface Windows {
  of(source: RegistryConfig, window: RegistryWindow): Promise<Counted>
  /** There is something new. */
  forget(): void
}

interface WindowsOptions {
  store: Store
  arrivals: Arrivals
  now?: () => number
}

const HOUR = 3_600_000
export const WINDOWS = { '24h': 24 * HOUR, '7d': 7 * 24 * HOUR, '30d': 30 * 24 * HOUR } as const satisfies Record<RegistryWindow, number>
/** Numbers are as young as this (ms): another process on the same database may have measured since. */
const FRESH = 30_000

export function createWindows({ store, arrivals, now = Date.now }: WindowsOptions): Windows {
  const flights = createSingleFlight<Counted>()
  const known = new Map<string, { at: number, counted: Counted }>()

  async function measurementsOf({ id, of }: RegistryConfig, from: number, to: number): Promise<Measurements> {
    const probes = await store.probesBetween(id, from, to)
    const comparisons = await store.comparisonsBetween(id, from, to)
    if (of === undefined) return { probes, comparisons }
    const reference = await store.comparisonsBetween(of, from, to)
    return { probes, comparisons, authority: { comparisons: reference, arrivals: await arrivals.between(of, id, from, to) } }
  }

  async function count(source: RegistryConfig, window: RegistryWindow): Promise<Counted> {
    const to = now()
    const from = to - WINDOWS[window]
    const all = await measurementsOf(source, from, to)
    const numbers = numbersOf(all, to)
    const day = window === '24h' ? all : since(all, to - WINDOWS['24h'])
    return {
      numbers,
      lately: day === all ? numbers : numbersOf(day, to),
      isDown: isDown(day.probes),
      lastProbe: all.probes.at(-1)?.at,
      series: seriesOf({ ...all, agreements: await store.agreementsBetween(source.id, from, to) }, from, to, STEPS[window]),
    }
  }

  return {
    of(source, window) {
      const key = `${source.id} ${window}`
      const recent = known.get(key)
      const age = now() - (recent?.at ?? -Infinity)
      // Not for ever, if the clock is set back.
      if (recent && age >= 0 && age < FRESH) return Promise.resolve(recent.counted)
      return flights.run(key, async () => {
        const at = now()
        const counted = await count(source, window)
        known.set(key, { at, counted })
        return counted
      })
    },
    forget: () => known.clear(),
  }
}

function since({ probes, comparisons, authority }: Measurements, from: number): Measurements {
  const isYoung = ({ at }: { at: number }) => at >= from
  return {
    probes: probes.filter(isYoung),
    comparisons: comparisons.filter(isYoung),
    ...(authority && { authority: {
      comparisons: authority.comparisons.filter(isYoung),
      arrivals: authority.arrivals.filter(({ arrived }) => arrived >= from),
    } }),
  }
}
