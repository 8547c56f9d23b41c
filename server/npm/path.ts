import { LRUCache } from 'lru-cache'
import validatePackageName from 'validate-npm-package-name'

/** What a path of the npm registry API asks for. */
export type Target
  = | { route: 'packument', name: string }
    | { route: 'manifest', name: string, selector: string }
    | { route: 'tarball', name: string, file: string }
    | { route: 'dist-tags', name: string }
    | { route: 'attestations', name: string, version: string }
    | { route: 'keys' | 'search' | 'ping' | 'whoami' | 'login' | 'audit-bulk' | 'audit-quick' | 'root' }
    /** Parts of npm's API that only a registry that takes packages has: tokens, users, organisations, writes. */
    | { route: 'account' }
    | { route: 'unknown' }

const UNKNOWN: Target = { route: 'unknown' }

const FIXED: Record<string, Target> = {
  'npm/v1/keys': { route: 'keys' },
  'v1/search': { route: 'search' },
  'ping': { route: 'ping' },
  'whoami': { route: 'whoami' },
  'v1/login': { route: 'login' },
  'npm/v1/security/advisories/bulk': { route: 'audit-bulk' },
  'npm/v1/security/audits': { route: 'audit-quick' },
  'npm/v1/security/audits/quick': { route: 'audit-quick' },
}
const ACCOUNT = /^(?:user|npm\/v1\/(?:tokens|user)|org|team|stage|_view)(?:\/|$)/

/** Parsing is pure, and clients ask for the same few paths over and over. */
const parsed = new LRUCache<string, Target>({ max: 20_000 })
const LONGEST_PATH = 1_024

/**
 * The one parser of npm paths, over the raw URL: `/@s/x`, `/@s%2fx`, `/@s%2Fx` and `/%40s%2fx` are one package,
 * each segment is decoded exactly once, and what does not decode to a name that npm would accept is unknown.
 * @param path raw request target below the surface's prefix, starting with `/`; a query is ignored
 */
export function parseNpmPath(path: string): Target {
  const known = parsed.get(path)
  if (known) return known
  if (path.length > LONGEST_PATH) return UNKNOWN
  const target = parse(path)
  parsed.set(path, target)
  return target
}

function parse(path: string): Target {
  const end = path.indexOf('?')
  const segments = decodeSegments(end < 0 ? path : path.slice(0, end))
  if (!segments) return UNKNOWN
  if (segments.length === 0) return { route: 'root' }
  if (segments[0] === '-' && segments.length > 1) return parseSpecial(segments.slice(1))
  const [name, ...rest] = takeName(segments)
  if (!name) return UNKNOWN
  if (rest.length === 0) return { route: 'packument', name }
  if (rest[0] === '-') return parseTarball(name, rest.slice(1))
  return rest.length === 1 && isPlain(rest[0]!) ? { route: 'manifest', name, selector: rest[0]! } : UNKNOWN
}

/** Paths below `/-/`. */
function parseSpecial(segments: string[]): Target {
  const joined = segments.join('/')
  if (Object.hasOwn(FIXED, joined)) return FIXED[joined]!
  if (ACCOUNT.test(joined)) return { route: 'account' }
  if (segments[0] === 'package') return parsePackageResource(segments.slice(1))
  if (joined.startsWith('npm/v1/attestations/')) return parseAttestations(segments.slice(3).join('/'))
  return UNKNOWN
}

function parsePackageResource(segments: string[]): Target {
  const [name, resource, ...rest] = takeName(segments)
  if (!name) return UNKNOWN
  if (resource === 'dist-tags') return rest.length === 0 ? { route: 'dist-tags', name } : { route: 'account' }
  return resource === 'visibility' || resource === 'collaborators' || resource === 'access' || resource === 'trust'
    ? { route: 'account' }
    : UNKNOWN
}

function parseAttestations(spec: string): Target {
  const at = spec.lastIndexOf('@')
  if (at <= 0) return UNKNOWN
  const name = spec.slice(0, at)
  const version = spec.slice(at + 1)
  return isName(name) && isPlain(version) ? { route: 'attestations', name, version } : UNKNOWN
}

/** `/-/file.tgz`, or `/-/@scope/file.tgz` as some registries write it. */
function parseTarball(name: string, segments: string[]): Target {
  const scope = name.startsWith('@') ? name.slice(0, name.indexOf('/')) : undefined
  const rest = segments.length === 2 && segments[0] === scope ? segments.slice(1) : segments
  const [file] = rest
  return rest.length === 1 && file?.endsWith('.tgz') && isPlain(file) ? { route: 'tarball', name, file } : UNKNOWN
}

/** The package name that the segments begin with, and the segments behind it. */
function takeName(segments: string[]): [string | undefined, ...string[]] {
  const [first = '', second, ...rest] = segments
  if (first.startsWith('@') && !first.includes('/')) {
    const name = `${first}/${second ?? ''}`
    return isName(name) ? [name, ...rest] : [undefined]
  }
  return isName(first) ? [first, ...segments.slice(1)] : [undefined]
}

/** As npm sees it, but a scope of dots is no scope: it is a path segment as well. */
function isName(name: string): boolean {
  return validatePackageName(name).validForOldPackages && !name.includes('\\') && !/^@\.{1,2}\//.test(name)
}

/** One decoded segment that is not a path of its own. */
function isPlain(segment: string): boolean {
  return segment !== '' && !/^@?\.{1,2}$/.test(segment) && !/[/\\\p{Cc}\s]/u.test(segment)
}

/** Segments decoded once; undefined if one is empty, malformed or a way out of its place. */
function decodeSegments(path: string): string[] | undefined {
  if (!path.startsWith('/')) return undefined
  if (path === '/') return []
  const segments: string[] = []
  for (const raw of path.slice(1).split('/')) {
    let segment
    try {
      segment = decodeURIComponent(raw)
    } catch {
      return undefined
    }
    // A decoded slash is only ever the one between a scope and its name.
    const parts = segment.startsWith('@') ? segment.split('/') : [segment]
    if (parts.length > 2 || !parts.every(isPlain)) return undefined
    segments.push(segment)
  }
  return segments
}
