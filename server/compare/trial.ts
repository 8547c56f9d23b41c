import type { PackageSubject, VersionRecord } from '../../shared/record/index.ts'
import type { SourceTrial, TriedPackage } from '../../shared/types/preferences.ts'
import type { RegistryConfig } from '../config/types.ts'
import { messageOf, RegistryError } from '../errors.ts'
import type { Log, RecordedVersion } from '../log/index.ts'
import type { Summary } from '../packument/index.ts'
import type { Routes, Upstream } from '../registry/index.ts'
import { compareVersion } from './comparison.ts'
import { createLooks, type Documents } from './look.ts'
import { ping } from './measure.ts'
import { newestPackages } from './sample.ts'
import type { Group } from './sources.ts'
import { createTurns, createVisit, probeOf } from './visit.ts'

interface TrialOptions {
  groups: readonly Group[]
  log: Log
  routes: Routes
  documents: Documents
  upstream(registry: RegistryConfig): Upstream
  trouble(what: string, error: unknown): void
  /** Ends what is going on. */
  stop: AbortSignal
}

/** A package, and what is recorded of it. */
interface Specimen {
  name: string
  newest: string
  recorded: ReadonlyMap<string, RecordedVersion>
}

/** Milliseconds for everything that one source is asked. */
const PATIENCE = 8_000
/** Packages of which everything is withdrawn that are passed over. */
const MOST_PACKAGES = 3
/** Trials at the same time, whoever wants them: each asks every source. */
const MOST_AT_ONCE = 4

/**
 * Looks at some sources because somebody waits for it: whether they are there, and whether the package that was recorded last is
 * with them as it is in the log. Nothing is stored, and nothing becomes an incident: that is what regular looks are for.
 */
export function createTrials({ groups, log, routes, documents, upstream, trouble, stop }: TrialOptions) {
  const turns = createTurns()
  let running = 0

  async function specimenOf(group: Group): Promise<Specimen | undefined> {
    const packages = await newestPackages(group, { log, routes })
    for (const subject of packages.slice(0, MOST_PACKAGES)) {
      const recorded = await standing(subject)
      const newest = [...recorded].toSorted(([, a], [, b]) => b.index - a.index)[0]
      if (newest) return { name: subject.name, newest: newest[0], recorded }
    }
    return undefined
  }

  /** What a source should have. */
  async function standing(subject: PackageSubject): Promise<Map<string, RecordedVersion>> {
    const [versions, withdrawn] = [await log.versionsOf(subject), await log.withdrawnOf(subject)]
    return new Map([...versions].filter(([version]) => !withdrawn.has(version)))
  }

  async function askSource(registry: RegistryConfig, specimen: Specimen | undefined): Promise<SourceTrial> {
    const { id } = registry
    const signal = AbortSignal.any([stop, AbortSignal.timeout(PATIENCE)])
    const visit = createVisit(upstream(registry), turns, signal)
    try {
      const life = await ping(visit)
      if (life.status === null || !specimen) {
        return { id, isReachable: life.isOk, latency: life.latency, tried: null, error: life.error }
      }
      const { exchange, state, summary, problem } = await createLooks(visit, documents).of(specimen.name)
      const { isOk, latency, error } = probeOf('packument', exchange, problem)
      return {
        id,
        // A registry may have no answer to a sign of life, and serve packages all the same.
        isReachable: life.isOk || isOk,
        latency: latency ?? life.latency,
        tried: state === 'failed' ? null : compare(specimen, summary),
        error,
      }
    } catch (error) {
      stop.throwIfAborted()
      if (!signal.aborted) trouble(`trying ${id}`, error)
      const why = signal.aborted ? `It did not answer within ${PATIENCE / 1000} seconds.` : messageOf(error)
      return { id, isReachable: false, latency: null, tried: null, error: why }
    }
  }

  /**
   * @param ids of sources; in their order
   * @throws RegistryError `RATE_LIMITED` while enough others do the same
   */
  return async function trySources(ids: readonly string[]): Promise<SourceTrial[]> {
    if (running >= MOST_AT_ONCE) throw new RegistryError('RATE_LIMITED', 'Others are testing their preferences at the moment; try again in 10 seconds.', { retryAfter: 10 })
    running++
    try {
      const found = await Promise.all(groups.map(async (group) => {
        const wanted = [group.authority, ...group.mirrors].filter(({ id }) => ids.includes(id))
        if (wanted.length === 0) return []
        const specimen = await specimenOf(group)
        return Promise.all(wanted.map(registry => askSource(registry, specimen)))
      }))
      return found.flat().toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id))
    } finally {
      running--
    }
  }
}

function compare({ name, newest, recorded }: Specimen, summary: Summary | undefined): TriedPackage {
  const versions = { count: recorded.size, equal: 0, differs: 0, unclear: 0, absent: 0 }
  for (const { record } of recorded.values()) versions[stateOf(record, summary)]++
  return { name, version: newest, state: stateOf(recorded.get(newest)!.record, summary), versions }
}

function stateOf(record: VersionRecord, summary: Summary | undefined): TriedPackage['state'] {
  const { isPresent, integrity } = compareVersion(record, summary)
  if (!isPresent) return 'absent'
  return integrity === 'equal' ? 'equal' : integrity === 'other' ? 'differs' : 'unclear'
}
