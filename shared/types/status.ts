import type { LogSummary } from './log.ts'
import type { RegistryReport } from './registries.ts'

/** The live state of a running server, as `GET /api/registry/status` answers it. */
export interface RegistryStatus {
  /** The URL that a client's `registry` setting takes: `http://localhost:3000/npm/`. */
  registryUrl: string
  version: string
  /** When this process started, ISO 8601. */
  startedAt: string
  upstreams: UpstreamStatus[]
  cache: {
    /** Packuments known on disk, and ready responses in memory. */
    packuments: number
    ready: number
    readyBytes: number
    tarballs: number
    tarballBytes: number
  }
  /** Requests to the npm surface and to the checksum database since the start. */
  requests: { total: number, hits: number, errors: number }
  log: LogSummary
  incidents: {
    /** Those of public names that nobody has acknowledged. */
    open: number
  }
  /** How the sources that everybody may see compare, in the order of the configuration. */
  sources: { id: string, state: RegistryReport['status']['state'] }[]
}

export interface UpstreamStatus {
  id: string
  role: 'authority' | 'mirror'
  /** Host and path, never credentials. */
  namespace: string
  /** Name patterns routed to it. */
  routes: string[]
  /** `unknown` until it was asked for the first time. */
  state: 'up' | 'down' | 'unknown'
  /** Time to the response's head of the last answer, in milliseconds. */
  latency?: number
  checkedAt?: string
  /** One sentence, when `state` is `down`. */
  error?: string
  /** `open`: it failed too often, and other sources of its packages go before it; `half-open`: it is being tried again. */
  circuit: 'closed' | 'open' | 'half-open'
}
