import { malformed, quote } from './errors.ts'
import { fieldsOf, textIn } from './fields.ts'
import { fromRegistry, notFromRegistry } from './locked-package.ts'
import { describePlace, splitSpec } from './spec.ts'
import type { Fields } from './fields.ts'
import type { LockedPackage } from './types.ts'

/** Characters of a package's path in the tree; it bounds the depth too. */
const MAX_PATH = 1024

/** npm's lockfile of version 1: a tree of `dependencies`, as the packages lie in each other's node_modules. */
export function packagesOfTree(root: unknown): LockedPackage[] {
  const packages: LockedPackage[] = []
  const visit = (dependencies: unknown, parent: string) => {
    for (const [name, value] of fieldsOf(dependencies, 'A field "dependencies"')) {
      const at = `${parent}${name}`
      if (at.length > MAX_PATH) throw malformed(`The path ${quote(at)} in the tree of dependencies is longer than ${MAX_PATH}.`)
      const entry = fieldsOf(value, 'An entry of "dependencies"')
      packages.push(packageOf(name, entry, at))
      visit(entry.get('dependencies'), `${at} > `)
    }
  }
  visit(root, '')
  return packages
}

function packageOf(name: string, entry: Fields, at: string): LockedPackage {
  const version = textIn(entry, 'version', at) ?? ''
  const resolved = textIn(entry, 'resolved', at)
  const integrity = textIn(entry, 'integrity', at)
  if (version.startsWith('npm:')) {
    const real = splitSpec(version.slice('npm:'.length))
    return fromRegistry({ name: real.name, version: real.rest, integrity, resolved, at })
  }
  const place = /^https?:/i.test(version) ? 'a remote tarball' : describePlace(version)
  if (place !== undefined) return notFromRegistry({ name, version: '', integrity, resolved: version, at, note: place })
  // What the project itself bundles is installed from the registry like everything else.
  if (entry.get('bundled') === true && at !== name && integrity === undefined && resolved === undefined) {
    return notFromRegistry({ name, version, at, note: 'bundled in the tarball of its parent' })
  }
  return fromRegistry({ name, version, integrity, resolved, at })
}
