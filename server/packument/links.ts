import { isObject } from './is-object.ts'
import type { Manifest } from './types.ts'

/** What an installation follows. */
const FIELDS = ['dependencies', 'optionalDependencies', 'peerDependencies'] as const
/** Says that a dependency is no package of any registry. */
export const EXOTIC = '!'
/**
 * A version range, a tag, or nothing: what a registry resolves. Everything else has a colon or a slash in it, or is the name of a
 * file, as npm-package-arg tells them apart.
 */
const PLAIN = /^(?!\.)[^:/\\]*(?<!\.tgz|\.tar|\.tar\.gz)$/i
const ALIAS = /^npm:(@[^/@:]+\/[^/@:]+|[^/@:]+)(?:@[^:/\\]*)?$/
const LONGEST = 200

/**
 * The package names that a version's dependencies lead to, an alias's own target included. What no registry resolves (a git or
 * http URL, a path) is given as it is written, behind `!`.
 */
export function linkTargets(manifest: Manifest): readonly string[] {
  const targets = new Set<string>()
  for (const field of FIELDS) {
    const map = manifest[field]
    for (const [name, spec] of isObject(map) ? Object.entries(map) : []) {
      if (typeof spec !== 'string' || PLAIN.test(spec)) targets.add(name)
      else targets.add(ALIAS.exec(spec)?.[1] ?? `${EXOTIC}${name}@${spec}`.slice(0, LONGEST))
    }
  }
  return [...targets]
}
