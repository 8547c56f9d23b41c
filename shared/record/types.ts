import type { PackageSubject, VersionSubject } from './purl.ts'

/** One leaf of the log. Its dates are written `YYYY-MM-DDTHH:mm:ss.sssZ`, its digests and signatures in canonical base64. */
export type LogRecord = VersionRecord | ConflictRecord | WithdrawnRecord | TagsRecord | KeysRecord | HeadRecord | PolicyRecord
  | AcknowledgedRecord

/** A record that the log has not yet given its time. */
export type RecordDraft = Draft<LogRecord>
type Draft<R> = R extends unknown ? Omit<R, 'recorded'> : never

interface Recorded {
  /** The log's clock when it sequenced the record; never decreases along the log. */
  recorded: string
}

/** The one digest of a version, and how it is known. */
export interface VersionRecord extends Recorded {
  kind: 'version'
  subject: VersionSubject
  /** sha512 of the tarball. */
  integrity: string
  /** See `manifestDigest`. */
  manifest: string
  /** When the registry says it was published. */
  published?: string
  /** Registry signature verified, bytes downloaded and hashed, or the registry's word over TLS. */
  evidence: 'signed' | 'fetched' | 'claimed'
  /** The signature that was verified: there exactly if the evidence is `signed`. */
  signature?: RegistrySignature
}

/** A registry's signature over `name@version:integrity`. */
export interface RegistrySignature {
  keyid: string
  /** Base64. */
  signature: string
}

/** A source that gave another digest for a recorded version. */
export interface ConflictRecord extends Recorded {
  kind: 'conflict'
  subject: VersionSubject
  /** The digest that stands. */
  integrity: string
  /** The digest that the source gave. */
  other: string
  /** Id of the registry that gave it. */
  source: string
  /** What the source gave as signature of `other`, whether it verifies or not. */
  signature?: RegistrySignature
}

/** A recorded version that its authority no longer has. */
export interface WithdrawnRecord extends Recorded {
  kind: 'withdrawn'
  subject: VersionSubject
}

/** All dist-tags of a package at one time, in any order. */
export interface TagsRecord extends Recorded {
  kind: 'tags'
  subject: PackageSubject
  tags: readonly { name: string, version: string }[]
}

/** All signing keys of a registry at one time, in any order. */
export interface KeysRecord extends Recorded {
  kind: 'keys'
  /** The registry's namespace, the default authority's too. */
  namespace: string
  keys: readonly RegistryKey[]
}

export interface RegistryKey {
  keyid: string
  /** SubjectPublicKeyInfo, DER in base64. */
  key: string
  expires?: string
}

/** Another log's head, seen by us. */
export interface HeadRecord extends Recorded {
  kind: 'head'
  origin: string
  size: number
  /** Base64. */
  root: string
}

/** A policy that came into force. */
export interface PolicyRecord extends Recorded {
  kind: 'policy'
  /** `sha256-…` of the policy. */
  digest: string
}

/** An operator has seen to an incident. It changes nothing of what stands. */
export interface AcknowledgedRecord extends Recorded {
  kind: 'acknowledged'
  subject: VersionSubject
  /** `sha256-…` of the incident: see `incidentDigest`. */
  incident: string
}
