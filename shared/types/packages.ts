import type { AcknowledgedRecord, ConflictRecord, TagsRecord, VersionRecord, WithdrawnRecord } from '../record/index.ts'
import type { IncidentSummary } from './incidents.ts'

/** How versions are put in order, newest first: by what their numbers say, or by when the log recorded them. */
export type VersionOrder = 'version' | 'record'

/** One of the packages of a name: packages of one name at two authorities are two packages. */
export interface PackageAuthority {
  /** Id of the registry. */
  id: string
  /** Host and path. */
  namespace: string
  /** It is the one whose packages carry no namespace in the log. */
  isDefault: boolean
  /** The name is routed to it now. */
  isRouted: boolean
  /** Number of versions in the log. */
  versions: number
}

/** A registry that the package comes from. */
interface PackageSource {
  id: string
  role: 'authority' | 'mirror'
}

/** A version as the log has it. */
export interface PackageVersion extends Pick<VersionRecord, 'integrity' | 'evidence' | 'recorded'> {
  version: string
  /** Index of its record. */
  index: number
  /** The registry's claim; null without one. */
  published: string | null
  /** Key that signed it; null unless the evidence is `signed`. */
  keyid: string | null
  /** The log says that its authority no longer has it. */
  isWithdrawn: boolean
  /** Ids of the registries that gave another digest. */
  conflicts: string[]
  /** Dist-tags that the log last saw at it. */
  tags: string[]
}

/** Another digest for a recorded version. */
export interface PackageConflict extends Pick<ConflictRecord, 'integrity' | 'other' | 'source' | 'recorded'> {
  version: string
  /** Index of the `conflict` record, and of the version's. */
  index: number
  standing: number | null
  /** It is the version's own authority that gave it. */
  isByAuthority: boolean
  /** Number of the incident with its evidence. */
  incident: number | null
}

/** A record about the package. */
export interface PackageChange {
  index: number
  record: VersionRecord | ConflictRecord | WithdrawnRecord | TagsRecord | AcknowledgedRecord
}

/** A package as the log has it; no registry is asked: `GET /api/packages/:name`. */
export interface PackageReport {
  name: string
  /** All to whom a package of this name belongs, or is routed. */
  authorities: PackageAuthority[]
  /** Id of the one that the rest is about. */
  authority: string
  /** Who delivers it: the authority and its mirrors. */
  sources: PackageSource[]
  /** Number of records in the whole log. */
  size: number
  order: VersionOrder
  /** Number of versions in the log, of which so many are withdrawn. */
  total: number
  withdrawn: number
  versions: PackageVersion[]
  /** Value of `skip` for the versions that follow; null: these were the last ones. */
  next: number | null
  /** The dist-tags that were recorded last; null: none were. */
  tags: { index: number, recorded: string, tags: { name: string, version: string }[] } | null
  /** Newest first, at most 50. */
  conflicts: PackageConflict[]
  /** Newest first, at most 20. */
  incidents: IncidentSummary[]
  /** Newest first. */
  changes: PackageChange[]
  /** Value of `before` for the changes that follow; null: these were the last ones. */
  earlier: number | null
}

/**
 * What a source says of one version:
 * - `equal`: the digest, and the dependencies, that the log has
 * - `differs`: another digest, or other dependencies
 * - `listed`: it has the version, which the log has not, so there is nothing to compare it with
 * - `lagging`: a mirror that does not have it, nor anything that its authority published since
 * - `absent`: it does not have it
 * - `unclear`: it has it, without a sha512, or contradicting itself
 * - `error`: it could not be asked
 */
export type CellState = 'equal' | 'differs' | 'listed' | 'lagging' | 'absent' | 'unclear' | 'error'

export interface PackageCell {
  state: CellState
  /** What differs, or is unclear. */
  about: 'integrity' | 'manifest' | 'no-sha512' | 'contradiction' | null
  /** The digest that it gives, where that is another one. */
  integrity: string | null
}

export interface PackageRow {
  version: string
  /** Index of its record; null: the log has none. */
  index: number | null
  /** One for each source, in their order. */
  cells: PackageCell[]
}

/** A source, and how it answered. */
export interface AskedSource extends PackageSource {
  /** `missing`: it does not have the package. `failed`: nobody knows. */
  state: 'found' | 'missing' | 'failed'
  /** Why it failed, in one sentence. */
  problem: string | null
  /** When it was asked, ISO 8601. */
  at: string
  /** Milliseconds to the first byte. */
  latency: number | null
  /** Number of versions that it lists. */
  versions: number | null
  /** Its tag `latest`. */
  latest: string | null
}

/** Some of many versions, newest first. */
export interface VersionList {
  total: number
  versions: string[]
}

/** The versions of a page of the report, as each source has them now: `GET /api/packages/:name/-/registries`. */
export interface PackageRegistries {
  name: string
  authority: string
  /** The authority first. */
  sources: AskedSource[]
  /** Versions that the log has: those of the report with the same `order`, `skip` and `limit`. */
  rows: PackageRow[]
  /** Versions that the authority has and the log has not, newest first, at most 20. */
  unrecorded: { total: number, rows: PackageRow[] }
  /** Versions that the log has and the authority has not, and whether the log says so already; null if it did not answer. */
  gone: (VersionList & { unnoticed: number }) | null
  /** Versions that only a mirror lists. They are never served. */
  foreign: (VersionList & { source: string })[]
}

/** One field that two documents do not agree on, in JSON, cut where it is long; null: it is not there. */
export interface FieldDifference {
  /** Path: `dist.integrity`. */
  field: string
  left: string | null
  right: string | null
}

/** Two sources' documents of a package, field by field: `GET /api/packages/:name/-/differences?left=…&right=…`. */
export interface PackageDifferences {
  name: string
  authority: string
  left: AskedSource
  right: AskedSource
  /** Null: one of them has no document that could be compared. */
  found: DocumentDifferences | null
}

export interface DocumentDifferences {
  /** Of the package as a whole, such as `dist-tags.latest`. */
  fields: FieldDifference[]
  /** Of versions that both have, newest first, at most 50. */
  versions: { version: string, fields: FieldDifference[] }[]
  /** Number of versions with differences. */
  differing: number
  /** Number of versions that both have. */
  common: number
  only: { left: VersionList, right: VersionList }
  /** What registries write differently without meaning anything by it, and how often, the most frequent first. */
  noise: { what: string, count: number }[]
}
