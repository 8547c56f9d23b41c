import { LockfileError, malformed, quote } from './errors.ts'
import { fieldsOf, textIn } from './fields.ts'
import { readJsonc } from './json.ts'
import { fromRegistry, merge, notFromRegistry } from './locked-package.ts'
import { describePlace, isVersion, splitSpec } from './spec.ts'
import type { Fields } from './fields.ts'
import type { LockedPackage, Lockfile } from './types.ts'

/**
 * `bun.lock`, Bun's text lockfile, versions 0 to 2. Its packages are lists: `[name@version, registry, details, integrity]` from
 * registries, `[name@place, details, tag or integrity]` from elsewhere.
 */
export function readBun(text: string): Lockfile {
  const lockfile = fieldsOf(readJsonc(text), 'The lockfile')
  const version = lockfile.get('lockfileVersion')
  if (version !== 0 && version !== 1 && version !== 2) {
    throw new LockfileError('UNKNOWN_VERSION',
      `This is version ${quote(JSON.stringify(version) ?? 'none')} of Bun's lockfile; known are 0, 1 and 2.`)
  }
  const workspaces = fieldsOf(lockfile.get('workspaces'), 'The field "workspaces"')
  const packages: LockedPackage[] = []
  for (const [at, entry] of fieldsOf(lockfile.get('packages'), 'The field "packages"')) {
    const found = packageOf(at, entry, workspaces)
    if (found) packages.push(found)
  }
  return { kind: 'bun', version: `${version}`, packages: merge(packages) }
}

function packageOf(at: string, entry: unknown, workspaces: Fields): LockedPackage | undefined {
  const refuse = () => malformed(`The entry ${quote(at)} is not one of Bun's lists.`)
  const [spec, ...more] = Array.isArray(entry) ? entry as unknown[] : []
  if (typeof spec !== 'string') throw refuse()
  const { name, rest: place } = splitSpec(spec)

  if (isVersion(place)) {
    const [registry, details, integrity] = more
    if (typeof registry !== 'string' || (typeof integrity !== 'string' && integrity !== undefined)) throw refuse()
    const isBundled = fieldsOf(details, `The details of ${quote(at)}`).get('bundled') === true
    return fromRegistry({
      name,
      version: place,
      integrity: integrity || undefined,
      resolved: registry || undefined,
      at,
      note: isBundled ? 'marked as bundled; this is the registry\'s copy' : undefined,
    })
  }

  if (place === 'root:') return undefined
  const [details, digest] = more
  if (typeof details === 'string') throw refuse()
  const folder = /^workspace:(.*)$/s.exec(place)?.[1]
  const workspace = folder === undefined ? undefined : fieldsOf(workspaces.get(folder), 'A workspace')
  return notFromRegistry({
    name,
    version: (workspace && textIn(workspace, 'version', at)) ?? '',
    integrity: typeof digest === 'string' && /^sha\d+-/.test(digest) ? digest : undefined,
    resolved: place || undefined,
    at,
    note: describePlace(place) ?? (/^https?:/i.test(place) ? 'a remote tarball' : 'a local tarball'),
  })
}
