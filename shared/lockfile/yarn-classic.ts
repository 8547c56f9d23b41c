import { malformed, quote } from './errors.ts'
import { fromRegistry, merge, notFromRegistry, withoutIntegrity } from './locked-package.ts'
import { describePlace, splitSpec } from './spec.ts'
import { readEntries } from './yarn-classic-syntax.ts'
import type { LockedPackage, Lockfile } from './types.ts'
import type { Entry } from './yarn-classic-syntax.ts'

/** One entry stands for several names only where the same tarball or folder is asked for under different names. */
const MAX_NAMES = 20

/** `yarn.lock` of Yarn 1. */
export function readYarnClassic(text: string): Lockfile {
  return { kind: 'yarn-classic', version: '1', packages: merge(readEntries(text).flatMap(packagesOf)) }
}

function packagesOf(entry: Entry): LockedPackage[] {
  const { version, resolved, integrity } = entry
  const packages = new Map<string, LockedPackage>()
  for (const at of entry.patterns) {
    const { name, place } = readPattern(at)
    const key = JSON.stringify([name, place !== undefined])
    if (packages.has(key)) continue
    if (packages.size === MAX_NAMES) throw malformed(`The entry stands for more than ${MAX_NAMES} names.`, entry.line)
    packages.set(key, place === undefined
      ? registryPackage({ name, version, integrity, resolved, at })
      : notFromRegistry({ name, version, integrity, resolved: resolved ?? place, at, note: describe(place) }))
  }
  return [...packages.values()]
}

function registryPackage(found: Omit<LockedPackage, 'state'>): LockedPackage {
  if (found.integrity === undefined && /#[0-9a-f]{40}$/i.test(found.resolved ?? '')) {
    const note = 'only a sha1 digest is locked, in its URL: only that the version exists can be proven'
    return withoutIntegrity({ ...found, note }, 'other-digest')
  }
  return fromRegistry(found)
}

/** `name@range`, `alias@npm:name@range`; anything with a scheme or a slash is a place that is no registry. */
function readPattern(pattern: string): { name: string, place?: string } {
  const { name, rest } = splitSpec(pattern)
  if (rest.startsWith('npm:')) return { name: splitSpec(rest.slice('npm:'.length)).name }
  return /[:/\\]/.test(rest) || /^[^@].*[:/\\]/.test(name) ? { name, place: rest || name } : { name }
}

function describe(place: string): string {
  if (describePlace(place) !== undefined) return describePlace(place)!
  if (/^(?:\.{0,2}|~)[/\\]/.test(place)) return 'a folder or local tarball'
  if (/^https?:.*\.git(?:#|$)/i.test(place)) return 'from a git repository'
  if (/^https?:/i.test(place)) return 'a remote tarball'
  return /^[\w.-]+\/[\w.-]+(?:#.*)?$/.test(place) ? 'from a git repository' : `resolved as ${quote(place)}`
}
