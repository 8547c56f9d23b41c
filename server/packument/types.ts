import type { RegistrySignature } from '../../shared/record/index.ts'
import type { RegistryError } from '../errors.ts'
import type { Upstream } from '../registry/index.ts'
import type { DocumentFields } from './fields.ts'

/** A packument as we accept it: every map has a null prototype, every version belongs to it. */
export interface Packument {
  'name': string
  'dist-tags': Record<string, string>
  'versions': Record<string, Manifest>
  /** Publish times as the registry claims them, verbatim; absent where the registry has none. */
  'time'?: Record<string, string>
  [field: string]: unknown
}

export interface Manifest {
  name: string
  version: string
  dist: Dist
  [field: string]: unknown
}

export interface Dist {
  tarball: string
  integrity?: string
  shasum?: string
  [field: string]: unknown
}

/** What the rest of the server needs to know of a packument, without holding it. */
export interface Summary {
  name: string
  tags: Record<string, string>
  versions: Map<string, VersionSummary>
  /** Versions that the document lists, but that cannot be used. */
  unusable: readonly string[]
  /** The registry has no `latest`, so what `tags` says of it is our choice. */
  isLatestOurs?: boolean
  /** Everything it says, for those who ask. */
  fields?: DocumentFields
}

export interface VersionSummary {
  /** SRI string: sha512 where the registry gives one, else what it gives. */
  integrity: string
  /** The registry gives one sha512 and nothing else. If not, only the bytes tell which one they have. */
  isPlain: boolean
  /** The registry's `integrity` verbatim, where it is something else than one sha512: what its signatures are over. */
  claim?: string
  /** As the registry gives them; nothing of them is verified. */
  signatures: readonly RegistrySignature[]
  /** The URL the registry names. */
  tarball: string
  /** Digest of what an installation depends on. */
  manifest: string
  /** When the registry says it was published: `YYYY-MM-DDTHH:mm:ss.sssZ`. */
  published: string | undefined
  deprecated: boolean
  /** What its dependencies lead to, for those who ask: see `linkTargets`. */
  links?: readonly string[]
}

/** What else to read of a document than everybody needs. */
export interface Reading {
  links?: boolean
  fields?: boolean
}

/** What may be served of a snapshot, as whoever keeps the record finds. */
export interface Verdict {
  /** Versions that must not be served, and why. */
  withheld: ReadonlyMap<string, RegistryError>
  /** The recorded sha512 of served versions for which the registry does not give one and nothing else. */
  digests: ReadonlyMap<string, string>
  /** Our own signatures of served versions whose registry signs nothing. */
  signatures?: AddedSignatures
  /** When to look again at what is withheld only for now, milliseconds since the epoch; `Infinity`: nothing is. */
  retryAt: number
  /** Why nothing new can be recorded now, if something new is withheld because of it. */
  failure?: RegistryError
  /** Something about the package is still to be recorded, although nothing is withheld for it: look again at `retryAt`. */
  due?: boolean
}

/** A snapshot's contents, and what was found of them. */
export interface Judged {
  summary: Summary
  verdict: Verdict
  /** When the authority last said so, milliseconds since the epoch. */
  checkedAt?: number
}

/**
 * Has every version of a snapshot recorded, and says which may be served. What `before` had and was found good is good.
 * A mirror's document is only compared with what is recorded.
 * @throws RegistryError `LOG_UNAVAILABLE` when it cannot be told what is recorded; `UPSTREAM_INVALID` for a mirror's document
 * that contradicts it, or has nothing of it
 */
export type Judge = (upstream: Upstream, summary: Summary, before?: Judged) => Promise<Verdict>

/** What a rendering leaves out. */
export interface Omissions {
  versions: ReadonlySet<string>
  /** The dist-tags without those that point at them. */
  tags: Record<string, string>
}

/** Our own signatures by version. They are added to those that a manifest has, and replace none. */
export type AddedSignatures = ReadonlyMap<string, RegistrySignature>

/** One way of writing a packument, chosen by what the client asked for. */
export interface Rendering {
  form: 'full' | 'corgi'
  tarballs: TarballUrls
}

/** One version's manifest. */
export interface ManifestRendering {
  form: 'manifest'
  version: string
  tarballs: TarballUrls
}

/** How `dist.tarball` is written: ours always, or the authority's own where it is on one of these origins. */
export interface TarballUrls {
  /** Registry URL as the client sees it, with a trailing slash. */
  base: string
  /** Origin whose URLs are kept; absent: every URL is ours. */
  keep?: string
}
