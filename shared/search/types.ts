/** One thing that a text may mean. Whether there is such a thing is for the log to say. */
export type Meaning
  /** A package, exactly so called. */
  = | { kind: 'package', name: string, namespace?: string }
    | { kind: 'version', name: string, version: string, namespace?: string }
  /** A version by its dist-tag. */
    | { kind: 'tag', name: string, tag: string, namespace?: string }
  /** Packages whose names begin so. */
    | { kind: 'names', prefix: string }
  /** `sha512-…`, canonical. */
    | { kind: 'integrity', integrity: string }
  /** 32 bytes in canonical base64: of a leaf, or the root of a tree. */
    | { kind: 'hash', hash: string }
  /** A record by its place, from 0. */
    | { kind: 'entry', index: number }
  /** A checkpoint by the size of its tree, from 1. */
    | { kind: 'checkpoint', size: number }
  /** A registry's signing key. */
    | { kind: 'key', keyid: string }
    | { kind: 'incident', id: number }

/** Why a text can mean nothing here, or less than it seems to. */
export type SearchHint
  /** More characters than anything that can be found. */
  = | 'too-long'
  /** A digest, but not one that the log has: sha1, sha256 of a tarball, sha384. */
    | 'other-digest'
  /** A package URL of another ecosystem, or one that nobody can read. */
    | 'other-purl'
  /** An address that names no package in a way that is known. */
    | 'other-address'

export interface Detection {
  /** The text without what surrounds it. */
  text: string
  /** Each a different kind; the most telling first. */
  meanings: Meaning[]
  hint?: SearchHint
}
