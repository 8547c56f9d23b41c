import type { LimitsConfig, RegistryConfig } from '../config/types.ts'
import type { Packuments } from '../packument/index.ts'
import type { Owners, Upstream } from '../registry/index.ts'
import type { Tarballs } from '../tarball/index.ts'

/** What the routes of the surface work with. */
export interface NpmServices {
  packuments: Packuments
  tarballs: Tarballs
  /** Whose a name is. */
  owners: Owners
  upstream(registry: RegistryConfig): Upstream
  limits: LimitsConfig
  /** Value that our own requests carry in `via`. */
  via: string
  /** A failure that a client did not need to know of, and the package it was about. */
  trouble(what: string, error: unknown, name?: string): void
}
