import { LockfileError, quote } from './errors.ts'
import { fieldsOf } from './fields.ts'
import { readJson } from './json.ts'
import { merge } from './locked-package.ts'
import { packagesByLocation } from './npm-locations.ts'
import { packagesOfTree } from './npm-tree.ts'
import type { Lockfile } from './types.ts'

/**
 * `package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3.
 * Version 2 says everything twice, for two generations of npm; where the two differ, both are listed.
 */
export function readNpm(text: string): Lockfile {
  const lockfile = fieldsOf(readJson(text), 'The lockfile')
  const version = lockfile.get('lockfileVersion')
  if (version !== 1 && version !== 2 && version !== 3) {
    throw new LockfileError('UNKNOWN_VERSION',
      `This is version ${quote(JSON.stringify(version) ?? 'none')} of npm's lockfile; known are 1, 2 and 3.`)
  }
  const byLocation = version === 1 ? [] : packagesByLocation(fieldsOf(lockfile.get('packages'), 'The field "packages"'))
  const inTree = version === 3 ? [] : packagesOfTree(lockfile.get('dependencies'))
  return { kind: 'npm', version: `${version}`, packages: merge([...byLocation, ...inTree]) }
}
