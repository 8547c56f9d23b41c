import type { VersionSubject } from '../../shared/record/index.ts'
import type { Log, RecordedVersion } from '../log/types.ts'
import type { SignedVersion } from '../registry/index.ts'

/** What the routes of the surface work with. */
export interface SumdbServices {
  log: Log
  /**
   * A version in the authority that its name is routed to.
   * @throws RegistryError where the route leaves that open: `NOT_FOUND`, `AMBIGUOUS_NAME`, `UPSTREAM_…`
   */
  subjectOf(name: string, version: string): Promise<VersionSubject>
  /** Whether registries have to be asked whose a name is. */
  isOpen(name: string): boolean
  /**
   * Records a version as its authority has it now.
   * @throws RegistryError `NOT_FOUND`, `VERSION_NOT_FOUND`, `CONFLICT`, `LOG_UNAVAILABLE`, `UPSTREAM_…`
   */
  recordVersion(name: string, version: string): Promise<RecordedVersion>
  /** Names that are neither looked up nor recorded in anything public. */
  isPrivate(name: string): boolean
  /** @throws RegistryError `NOT_VERIFIED`, `UPSTREAM_…` */
  verifySignature(signed: SignedVersion): Promise<void>
  /** A failure that a client did not need to know of, and the package it was about. */
  trouble(what: string, error: unknown, name?: string): void
}
