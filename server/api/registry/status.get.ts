import { defineEventHandler, setResponseHeader } from 'h3'
import type { RegistryStatus } from '../../../shared/types/status.ts'
import { whenRunning } from '../../edge/running.ts'
import { summarizeLog } from '../../log-api/index.ts'

/** The live state of this server. Asking it also has every upstream probed that nobody asked lately. */
export default defineEventHandler(async (event): Promise<RegistryStatus> => {
  setResponseHeader(event, 'cache-control', 'no-store')
  const { services, version, startedAt, requests } = await whenRunning()
  const { config, routes, health } = services
  await services.probe()
  const { registries } = await services.compare.reports.all(new URLSearchParams(), false)
  const { known, ready, readyBytes } = services.packuments.stats()
  const { count, bytes } = services.tarballs.store.stats()
  return {
    registryUrl: services.viewAt(event.node.req.headers.host).base,
    version,
    startedAt: startedAt.toISOString(),
    upstreams: config.registries.map((registry) => {
      const { state, latency, checkedAt, error } = health.of(registry)
      return {
        id: registry.id,
        role: registry.role,
        namespace: registry.namespace,
        routes: patternsOf(registry.id),
        state,
        latency,
        checkedAt: checkedAt?.toISOString(),
        error,
        circuit: health.circuitOf(registry),
      }
    }),
    cache: { packuments: known, ready, readyBytes, tarballs: count, tarballBytes: bytes },
    requests: { ...requests },
    log: await summarizeLog(services.log, Date.now()),
    incidents: { open: await services.incidents.countOpen() },
    sources: registries.map(({ id, status: { state } }) => ({ id, state })),
  }

  function patternsOf(id: string): string[] {
    const patterns = config.routes.filter(route => route.registry === id).flatMap(({ match }) => match)
    return routes.default.id === id && !patterns.includes('*') ? [...patterns, '*'] : [...patterns]
  }
})
