import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { LimitsConfig, RegistryConfig } from '../config/types.ts'
import type { Packuments, Tier } from '../packument/index.ts'
import type { Upstream } from '../registry/index.ts'
import type { Tarballs } from '../tarball/index.ts'
import type { Target } from './path.ts'

/** A request to the npm surface, below its prefix. */
export interface NpmRequest {
  method: string
  /** Raw request target below the prefix, query included, starting with `/`. */
  path: string
  headers: IncomingHttpHeaders
  /** The client's bytes; reading them is up to the route. */
  body: AsyncIterable<Uint8Array>
}

export interface NpmResponse {
  status: number
  /** Reason phrase, where it says more than the status: pnpm and Yarn show nothing else. */
  reason?: string
  headers: Record<string, string | number>
  body?: Buffer | Readable
  /** For the request log and the metrics. */
  about: About
}

export interface About {
  route: Target['route']
  /** Absent for names that are private to the operator. */
  package?: string
  tier?: Tier | 'redirect' | 'downloaded'
  /** An error's code. */
  code?: string
}

/** What the routes of the surface work with. */
export interface NpmServices {
  packuments: Packuments
  tarballs: Tarballs
  upstream(registry: RegistryConfig): Upstream
  limits: LimitsConfig
  /** Value that our own requests carry in `via`. */
  via: string
  /** A failure that a client did not need to know of, and the package it was about. */
  trouble(what: string, error: unknown, name?: string): void
}
