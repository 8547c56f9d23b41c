import { fieldsOf, textIn } from './fields.ts'
import { fromRegistry, notFromRegistry } from './locked-package.ts'
import { describePlace } from './spec.ts'
import type { Fields } from './fields.ts'
import type { LockedPackage } from './types.ts'

type Entries = ReadonlyMap<string, Fields>

/** npm's lockfiles of versions 2 and 3: every package by the folder it lies in; the project's own is ''. */
export function packagesByLocation(fields: Fields): LockedPackage[] {
  const entries: Entries = new Map([...fields].map(([location, entry]) => [location, fieldsOf(entry, 'An entry of "packages"')]))
  const remote = urlsAskedFor(entries)
  const packages: LockedPackage[] = []
  for (const [location, entry] of entries) {
    if (location === '') continue
    const found = packageAt(location, entry, entries, remote)
    if (found) packages.push(found)
  }
  return packages
}

function packageAt(at: string, entry: Fields, entries: Entries, remote: ReadonlySet<string>): LockedPackage | undefined {
  const installed = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(at)?.[1]
  const name = textIn(entry, 'name', at) ?? installed ?? nameOfFolder(at)
  const version = textIn(entry, 'version', at) ?? ''
  const resolved = textIn(entry, 'resolved', at)
  const integrity = textIn(entry, 'integrity', at)
  if (installed === undefined) {
    return notFromRegistry({ name, version, integrity, resolved: `file:${at}`, at, note: 'a folder' })
  }
  if (entry.get('link') === true) {
    // The folder it leads to has an entry of its own, which knows the version.
    if (resolved !== undefined && entries.has(resolved)) return undefined
    return notFromRegistry({ name, version, resolved: `file:${resolved ?? ''}`, at, note: 'a link to a folder' })
  }
  const place = resolved !== undefined && (describePlace(resolved) ?? (remote.has(withoutFragment(resolved)) ? 'a remote tarball' : undefined))
  if (place) return notFromRegistry({ name, version, integrity, resolved, at, note: place })
  if (entry.get('inBundle') !== true) return fromRegistry({ name, version, integrity, resolved, at })
  if (integrity === undefined && resolved === undefined && isNested(at)) {
    return notFromRegistry({ name, version, at, note: 'bundled in the tarball of its parent' })
  }
  // The mark alone does not keep npm from fetching it: the project may bundle it, or the parent's tarball may lack it.
  return fromRegistry({ name, version, integrity, resolved, at, note: 'marked as bundled; this is the registry\'s copy' })
}

/** As npm names a folder that has no name of its own. */
function nameOfFolder(location: string): string {
  const [scope, name] = location.split('/').slice(-2)
  return name === undefined ? scope! : scope!.startsWith('@') ? `${scope}/${name}` : name
}

/** What the project itself bundles is installed from the registry like everything else; it has the same mark. */
const isNested = (location: string) => /node_modules\/.*\/node_modules\//s.test(location)

/**
 * Nothing in an entry tells a remote tarball from one of a registry, because registries lay out their URLs as they like; but
 * whoever depends on a remote tarball names its URL.
 */
function urlsAskedFor(entries: Entries): ReadonlySet<string> {
  const urls = new Set<string>()
  for (const entry of entries.values()) {
    for (const field of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']) {
      for (const spec of fieldsOf(entry.get(field), `A field "${field}" in "packages"`).values()) {
        if (typeof spec === 'string' && /^https?:/i.test(spec)) urls.add(withoutFragment(spec))
      }
    }
  }
  return urls
}

const withoutFragment = (url: string) => url.replace(/#.*$/s, '')
