import { LockfileError, malformed, quote } from './errors.ts'
import { fieldsOf, textIn } from './fields.ts'
import { merge, notFromRegistry, withoutIntegrity } from './locked-package.ts'
import { describePlace, isVersion, splitSpec } from './spec.ts'
import { readYaml } from './yaml.ts'
import type { Fields } from './fields.ts'
import type { LockedPackage, Lockfile } from './types.ts'

const VERSIONS = ['4', '5', '6', '7', '8', '9', '10']

/** `yarn.lock` of Yarn 2 and later ("berry"). */
export function readYarnBerry(text: string): Lockfile {
  const documents = readYaml(text)
  if (documents.length !== 1) throw malformed('The lockfile is not one YAML document.')
  const entries = fieldsOf(documents[0], 'The lockfile')
  const version = textIn(fieldsOf(entries.get('__metadata'), 'The entry "__metadata"'), 'version', '__metadata') ?? 'none'
  if (!VERSIONS.includes(version)) {
    throw new LockfileError('UNKNOWN_VERSION',
      `This is version ${quote(version)} of Yarn's lockfile; known are ${VERSIONS.join(', ')}, and Yarn 1's.`)
  }
  const packages: LockedPackage[] = []
  for (const [key, entry] of entries) {
    const found = key === '__metadata' ? undefined : packageOf(key, fieldsOf(entry, 'An entry'))
    if (found) packages.push(found)
  }
  return { kind: 'yarn-berry', version, packages: merge(packages) }
}

function packageOf(at: string, entry: Fields): LockedPackage | undefined {
  const resolution = textIn(entry, 'resolution', at)
  const version = textIn(entry, 'version', at)
  if (resolution === undefined || version === undefined) throw malformed(`The entry ${quote(at)} has no resolution or no version.`)
  const { name, rest: place } = splitSpec(resolution)
  if (place === 'workspace:.') return undefined

  const [, locked, parameters] = /^npm:(.*?)(?:::(.*))?$/s.exec(place) ?? []
  if (locked === undefined || !isVersion(locked)) {
    return notFromRegistry({ name, version, resolved: place, at, note: describe(place) })
  }
  const resolved = new URLSearchParams(parameters).get('__archiveUrl') ?? undefined
  const found = { name, version: locked, resolved, at }
  if (textIn(entry, 'checksum', at) !== undefined) {
    const note = 'Yarn\'s checksum is of its own archive, not of the tarball: only that the version exists can be proven'
    return withoutIntegrity({ ...found, note }, 'other-digest')
  }
  const isConditional = entry.get('conditions') !== undefined
  return withoutIntegrity({ ...found, ...(isConditional && { note: 'Yarn has no checksum of what other platforms install' }) }, 'no-integrity')
}

function describe(place: string): string {
  if (place.startsWith('patch:')) return 'a patched copy of a package that is listed by itself'
  if (/[#&]commit=/.test(place)) return 'from a git repository'
  return describePlace(place.replace(/(?:#|::).*$/s, ''))
    ?? (/^https?:/i.test(place) ? 'a remote tarball' : `resolved as ${quote(place)}`)
}
