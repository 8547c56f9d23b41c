import type {
  ProbeEntry, ProbePage, ProbePass, RegistriesOverview, RegistryIncident, RegistryReport, RegistrySeries, RegistryWindow,
} from '../../shared/types/registries.ts'
import type { Config, RegistryConfig } from '../config/types.ts'
import { findKnown } from '../directory/index.ts'
import { RegistryError } from '../errors.ts'
import { parseChoice, parsePage, readQuery } from '../http/index.ts'
import type { Incidents } from '../incidents/index.ts'
import type { HealthBook, Redirects } from '../registry/index.ts'
import type { Pass, Passes } from './passes.ts'
import type { Store } from './store.ts'
import { STEPS } from './series.ts'
import { patternsOf } from './sources.ts'
import { statusOf } from './status.ts'
import { WINDOWS, type Windows } from './windows.ts'

/** The comparison as pages and tools read it. */
export interface Reports {
  /** @throws RegistryError `BAD_REQUEST` */
  all(query: URLSearchParams, withHidden: boolean): Promise<RegistriesOverview>
  /** @throws RegistryError `BAD_REQUEST`, `NOT_FOUND` */
  one(id: string, query: URLSearchParams, withHidden: boolean): Promise<RegistryReport>
  /** @throws RegistryError `BAD_REQUEST`, `NOT_FOUND` */
  probes(id: string, query: URLSearchParams, withHidden: boolean): Promise<ProbePage>
  /** @throws RegistryError `BAD_REQUEST`, `NOT_FOUND` */
  series(id: string, query: URLSearchParams, withHidden: boolean): Promise<RegistrySeries>
}

interface ReportsOptions {
  config: Pick<Config, 'registries' | 'routes' | 'probes'>
  /** Ids of sources that only operators see. */
  hidden: ReadonlySet<string>
  health: HealthBook
  redirects: Pick<Redirects, 'of'>
  incidents: Pick<Incidents, 'openBySource' | 'list'>
  passes: Passes
  store: Store
  windows: Windows
}

const MAX_LIMIT = 500
const KINDS = ['ping', 'packument', 'revalidation', 'tarball-head', 'tarball'] as const

export function createReports({ config, hidden, health, redirects, incidents, passes, store, windows }: ReportsOptions): Reports {
  function find(id: string, withHidden: boolean): RegistryConfig {
    const found = config.registries.find(registry => registry.id === id)
    if (!found || (hidden.has(id) && !withHidden)) throw new RegistryError('NOT_FOUND', 'There is no registry with this id here. GET /api/registries lists them.')
    return found
  }

  async function lastIncident(source: string, withPrivate: boolean): Promise<RegistryIncident | null> {
    const [last] = await incidents.list({ source, state: 'open', limit: 1, withPrivate })
    return last ? { id: last.id, kind: last.kind, sentence: last.sentence, noticed: iso(last.noticed) } : null
  }

  async function report(
    source: RegistryConfig, window: RegistryWindow, open: Awaited<ReturnType<Incidents['openBySource']>>, withHidden: boolean,
  ): Promise<RegistryReport> {
    const { id, role, of = null, namespace } = source
    const counted = await windows.of(source, window)
    const { state, latency = null, checkedAt, error = null } = health.of(source)
    const { conflict = 0, 'invalid-signature': invalidSignatures = 0 } = open.get(id) ?? {}
    return {
      id, role, of, namespace,
      name: findKnown(id)?.name ?? null,
      status: statusOf({ numbers: counted.lately, isDown: counted.isDown, conflicts: conflict, invalidSignatures }),
      health: { state, latency, checkedAt: checkedAt?.toISOString() ?? null, error },
      breaker: health.circuitOf(source),
      lastProbe: counted.lastProbe === undefined ? null : iso(counted.lastProbe),
      routes: patternsOf(of ?? id, config),
      redirects: redirects.of(source),
      numbers: counted.numbers,
      conformance: (await store.features(id)).map(({ detail = null, at, ...feature }) => ({ ...feature, detail, at: iso(at) })),
      lastIncident: await lastIncident(id, withHidden),
    }
  }

  return {
    async all(query, withHidden) {
      const window = windowOf(query)
      const to = Date.now()
      const open = await incidents.openBySource()
      const registries: RegistryReport[] = []
      for (const source of config.registries) {
        if (withHidden || !hidden.has(source.id)) registries.push(await report(source, window, open, withHidden))
      }
      const last = await passes.last()
      return {
        window, from: iso(to - WINDOWS[window]), to: iso(to), interval: config.probes.interval,
        lastPass: last ? passOf(last) : null, registries,
      }
    },
    async one(id, query, withHidden) {
      const window = windowOf(query)
      return report(find(id, withHidden), window, await incidents.openBySource(), withHidden)
    },
    async probes(id, query, withHidden) {
      const { kind, ...page } = readQuery(query, ['kind', 'before', 'limit'])
      const asked = parsePage(page, MAX_LIMIT)
      const found = await store.probePage(find(id, withHidden).id, { ...asked, ...(kind !== undefined && { kind: parseChoice(kind, 'kind', KINDS) }) })
      const probes = found.map(({ at, ...probe }): ProbeEntry => ({ ...probe, at: iso(at) }))
      return { probes, next: probes.length === asked.limit ? probes.at(-1)!.id : null }
    },
    async series(id, query, withHidden) {
      const window = windowOf(query)
      const { series } = await windows.of(find(id, withHidden), window)
      return { id, window, step: STEPS[window], buckets: series }
    },
  }
}

function windowOf(query: URLSearchParams): RegistryWindow {
  const { window = '24h' } = readQuery(query, ['window'])
  return parseChoice(window, 'window', Object.keys(WINDOWS) as RegistryWindow[])
}

export function passOf({ id, started, finished, error }: Pass): ProbePass {
  return { id, started: iso(started), finished: finished === null ? null : iso(finished), error }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
