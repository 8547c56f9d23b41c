import { Agent, EnvHttpProxyAgent, type Dispatcher } from 'undici'
import type { LimitsConfig, RegistryConfig, TlsConfig } from '../config/types.ts'
import { publicLookup } from './addresses.ts'

/** Pools of kept-alive connections: one per registry (its own TLS), and one for hosts that upstreams send us to. */
export interface Connections {
  to(registry: RegistryConfig): Dispatcher
  /** Only public addresses, no client certificate. */
  readonly elsewhere: Dispatcher
  close(): Promise<void>
}

const ANY_TLS: TlsConfig = { rejectUnauthorized: true }

export function createConnections(registries: readonly RegistryConfig[], limits: LimitsConfig): Connections {
  const pools = new Map(registries.map(registry => [registry.id, createPool(limitsOf(registry, limits), registry.tls)]))
  const elsewhere = createPool(limits, { ...ANY_TLS, ca: registries[0]?.tls.ca }, true)
  return {
    to: registry => pools.get(registry.id) ?? elsewhere,
    elsewhere,
    async close() {
      await Promise.all([...pools.values(), elsewhere].map(pool => pool.destroy()))
    },
  }
}

/** Who has less time for an answer has no more than that for a connection. */
function limitsOf({ timeout = Infinity }: RegistryConfig, limits: LimitsConfig): LimitsConfig {
  return { ...limits, connectTimeout: Math.min(limits.connectTimeout, timeout) }
}

function createPool(limits: LimitsConfig, tls: TlsConfig, publicOnly = false): Dispatcher {
  const secure = {
    ca: tls.ca ? [...tls.ca] : undefined,
    cert: tls.cert,
    key: tls.key,
    rejectUnauthorized: tls.rejectUnauthorized,
  }
  const options: Agent.Options = {
    connections: limits.connections,
    headersTimeout: limits.headersTimeout,
    bodyTimeout: limits.bodyTimeout,
    keepAliveTimeout: 30_000,
    allowH2: false,
    connect: { timeout: limits.connectTimeout, ...secure, ...(publicOnly && { lookup: publicLookup }) },
  }
  const { http, https, noProxy } = limits.proxy
  if (!http && !https) return new Agent(options)
  return new EnvHttpProxyAgent({ ...options, httpProxy: http, httpsProxy: https ?? http, noProxy, requestTls: secure })
}
