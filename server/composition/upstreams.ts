import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config, RegistryConfig } from '../config/types.ts'
import type { Metrics, RequestLog } from '../observe/index.ts'
import { createConnections, createHealthBook, createUpstream, type HealthBook, type Upstream } from '../registry/index.ts'

type Connections = ReturnType<typeof createConnections>

/** Every registry as something to ask, and how they do. */
export interface Upstreams {
  of(registry: RegistryConfig): Upstream
  health: HealthBook
  connections: Connections
  /** What our own requests say of us. */
  identity: Record<string, string>
  /** Value of `via` in them. */
  via: string
  /** Asks every registry for a sign of life that was not heard of lately, and waits a moment for what it says. */
  probe(): Promise<void>
}

interface UpstreamsOptions {
  config: Config
  version: string
  requestLog: RequestLog
  metrics: Metrics
}

/** Older news of a registry than this (ms) is worth a request. */
const PROBE_INTERVAL = 15_000
const PROBE_TIMEOUT = 5_000
/** Whoever asks for the state waits so long (ms) for who does not answer: while nothing is known of a registry, and later. */
const PATIENCE = { first: 800, later: 50 }
/** As the metrics show it. */
const CIRCUITS = { 'closed': 0, 'half-open': 0.5, 'open': 1 } as const

export function createUpstreams({ config: { registries, limits }, version, requestLog, metrics }: UpstreamsOptions): Upstreams {
  const health = createHealthBook()
  const connections = createConnections(registries, limits)
  const via = `1.1 npmx-registry-${randomBytes(8).toString('hex')}`
  const identity = { 'user-agent': `npmx-registry/${version}`, via }
  const upstreams = new Map(registries.map(registry => [registry.id, createUpstream({
    registry, registries, connections, limits, identity,
    observer: {
      answered(registry, status, latency, retryAfter) {
        health.answered(registry, status, latency, retryAfter)
        metrics.upstreamDuration.observe({ registry: registry.id, status }, latency / 1000)
      },
      failed(registry, error) {
        health.failed(registry, error)
        metrics.upstreamErrors.inc({ registry: registry.id, code: error.code })
        requestLog.logger.warn({ upstream: registry.id, code: error.code, error: error.message })
      },
    },
  })]))
  const of = (registry: RegistryConfig): Upstream => upstreams.get(registry.id)!
  const circuits = () => registries.map(registry => [registry.id, CIRCUITS[health.circuitOf(registry)]] as const)
  metrics.gaugeOf('registry_source_circuit', 'Source that failed (1), that is tried again (0.5), or neither (0)', 'registry', circuits)

  const pings = new Map<string, Promise<void>>()
  /** One at a time for each registry. */
  function ping(registry: RegistryConfig): Promise<void> {
    const running = pings.get(registry.id) ?? hear(registry).finally(() => pings.delete(registry.id))
    pings.set(registry.id, running)
    return running
  }

  async function hear(registry: RegistryConfig): Promise<void> {
    try {
      const response = await of(registry).request({ url: '-/ping', signal: AbortSignal.timeout(PROBE_TIMEOUT) })
      await response.body.dump()
    } catch {
      // The failure is what was asked for: the health book has it.
    }
  }

  return {
    of, health, connections, identity, via,
    async probe() {
      const checkedAt = (registry: RegistryConfig) => health.of(registry).checkedAt
      const due = registries.filter(registry => Date.now() - (checkedAt(registry)?.getTime() ?? 0) > PROBE_INTERVAL)
      const isFirst = due.some(registry => !checkedAt(registry))
      await Promise.race([Promise.all(due.map(ping)), sleep(isFirst ? PATIENCE.first : PATIENCE.later)])
    },
  }
}
