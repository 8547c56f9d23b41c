import { isPackageName, isPackageVersion } from '../../shared/record/names.ts'
import { parseNpmPath } from '../npm/index.ts'

/** What a path below `/badge` asks for: a picture of one version, or of the latest one; undefined: nothing of ours. */
export type Target = { name: string, version?: string } | 'malformed' | undefined

/** The name begins with the one `@` it may have; what stands behind another one is a version. */
const SPEC = /^((?:@|%40)?[^@]*?)(?:(?:@|%40)([^@]*))?$/i
const PREFIX = '/npm/'
const SUFFIX = '.svg'
const LONGEST_PATH = 1_024

/**
 * The one parser of badges' paths, over the raw URL: `/npm/name.svg`, `/npm/@scope/name@1.0.0.svg`, the name in every spelling
 * that clients use for it. Names are read by the parser of npm's paths.
 * @param path raw request target below the surface's prefix, starting with `/`; a query is ignored
 */
export function parseBadgePath(path: string): Target {
  const end = path.indexOf('?')
  const bare = end < 0 ? path : path.slice(0, end)
  if (!bare.startsWith(PREFIX) || !bare.endsWith(SUFFIX)) return undefined
  if (bare.length > LONGEST_PATH) return 'malformed'
  const [, rawName, rawVersion] = SPEC.exec(bare.slice(PREFIX.length, -SUFFIX.length)) ?? []
  const target = parseNpmPath(`/${rawName ?? ''}`)
  if (target.route !== 'packument' || !isPackageName(target.name)) return 'malformed'
  const { name } = target
  if (rawVersion === undefined) return { name }
  const version = decoded(rawVersion)
  return isPackageVersion(version) ? { name, version } : 'malformed'
}

/** Decoded once; empty if that cannot be done. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
