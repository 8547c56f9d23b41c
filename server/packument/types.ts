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
}

export interface VersionSummary {
  /** SRI string: sha512 where the registry gives one, else what it gives. */
  integrity: string
  /** The URL the registry names. */
  tarball: string
}

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
