import { formatPurl, type VersionSubject } from '../../shared/record/index.ts'
import type { SourceTrial } from '../../shared/types/preferences.ts'
import type { ProbeStart } from '../../shared/types/registries.ts'
import type { Config } from '../config/types.ts'
import type { Database } from '../database/index.ts'
import { RegistryError } from '../errors.ts'
import type { Incidents } from '../incidents/index.ts'
import type { Log } from '../log/index.ts'
import { createDocuments, type WorkerSource } from '../packument/index.ts'
import { createUpstream, isOnlyPrivate, type HealthBook, type Redirects, type Routes } from '../registry/index.ts'
import { createArrivals } from './arrivals.ts'
import { MAX_DOCUMENT } from './look.ts'
import { runPass, type PassOptions } from './pass.ts'
import { createPasses } from './passes.ts'
import { createReports, passOf, type Reports } from './report.ts'
import { createSchedule } from './schedule.ts'
import { createSideBySide, type SideBySide } from './side-by-side.ts'
import { groupsOf } from './sources.ts'
import { createStore } from './store.ts'
import { createTrials } from './trial.ts'
import { createWindows, WINDOWS } from './windows.ts'

/** Measures registries and mirrors, compares what they say with the log, and makes numbers of it. */
export interface Compare {
  /** Looks at all sources if it is time to. @returns when that is done: whether it was */
  whenDue(): Promise<boolean>
  /** Begins a look now, unless one is going on somewhere on this database. */
  start(): Promise<ProbeStart>
  /**
   * Says that versions appeared at an authority: they were not there the last time its package was looked at. Cheap, and never
   * throws. Private names are passed over.
   */
  arrived(authority: string, versions: readonly VersionSubject[]): void
  reports: Reports
  sideBySide: SideBySide
  /**
   * Asks some sources at once, for somebody who waits.
   * @param ids of sources; what is none is passed over
   * @throws RegistryError `RATE_LIMITED`
   */
  trySources(ids: readonly string[]): Promise<SourceTrial[]>
  /** Breaks off what is going on. */
  close(): Promise<void>
}

type UpstreamOptions = Parameters<typeof createUpstream>[0]

export interface CompareOptions extends
  Pick<PassOptions, 'verifySignature' | 'conflict' | 'trouble' | 'asked'>, Pick<UpstreamOptions, 'connections' | 'identity' | 'observer'> {
  config: Pick<Config, 'registries' | 'routes' | 'private' | 'probes' | 'limits'>
  worker: WorkerSource
  routes: Routes
  log: Log
  database: Database
  health: HealthBook
  redirects: Pick<Redirects, 'of'>
  incidents: Pick<Incidents, 'openBySource' | 'list'>
}

const DAY = 24 * 3_600_000

export function createCompare(options: CompareOptions): Compare {
  const { config, routes, database, health, redirects, incidents, trouble } = options
  const { registries, limits } = config
  const { interval, sample } = config.probes
  // Asked once: an answer to a second attempt would hide that the first one failed.
  const once = { ...limits, retries: 0 }
  const upstreams = new Map(registries.map((registry) => {
    return [registry.id, createUpstream({ ...options, registry, registries, limits: once })]
  }))
  // Not those of requests: who waits for a large document shall not wait for one of ours.
  const documents = createDocuments(options.worker, Math.min(MAX_DOCUMENT, limits.maxPackumentSize))
  const groups = groupsOf(config, routes)
  const copied = new Set(groups.flatMap(({ authority, mirrors }) => mirrors.length > 0 ? [authority.id] : []))
  const store = createStore(database)
  const arrivals = createArrivals(database)
  const passes = createPasses(database)
  const windows = createWindows({ store, arrivals })
  const hidden = new Set(registries.filter(one => isOnlyPrivate(one, config)).map(({ id }) => id))
  const noting = new Set<Promise<void>>()
  const closing = new AbortController()
  let cleaned = -Infinity

  /** Reads through the tables, so not with every look. */
  async function clean(): Promise<void> {
    const now = Date.now()
    if (Math.abs(now - cleaned) < DAY) return
    for (const table of [store, arrivals, passes]) await table.deleteBefore(now - WINDOWS['30d'])
    cleaned = now
  }

  const trySources = createTrials({
    groups, log: options.log, routes, documents, trouble, upstream: ({ id }) => upstreams.get(id)!, stop: closing.signal,
  })
  const schedule = createSchedule({
    passes, interval, trouble,
    async look(stop) {
      await clean()
      await runPass({ ...options, groups, sample, store, arrivals, documents, upstream: ({ id }) => upstreams.get(id)! }, stop)
    },
    done: windows.forget,
  })

  return {
    whenDue: schedule.whenDue,
    async start() {
      const { isMine, pass } = await schedule.start()
      return { state: isMine ? 'started' : 'running', pass: passOf(pass) }
    },
    arrived(authority, versions) {
      // Nobody is behind where nobody copies.
      if (!copied.has(authority)) return
      const subjects = versions.filter(({ name }) => !routes.isPrivate(name)).map(formatPurl)
      const noted = arrivals.saw(authority, subjects, Date.now())
        .catch(error => trouble('noting new versions', error))
        .finally(() => noting.delete(noted))
      noting.add(noted)
    },
    reports: createReports({ config, hidden, health, redirects, incidents, passes, store, windows }),
    sideBySide: createSideBySide({ upstream: ({ id }) => upstreams.get(id)!, documents, stop: closing.signal }),
    trySources,
    async close() {
      closing.abort(new RegistryError('UPSTREAM_UNAVAILABLE', 'This server is stopping.'))
      await schedule.close()
      await Promise.all(noting)
      await documents.close()
    },
  }
}
