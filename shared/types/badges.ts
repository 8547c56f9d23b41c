import type { VersionRecord } from '../record/index.ts'
import type { VerificationState } from '../verification/index.ts'

/** What a badge says of one version. */
export interface VersionBadge {
  name: string
  version: string
  /** Of the authority whose package it is; null for the default one, and where nothing is recorded. */
  namespace: string | null
  state: VerificationState
  /** Place of its record in the log; null without one. */
  index: number | null
  /** How its record is known: registry signature verified, bytes hashed, or the registry's word over TLS. */
  evidence: VersionRecord['evidence'] | null
  /** When it was recorded, ISO 8601 by the log's clock. */
  recorded: string | null
  /** The sha512 that stands. */
  integrity: string | null
  /** Place of the record of what makes it a mismatch. */
  mismatch: number | null
  /** Place of the record that says it is gone from its registry. */
  withdrawn: number | null
  /** Ids of mirrors that gave other contents: not used, and no fault of the version. */
  disagreeing: string[]
}

/** `POST /api/badges` with `{ "packages": ["@scope/name@1.0.0", …] }`, at most {@link MAX_BADGES}. */
export interface BadgeBatch {
  /** The signed state of the log that this was read in. */
  checkpoint: {
    /** Number of records. */
    size: number
    /** Time of its last record, ISO 8601; null in an empty log. */
    time: string | null
  }
  /** In the order in which they were asked for. */
  badges: VersionBadge[]
}

/** Versions that one request may ask for. */
export const MAX_BADGES = 100
