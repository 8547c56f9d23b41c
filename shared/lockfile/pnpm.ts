import { LockfileError, malformed, quote } from './errors.ts'
import { fieldsOf, textIn } from './fields.ts'
import { fromRegistry, merge, notFromRegistry } from './locked-package.ts'
import { describePlace, isVersion, splitSpec } from './spec.ts'
import { readYaml } from './yaml.ts'
import type { Fields } from './fields.ts'
import type { LockedPackage, Lockfile } from './types.ts'

const VERSIONS = ['5.3', '5.4', '5.4-inlineSpecifiers', '6.0', '6.1', '9.0']

/**
 * `pnpm-lock.yaml`. Since pnpm 11 it may hold two documents: what pnpm itself needs (its own version, configuration packages),
 * and the project's. Both are installed, both are listed; the version is that of the project's.
 */
export function readPnpm(text: string): Lockfile {
  let version = ''
  const packages: LockedPackage[] = []
  for (const document of readYaml(text)) {
    if (document === '') continue
    const lockfile = fieldsOf(document, 'The lockfile')
    version = textIn(lockfile, 'lockfileVersion', 'the lockfile') ?? ''
    if (!VERSIONS.includes(version)) {
      throw new LockfileError('UNKNOWN_VERSION',
        `This is version ${quote(version || 'none')} of pnpm's lockfile; known are ${VERSIONS.join(', ')}.`)
    }
    for (const [key, entry] of fieldsOf(lockfile.get('packages'), 'The field "packages"')) {
      packages.push(packageOf(key, fieldsOf(entry, 'An entry of "packages"'), version))
    }
  }
  if (version === '') throw malformed('The lockfile is empty.')
  return { kind: 'pnpm', version, packages: merge(packages) }
}

function packageOf(at: string, entry: Fields, lockfileVersion: string): LockedPackage {
  const resolution = fieldsOf(entry.get('resolution'), 'A field "resolution"')
  const type = textIn(resolution, 'type', at)
  const tarball = textIn(resolution, 'tarball', at)
  const integrity = textIn(resolution, 'integrity', at)
  const directory = textIn(resolution, 'directory', at)
  const key = lockfileVersion.startsWith('5') ? readPathKey(at) : readKey(at)

  // Whatever else such an entry says, pnpm compares what it fetches with the digest; only these two make it fetch without one.
  if (key && type === undefined && directory === undefined) {
    const { name, version, registry } = key
    const note = registry === undefined ? undefined : `from the registry ${quote(registry)}`
    return fromRegistry({ name, version, integrity, resolved: tarball, at, note })
  }
  const { name, rest } = splitSpec(withoutPeers(at).replace(/^\//, ''))
  const place = directory !== undefined ? `file:${directory}` : tarball ?? repositoryIn(resolution, at) ?? (rest || at)
  return notFromRegistry({
    name: textIn(entry, 'name', at) ?? name,
    version: textIn(entry, 'version', at) ?? '',
    integrity,
    resolved: place,
    at,
    note: describe(type, directory !== undefined, place),
  })
}

interface Key {
  name: string
  version: string
  /** How the project calls the registry if it is not the default one. */
  registry?: string
}

/** Lockfiles of version 5: `/name/1.0.0`, `/@scope/name/1.0.0_peers`, `registry.example/name/1.0.0`. */
function readPathKey(key: string): Key | undefined {
  const [, registry, name, version] = /^([^/@]*)\/((?:@[^/]+\/)?[^/]+)\/([^/_]+)(?:_.*)?$/s.exec(key) ?? []
  if (name === undefined || version === undefined || !isVersion(version)) return undefined
  return { name, version, ...(registry && { registry }) }
}

/** Later: `name@1.0.0(peer@2.0.0)`; in version 6 with a slash or a host before it, in version 9 also `name@registry:1.0.0`. */
function readKey(key: string): Key | undefined {
  const [, host, spec] = /^(?:([^/@]*)\/)?(.*)$/s.exec(withoutPeers(key))!
  const { name, rest } = splitSpec(spec!)
  const [, prefix, version] = /^(?:([a-z][\w.-]*):)?(.*)$/is.exec(rest)!
  if (prefix === 'runtime' || !isVersion(version!) || !/^(?:@[^/]+\/)?[^/]+$/.test(name)) return undefined
  const registry = host || prefix
  return { name, version: version!, ...(registry && { registry }) }
}

/** Peers follow in parentheses, and so does the digest of a patch. */
const withoutPeers = (key: string) => key.endsWith(')') ? key.replace(/\(.*$/s, '') : key

function repositoryIn(resolution: Fields, at: string): string | undefined {
  const repository = textIn(resolution, 'repo', at)
  return repository && `${repository}#${textIn(resolution, 'commit', at) ?? ''}`
}

function describe(type: string | undefined, isFolder: boolean, place: string): string {
  if (isFolder || type === 'directory') return 'a folder'
  if (type === 'git') return 'from a git repository'
  if (type === 'binary' || type === 'variations') return 'a runtime, not a package'
  return describePlace(place) ?? (/^https?:/i.test(place) ? 'a remote tarball' : `resolved as ${quote(type ?? place)}`)
}
