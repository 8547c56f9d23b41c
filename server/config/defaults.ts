import type { CacheConfig, LimitsConfig, PolicyConfig, ProbesConfig } from './types.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const MIB = 2 ** 20
const GIB = 2 ** 30

/** Where the server listens when neither `NITRO_PORT` nor `PORT` says. */
export const DEFAULT_PORT = 3000

/** Relative to the directory the server is started in. */
export const DEFAULT_DATA_DIR = '.data'

/** The embedded database, in the data directory. */
export const DATABASE_FILE = 'registry.db'

/** Durations in milliseconds, sizes in bytes. */
export const DEFAULT_CACHE = {
  /** Ready responses of a few thousand packages. */
  memory: 128 * MIB,
  disk: 10 * GIB,
  fresh: 5 * MINUTE,
  staleWhileRevalidate: HOUR,
  /** An upstream may be away for a long weekend. */
  staleIfError: 7 * DAY,
  /** Short: a package that was just published must not stay missing. */
  negative: 30 * SECOND,
} as const satisfies Partial<CacheConfig>

export const DEFAULT_POLICY = { links: 'warn', manifests: 'warn' } as const satisfies PolicyConfig

/** What a comparison of registries needs: a hundred and a half looks a day are enough for percentiles, and a burden to nobody. */
export const DEFAULT_PROBES = { interval: 10 * MINUTE, sample: 20 } as const satisfies ProbesConfig

/** Durations in milliseconds, sizes in bytes. */
export const DEFAULT_LIMITS = {
  connectTimeout: 5 * SECOND,
  headersTimeout: 15 * SECOND,
  bodyTimeout: 20 * SECOND,
  /** Below a minute, after which npm itself gives up waiting for a registry. */
  totalTimeout: 45 * SECOND,
  retries: 2,
  maxPackumentSize: 64 * MIB,
  maxTarballSize: 512 * MIB,
  maxRequestBody: 8 * MIB,
  maxRedirects: 3,
  connections: 64,
} as const satisfies Partial<LimitsConfig>

/** Inclusive bounds of configurable numbers: below them nothing works, above them a limit is none. */
export const BOUNDS = {
  timeout: [1, HOUR],
  age: [0, 365 * DAY],
  /** An empty cache is not a mode: what is rendered must fit while it is sent. */
  cacheSize: [MIB, 2 ** 50],
  bodySize: [1024, 4 * GIB],
  retries: [0, 10],
  redirects: [0, 10],
  connections: [1, 1024],
  threshold: [1, 16],
  sample: [1, 1000],
} as const
