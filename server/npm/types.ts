import type { RegistryKey, VersionSubject } from '../../shared/record/index.ts'
import type { LimitsConfig, RegistryConfig } from '../config/types.ts'
import type { Incidents } from '../incidents/index.ts'
import type { Inspections } from '../inspect/index.ts'
import type { Packuments } from '../packument/index.ts'
import type { RegistryError } from '../errors.ts'
import type { Owners, Presence, Sources, Upstream } from '../registry/index.ts'
import type { Tarballs } from '../tarball/index.ts'
import type { Lies, Pinned } from '../verify/index.ts'

/** What the routes of the surface work with. */
export interface NpmServices {
  packuments: Packuments
  tarballs: Tarballs
  /** What is recorded of versions that no document lists. */
  pinned: Pinned
  /** Whose a name is. */
  owners: Owners
  upstream(registry: RegistryConfig): Upstream
  /** How the log calls a version of an authority. */
  subjectOf(name: string, version: string, authority: RegistryConfig): VersionSubject
  incidents: Pick<Incidents, 'report'>
  inspections: Inspections
  /**
   * All signing keys that are known, or those of some registries; never rejects.
   * @param only ids of registries
   */
  keys(only?: ReadonlySet<string>): Promise<readonly RegistryKey[]>
  /** Who may deliver a version's bytes, and whom clients can be sent to. */
  sources: Sources
  presence: Presence
  lies: Lies
  /** Somebody was redirected to a registry for a version's bytes. */
  redirected(registry: RegistryConfig): void
  /** The body of an answer of this registry ended too early, or went on too slowly. */
  brokeOff(registry: RegistryConfig): void
  /** A registry did not deliver a version's bytes; the next one is asked. */
  gaveUp(registry: RegistryConfig, error: RegistryError): void
  limits: LimitsConfig
  /** Value that our own requests carry in `via`. */
  via: string
  /** A failure that a client did not need to know of, and the package it was about. */
  trouble(what: string, error: unknown, name?: string): void
}
