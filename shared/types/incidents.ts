import type { RegistryKey, RegistrySignature, VersionRecord } from '../record/index.ts'

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

/** An operator has seen to it. What stands stands all the same. */
export interface Acknowledgement {
  by: string
  reason: string
  /** ISO 8601. */
  at: string
  /** Index of the log's record of it; null for what is not in the log. */
  record: number | null
}

/** A broken rule, as it is listed. */
export interface IncidentSummary {
  id: number
  kind: IncidentKind
  /** Package URL, with version where it is about one; null where it is about a registry. */
  subject: string | null
  /** Id of the registry that broke the rule. */
  source: string
  /** What happened, in one sentence. */
  sentence: string
  /** Only operators see it. */
  isPrivate: boolean
  /** Index of the log's record of it. */
  record: number | null
  /** When it was seen first, ISO 8601. */
  noticed: string
  acknowledged: Acknowledgement | null
}

/** Newest first: `GET /api/incidents`. */
export interface IncidentPage {
  incidents: IncidentSummary[]
  /** Value of `before` for the page that follows; null: this was the last one. */
  next: number | null
}

/** One incident with all that is known of it: `GET /api/incidents/:id`. */
export interface Incident extends IncidentSummary {
  /** There is one incident for each cause. */
  cause: string
  /** See `incidentDigest`. */
  digest: string
  evidence: Evidence
}

/** A record of the log and its proof. */
export interface ProvenRecord {
  index: number
  /** The leaf's text, byte for byte. */
  text: string
  /** `c2sp.org/tlog-proof@v1`. */
  proof: string
}

/**
 * An incident with all that is needed to check it offline: `GET /api/incidents/:id/bundle`. The file is RFC 8785 JSON and a line
 * feed, so there is one spelling of it.
 */
export interface IncidentBundle {
  format: 'npmx-incident@v1'
  /** `sha256-…` over the RFC 8785 JSON of the other members: whether the file is undamaged, not whether it is true. */
  digest: string
  incident: Incident
  /** The log that the records are in; null for private names, which are in none. */
  log: { origin: string, vkey: string } | null
  /** What stands, the incident, its acknowledgement and the keys, as far as the log has them; proofs of one checkpoint. */
  records: ProvenRecord[]
  /** What the source sent, if it was not what stands: `base64` where we hold it and it is small. */
  bytes: { sha512: string, size: number | null, base64: string | null } | null
}
