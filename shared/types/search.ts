import type { Meaning, SearchHint } from '../search/index.ts'

/** A place in the log: a version's record, or another one. */
interface FoundEntry {
  index: number
  /** What the record is about; null where it is about no package. */
  subject: { name: string, version?: string, namespace?: string } | null
  kind: string
}

/** One thing that the text means, that is there, and why it is shown. */
export type SearchFind
  /** The package is called so, or begins so. */
  = | { why: 'name' | 'prefix', name: string, namespace: string | null }
  /** The record of that version, of the version that the tag names, that has the digest, or that is at that place. */
    | { why: 'version' | 'tag' | 'integrity' | 'other' | 'leaf' | 'index' | 'key', entry: FoundEntry }
    | { why: 'size' | 'root', size: number }
    | { why: 'incident', id: number, sentence: string }

/** What a text means here: `GET /api/search?q=…`. */
export interface SearchAnswer {
  /** As it was understood. */
  query: string
  finds: SearchFind[]
  /** There is exactly one thing that it means: go there. What merely begins so is never that. */
  isExact: boolean
  /** There are more packages whose names begin so. */
  hasMore: boolean
  /** What was looked for, found or not. */
  tried: Meaning['kind'][]
  hint: SearchHint | null
  /** A package, or a version, that nobody has asked for yet: its registry can be asked. */
  unknown: { name: string, version: string | null } | null
}

/** Names of recorded packages, for completing what is typed: `GET /api/search/names?q=…`. */
export interface SearchNames {
  names: string[]
}
