/** What the configuration room hands to every other room: resolved, validated, frozen. */
export interface Config {
  /** Authorities and mirrors. The first authority is the default one. */
  registries: readonly RegistryConfig[]
  /** First match wins; the last route is always `*` → the default authority. */
  routes: readonly RouteConfig[]
  /** Name patterns that never leave for anything public. */
  private: readonly string[]
  tarballs: TarballMode
  delivery: 'redirect' | 'serve'
  /** In which order the sources of an authority are asked. */
  strategy: Strategy
  policy: PolicyConfig
  /** Told of every new incident. */
  webhooks: readonly WebhookConfig[]
  probes: ProbesConfig
  /** Whether we sign versions of authorities that do not sign, as verified against the log. */
  signVersions: boolean
  /** The key for it, PKCS #8 in PEM, where it does not live in the data directory. */
  registryKey?: string
  /** What operators' requests carry; without it there are none. */
  adminToken?: string
  /** Host (with port, if any) that npm clients rewrite to their configured registry: npm's own default registry. */
  defaultHost: string
  /** Where clients reach this server, with a trailing slash and without a surface's prefix: `http://localhost:3000/`. */
  publicUrl: string
  /**
   * Hosts by which this machine reaches itself or is reached in its network, with port. A client that uses one of them gets
   * our URLs with it; empty where a public URL is configured, which then is the only one.
   */
  localHosts: readonly string[]
  /** Host names (with port, if any) whose whole path space is the npm surface. */
  registryHosts: readonly string[]
  /** Host names whose whole path space is the checksum database. */
  sumdbHosts: readonly string[]
  dataDir: string
  /** `file:` for the embedded database, `libsql:`, `http(s):` or `ws(s):` for a server. May hold a token. */
  databaseUrl: string
  sumdb: SumdbConfig
  cache: CacheConfig
  limits: LimitsConfig
  /** Sentences for the operator, printed at start. */
  notices: readonly string[]
}

export interface SumdbConfig {
  /** Name of the log and of its key; the log keeps the one it was created with. */
  origin?: string
  /** `PRIVATE+KEY+…`, where it does not live in the data directory. */
  signerKey?: string
}

/**
 * `priority`: as configured. `fastest`: the better of two that are drawn, by latency and success. `spread`: by a hash of name
 * and version, so that each source gets its share, and always the same.
 */
export type Strategy = 'priority' | 'fastest' | 'spread'

/** What happens to a version that breaks a rule: it is served and noted, or withheld. */
export type Severity = 'warn' | 'deny'

export interface PolicyConfig {
  /** A dependency leads to a registry that its own registry may not point to. */
  links: Severity
  /** A manifest differs from what is recorded, or from the one inside the tarball. */
  manifests: Severity
}

export interface WebhookConfig {
  url: string
  /** Key of the HMAC that each delivery carries. */
  secret: string
}

export interface ProbesConfig {
  /** Milliseconds from one look at all sources to the next; 0: none unless an operator asks for it. */
  interval: number
  /** Recorded versions that are compared with each source at a time. */
  sample: number
}

/** Which URL a packument names for its tarballs; see `docs/configuration.md`. */
type TarballMode = 'auto' | 'upstream' | 'self'

export interface RegistryConfig {
  id: string
  /** Normalised: absolute, http(s), trailing slash, no credentials, query or hash. */
  url: string
  /** Host and path of the URL, as a package URL's `repository_url` names it. */
  namespace: string
  role: 'authority' | 'mirror'
  /** The authority a mirror copies. */
  of?: string
  /** Ids of other authorities whose packages and tarballs this authority's documents may name. */
  links?: readonly string[]
  /** Milliseconds that it has for the head of an answer, where that is less than for others. */
  timeout?: number
  /** Value of the `authorization` header for this registry only. */
  authorization?: string
  /** Where this entry was read from, for messages: `~/.npmrc`, `registry.config.json`. */
  origin: string
  tls: TlsConfig
}

export interface TlsConfig {
  ca?: readonly string[]
  cert?: string
  key?: string
  /** False only where the operator's npm configuration says `strict-ssl=false`. */
  rejectUnauthorized: boolean
}

export interface RouteConfig {
  /** Name patterns: an exact name, `@scope/*`, a prefix `acme-*`, or `*`. */
  match: readonly string[]
  /** Id of an authority; of several, only a name that exactly one of them has is served. */
  registry: string | readonly string[]
  /** How many sources of the authority, itself included, have to claim the same digest before a version is visible. */
  threshold?: number
}

/** Durations in milliseconds, sizes in bytes. */
export interface CacheConfig {
  /** `fs` in the data directory, or a `redis://` URL. */
  driver: 'fs' | 'redis'
  redisUrl?: string
  /** Bound of the memory that holds ready responses. */
  memory: number
  /** Bound of the tarball store on disk. */
  disk: number
  /** A packument younger than this is served without asking the upstream. */
  fresh: number
  /** Up to this age a stale packument is served at once while a refresh runs behind it. */
  staleWhileRevalidate: number
  /** Up to this age a stale packument is served when the upstream fails. */
  staleIfError: number
  /** How long an upstream's 404 is believed. */
  negative: number
}

export interface LimitsConfig {
  connectTimeout: number
  headersTimeout: number
  /** Longest silence within a body. */
  bodyTimeout: number
  /** Whole budget of a metadata request, retries included. */
  totalTimeout: number
  retries: number
  maxPackumentSize: number
  maxTarballSize: number
  maxRequestBody: number
  maxRedirects: number
  /** Connections kept per upstream origin. */
  connections: number
  proxy: ProxyConfig
}

export interface ProxyConfig {
  http?: string
  https?: string
  noProxy?: string
}
