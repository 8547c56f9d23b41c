import type { ProbeKind } from '../../shared/types/registries.ts'

/** One measurement. */
export interface Probe {
  kind: ProbeKind
  /** Milliseconds since the epoch. */
  at: number
  /** It answered, and not with a failure: that it does not have what was asked for is an answer. */
  isOk: boolean
  status: number | null
  /** Milliseconds to the first byte of the answer. */
  latency: number | null
  /** Bytes of the body, as they came. */
  size: number | null
  /** Milliseconds from the first byte to the last. */
  duration: number | null
  /** One sentence. */
  error: string | null
}

/** What a source says of a recorded version, compared with the record and with its authority. */
export interface Found {
  isPresent: boolean
  /** `missing`: it has no sha512. */
  integrity?: 'equal' | 'other' | 'missing'
  /** The downloaded bytes. */
  bytes?: 'equal' | 'other'
  /** Digest of what an installation depends on. */
  manifest?: 'equal' | 'other'
  /** Time of publication. */
  time?: 'equal' | 'other' | 'missing'
  /** The tag `latest` of its package, beside the authority's. */
  latest?: 'equal' | 'older' | 'newer' | 'missing'
  /** All tags of its package. */
  tags?: 'equal' | 'other'
  /** `unknown`: it could not be checked. */
  signature?: 'none' | 'verifies' | 'invalid' | 'unknown'
}

/** A comparison as it is stored. */
export interface Comparison {
  /** Package URL with version. */
  subject: string
  at: number
  found: Found
}

/** Of the versions that were compared in one look, those with the recorded sha512. */
export interface Agreement {
  /** Milliseconds since the epoch. */
  at: number
  equal: number
  compared: number
}

/** A version that appeared at an authority, and what is known of it at a mirror. Milliseconds since the epoch. */
export interface Arrival {
  /** First seen at the authority. */
  arrived: number
  /** First seen at the mirror. */
  seen: number | null
  /** Looked for at the mirror last, and not there. */
  missing: number | null
}

/** A part of the registry API, and whether a source has it. */
export interface Feature {
  feature: string
  isOk: boolean
  detail?: string
}
