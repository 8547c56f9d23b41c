import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config, RegistryConfig } from './config/types.ts'
import { messageOf, RegistryError } from './errors.ts'
import { createNpmSurface, type NpmSurface, type View } from './npm/index.ts'
import type { Log, Metrics } from './observe/index.ts'
import { createDocuments, createPackuments, createSnapshots, type Packuments, type WorkerSource } from './packument/index.ts'
import {
  createConnections, createHealthBook, createRoutes, createUpstream, type HealthBook, type Routes, type Upstream,
} from './registry/index.ts'
import { openCacheStorage } from './storage.ts'
import { createTarballs, type Tarballs } from './tarball/index.ts'

/** Everything that one running server is made of, put together once. */
export interface Services {
  config: Config
  routes: Routes
  health: HealthBook
  packuments: Packuments
  tarballs: Tarballs
  npm: NpmSurface
  /** What a client without preferences sees. */
  view: View
  /** The same under the name by which a client reached us, if that is one of ours. */
  viewFor(host: string | undefined): View
  /** Asks every upstream for a sign of life that was not heard of lately. */
  probe(): Promise<void>
  /** Finishes running downloads, then lets go of connections and files. */
  close(): Promise<void>
}

interface ServicesOptions {
  config: Config
  version: string
  worker: WorkerSource
  log: Log
  metrics: Metrics
  /** Path of the npm surface: `/npm/`. */
  surfacePath: string
}

/** Running downloads may take this long to finish after the last request was answered. */
const DRAIN = 25_000

export async function createServices({ config, version, worker, log, metrics, surfacePath }: ServicesOptions): Promise<Services> {
  const { limits, cache, dataDir } = config
  await mkdir(dataDir, { recursive: true })
  const routes = createRoutes(config)
  const trouble = (what: string, error: unknown, name?: string) => {
    metrics.trouble.inc()
    const isPrivate = name !== undefined && routes.isPrivate(name)
    // The sentences of our own errors name the package they are about.
    const sentence = isPrivate && error instanceof RegistryError ? error.code : messageOf(error)
    log.logger.warn({ trouble: what, ...(!isPrivate && { package: name }), error: sentence })
  }

  const health = createHealthBook()
  const connections = createConnections(config.registries, limits)
  const via = `1.1 npmx-registry-${randomBytes(8).toString('hex')}`
  const upstreams = new Map(config.registries.map(registry => [registry.id, createUpstream({
    registry, registries: config.registries, connections, limits,
    identity: { 'user-agent': `npmx-registry/${version}`, via },
    observer: {
      answered(registry, status, latency) {
        health.answered(registry, status, latency)
        metrics.upstreamDuration.observe({ registry: registry.id, status }, latency / 1000)
      },
      failed(registry, error) {
        health.failed(registry, error)
        metrics.upstreamErrors.inc({ registry: registry.id, code: error.code })
        log.logger.warn({ upstream: registry.id, code: error.code, error: error.message })
      },
    },
  })]))
  const upstream = (registry: RegistryConfig): Upstream => upstreams.get(registry.id)!

  const storage = openCacheStorage(config)
  const documents = createDocuments(worker, limits.maxPackumentSize)
  const snapshots = createSnapshots(storage)
  const packuments = createPackuments({
    cache, limits, snapshots, documents,
    observer: {
      served: tier => metrics.cache.add(tier),
      joined: () => metrics.joins.inc({ work: 'packument' }),
      dropped(registry, name, dropped) {
        metrics.dropped.inc({ registry: registry.id }, dropped.length)
        const shown = routes.isPrivate(name) ? {} : { package: name }
        log.logger.warn({ upstream: registry.id, ...shown, dropped: dropped.slice(0, 20) })
      },
      trouble,
    },
  })
  const tarballs = createTarballs({
    dir: join(dataDir, 'tarballs'), maxBytes: cache.disk, limits,
    onError: error => trouble('keeping tarballs', error),
  })

  metrics.gauge('registry_ready_bytes', 'Bytes of ready answers in memory', () => packuments.stats().readyBytes)
  metrics.gauge('registry_packuments', 'Packuments in the disk cache', () => packuments.stats().known)
  metrics.gauge('registry_tarball_bytes', 'Bytes of tarballs on disk', () => tarballs.store.stats().bytes)

  const view: View = {
    base: new URL(surfacePath.replace(/^\//, ''), config.publicUrl).href,
    routes, tarballs: config.tarballs, delivery: config.delivery, defaultHost: config.defaultHost,
  }
  const { protocol } = new URL(config.publicUrl)
  const views = new Map<string, View>()
  for (const host of config.localHosts) views.set(host, { ...view, base: `http://${host}${surfacePath}` })
  for (const host of config.registryHosts) views.set(host, { ...view, base: `${protocol}//${host}/` })
  return {
    config, routes, health, packuments, tarballs, view,
    viewFor: host => (host && views.get(host)) || view,
    probe: () => probeAll(config.registries, upstream, health),
    npm: createNpmSurface({ packuments, tarballs, upstream, limits, via, trouble }),
    async close() {
      await tarballs.close(DRAIN)
      await packuments.written()
      await documents.close()
      await connections.close()
      await storage.dispose()
    },
  }
}

/** Older news of an upstream than this (ms) is worth a request. */
const PROBE_INTERVAL = 15_000
const PROBE_TIMEOUT = 5_000
/** Whoever asks for the state waits this long (ms) for an upstream that does not answer. */
const PROBE_PATIENCE = 800

async function probeAll(
  registries: readonly RegistryConfig[], upstream: (registry: RegistryConfig) => Upstream, health: HealthBook,
): Promise<void> {
  const isDue = (registry: RegistryConfig) => Date.now() - (health.of(registry).checkedAt?.getTime() ?? 0) > PROBE_INTERVAL
  const due = registries.filter(isDue)
  const probes = due.map(async (registry) => {
    try {
      const response = await upstream(registry).request({ url: '-/ping', signal: AbortSignal.timeout(PROBE_TIMEOUT) })
      await response.body.dump()
    } catch {
      // The failure is what was asked for: the health book has it.
    }
  })
  await Promise.race([Promise.all(probes), sleep(PROBE_PATIENCE)])
}
