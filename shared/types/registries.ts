/** Over which time numbers are computed. */
export type RegistryWindow = '24h' | '7d' | '30d'

/** Worst first: what comes first decides, whatever the rest says, and none of it is averaged into speed. */
export type RegistryState = 'conflict' | 'invalid-signature' | 'down' | 'flaky' | 'lagging' | 'ok' | 'unknown'

/** What is measured: a sign of life, a document, the same if it changed, and a tarball's head and bytes. */
export type ProbeKind = 'ping' | 'packument' | 'revalidation' | 'tarball-head' | 'tarball'

/** So many of so many. `share` is null where there was nothing to count. */
export interface Share {
  count: number
  of: number
  share: number | null
}

/** A share of a sample, and where that of everything lies with a probability of 95 % (Wilson). */
export interface SampledShare extends Share {
  interval: { low: number, high: number } | null
}

/** Times in milliseconds; null where there are too few: see `count`. */
export interface Timing {
  count: number
  p50: number | null
  p95: number | null
  mean: number | null
  /** Standard deviation of the sample. */
  deviation: number | null
}

/** Milliseconds. `isAtLeast`: what has not arrived yet makes it longer, nobody knows how much. */
export interface Delay {
  value: number
  isAtLeast: boolean
}

/** From a version's first sight at the authority to its first sight here, by this server's clock. */
export interface Lag {
  /** Versions that appeared at the authority and were looked for here. */
  count: number
  /** Those of them that are not here yet. */
  pending: number
  mean: Delay | null
  p50: Delay | null
  p95: Delay | null
  max: Delay | null
}

interface Availability extends Share {
  /** Answers that said "too many requests": neither counted as a success nor as a failure. */
  limited: number
}

/** Numbers of one source in one window. Each has the count it rests on; too few measurements are null, not 0. */
export interface RegistryNumbers {
  /** Signs of life, documents and tarball heads that came. */
  availability: Availability
  /** To the first byte of the answer. */
  latency: Record<ProbeKind, Timing>
  /** Bytes a second, the median of whole downloads, and the median of their sizes in bytes. */
  throughput: { count: number, p50: number | null, size: number | null }
  /** Null at an authority, which cannot lag behind itself. */
  lag: Lag | null
  /** Of the versions that appeared at the authority in the last 24 hours, those that are still missing; null at an authority. */
  behind: Share | null
  /** Of the sampled recorded versions, and of their packages, those that are there. */
  coverage: { versions: SampledShare, packages: SampledShare }
  agreement: {
    /** The recorded sha512, of the sampled versions that have one here. */
    integrity: SampledShare
    /** No sha512, of the versions that are here. */
    missingIntegrity: Share
    /** Downloaded bytes that have the recorded sha512. */
    bytes: Share
    /** The recorded digest of what an installation depends on. */
    manifest: Share
    /** The recorded time of publication, of the versions that have one here. */
    time: Share
    /** The authority's `latest`, and all of its tags, by package; null at an authority. */
    latest: (Share & { older: number, newer: number }) | null
    tags: Share | null
  }
  signatures: {
    /** Of the versions that are here. */
    present: Share
    /** Of those whose signature could be checked. */
    verified: Share
  }
  /** Sampled versions that are here although their authority no longer has them; null at an authority. */
  retained: number | null
  /**
   * Arch Linux's score of a mirror, lower is better: (mean delay in hours + mean and standard deviation of the document's time to
   * the first byte in seconds) / availability. Null where one of them was not measured.
   */
  score: number | null
}

/** One part of the registry API. */
export interface ConformanceResult {
  feature: string
  isOk: boolean
  detail: string | null
  /** ISO 8601. */
  at: string
}

export interface RegistryIncident {
  id: number
  kind: string
  sentence: string
  /** ISO 8601. */
  noticed: string
}

/** A source as it is now, and its numbers: `GET /api/registries/:id`. */
export interface RegistryReport {
  id: string
  role: 'authority' | 'mirror'
  /** The authority that a mirror copies. */
  of: string | null
  /** Host and path. */
  namespace: string
  /** From the directory of known registries, where it is in there. */
  name: string | null
  status: { state: RegistryState, reason: string }
  /** From real requests; a source that nobody asked is `unknown`. */
  health: { state: 'up' | 'down' | 'unknown', latency: number | null, checkedAt: string | null, error: string | null }
  /** Whether requests go there: `open` is not now, `half-open` is one to see; null where this is not watched. */
  breaker: 'closed' | 'open' | 'half-open' | null
  /** When it was measured last in the window, ISO 8601. */
  lastProbe: string | null
  /** Name patterns that lead here, or to the authority of a mirror. */
  routes: string[]
  /** Tarball requests that this process redirected there, of those it redirected to its authority and the mirrors of it. */
  redirects: Share
  numbers: RegistryNumbers
  conformance: ConformanceResult[]
  /** The last one that is still open. */
  lastIncident: RegistryIncident | null
}

/** One look at all sources. */
export interface ProbePass {
  id: number
  /** ISO 8601. */
  started: string
  finished: string | null
  /** Why it ended early. */
  error: string | null
}

/** `GET /api/registries?window=24h|7d|30d`. */
export interface RegistriesOverview {
  window: RegistryWindow
  /** Begin and end of the window, ISO 8601. */
  from: string
  to: string
  /** Milliseconds between two looks; 0: only operators start one. A lag is known no better than this. */
  interval: number
  lastPass: ProbePass | null
  registries: RegistryReport[]
}

/** One measurement, as it was stored. */
export interface ProbeEntry {
  id: number
  kind: ProbeKind
  /** ISO 8601. */
  at: string
  isOk: boolean
  status: number | null
  /** Milliseconds to the first byte of the answer. */
  latency: number | null
  /** Bytes of the body. */
  size: number | null
  /** Milliseconds for the body. */
  duration: number | null
  error: string | null
}

/** Newest first: `GET /api/registries/:id/probes`. */
export interface ProbePage {
  probes: ProbeEntry[]
  /** Value of `before` for the page that follows; null: this was the last one. */
  next: number | null
}

/** `POST /api/registries/probe`: the look that was begun, or that was already going on. */
export interface ProbeStart {
  state: 'started' | 'running'
  pass: ProbePass
}

/** A registry that is known, whether it is used here or not: `GET /api/registries/directory`. */
export interface KnownRegistry {
  id: string
  name: string
  operator: string
  kind: 'authority' | 'mirror'
  /** Id of the authority that a mirror copies. */
  of?: string
  region: string
  /** Pages about it, none of them on the registry itself. */
  links: { home?: string, docs?: string, status?: string }
  /** Only that of npm's own default registry, which npm's library names: the others are for their operators to tell. */
  url?: string
  /** Whether it is one of the sources here. */
  configured: boolean
}

/** One span of time in a series: `[at, at + step)`. Nothing measured is a count of 0, and null. */
export interface SeriesBucket {
  /** ISO 8601. */
  at: string
  /** As in {@link RegistryNumbers}, of this span alone. */
  availability: Share
  /** Of documents, milliseconds to the first byte. */
  latency: Pick<Timing, 'count' | 'p50' | 'p95'>
  /** Of the versions that appeared at the authority in it; null at an authority. */
  lag: Pick<Lag, 'count' | 'pending' | 'p50' | 'p95'> | null
  /** Of the versions that were compared in it, one for each look at each: those with the recorded sha512. */
  agreement: Share
}

/** A source's numbers over time, oldest first, without gaps: `GET /api/registries/:id/series?window=24h|7d|30d`. */
export interface RegistrySeries {
  id: string
  window: RegistryWindow
  /** Milliseconds of one bucket. */
  step: number
  /** At most 120. */
  buckets: SeriesBucket[]
}

/** A registry that lists a key. */
export interface KeyListing {
  id: string
  /** Whether it is the very key that stands under this id, and not another one. */
  isSame: boolean
}

/** A key that signs packages, and who lists it. */
export interface ListedKey {
  keyid: string
  /** SubjectPublicKeyInfo, DER in base64. */
  key: string
  /** ISO 8601. */
  expires: string | null
  isExpired: boolean
  /** Id of the authority that had it first; null: this server signs with it. */
  owner: string | null
  /** ISO 8601. */
  firstSeen: string | null
  /** Whether its owner listed it when it was asked last. */
  isPublished: boolean
  /** All who listed this id when they were asked last, its owner included. */
  listedBy: KeyListing[]
}

/** What a registry said when it was asked for its keys last. `failed`: it did not answer; `unknown`: nobody asked yet. */
export interface KeySource {
  id: string
  role: 'authority' | 'mirror'
  of: string | null
  state: 'keys' | 'none' | 'failed' | 'unknown'
  /** ISO 8601. */
  askedAt: string | null
}

/** Which registry signs with which key: `GET /api/registries/keys`. */
export interface RegistryKeysOverview {
  keys: ListedKey[]
  registries: KeySource[]
}
