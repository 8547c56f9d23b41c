import type { RegistryKey, RegistrySignature, VersionRecord } from '../../shared/record/index.ts'

/** Which rule was broken. */
export type IncidentKind
  /** A source gave another digest, or other bytes, for a recorded version. */
  = | 'conflict'
  /** A registry's signature of what it publishes does not verify. */
    | 'invalid-signature'
    /** A registry gave another key under a key id that is known. */
    | 'key-clash'
    /** A registry that published keys no longer does. */
    | 'keys-vanished'
    /** A manifest differs from what is recorded, or from the one inside the tarball. */
    | 'manifest-mismatch'
    /** An attestation is about other bytes than those that are recorded. */
    | 'attestation-mismatch'
    /** A registry named a URL, or redirected to one, that must not be fetched. */
    | 'foreign-host'
    /** A version claims to be older than the last look at its package, which did not have it. */
    | 'backdated'
    /** The tag `latest` was moved to a lower version. */
    | 'tag-moved-back'

/** What a source said of a version, verbatim as far as it matters. */
export interface ClaimedVersion {
  /** SRI as the source gives it. */
  integrity?: string
  /** The sha512 of what it gave, or of the bytes it sent. */
  sha512?: string
  /** Digest of the manifest it gave. */
  manifest?: string
  published?: string
  tarball?: string
  signatures?: readonly RegistrySignature[]
  /** Bytes that it sent, if that is what was wrong. */
  size?: number
}

/** What proves an incident. Everything in it was seen by this server; nothing of it has to be believed. */
export interface Evidence {
  /** What stands: a record of the log, or, for a private name, what is pinned. */
  recorded?: { index: number, text: string } | { pinned: VersionRecord }
  claimed?: ClaimedVersion
  /** Keys that the registry had at that time. */
  keys?: readonly RegistryKey[]
  /** Whatever else the kind needs. */
  details?: Record<string, unknown>
  /** Where and when the source was asked. */
  asked: { source: string, registry: string, at: string }
}

/** A broken rule as it is reported. */
export interface IncidentReport {
  kind: IncidentKind
  /** One incident for each of these, however often it is seen. */
  cause: string
  /** Package URL, with version where it is about one; absent where it is about a registry. */
  subject?: string
  /** Id of the registry that broke the rule. */
  source: string
  /** What happened, in one sentence for people. */
  sentence: string
  /** Nothing of it may be shown to anybody but operators. */
  isPrivate: boolean
  /** Index of the log's record of it. */
  record?: number
  evidence: Evidence
}

/** Where broken rules are kept. */
export interface Incidents {
  /**
   * Keeps what is new, and tells whoever wants to know.
   * @returns the causes that were not known
   * @throws what the database throws; then they are reported another time
   */
  report(reports: readonly IncidentReport[]): Promise<Set<string>>
}
