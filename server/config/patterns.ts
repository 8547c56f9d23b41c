import validatePackageName from 'validate-npm-package-name'
import { BadValue } from './error.ts'
import { show } from './show.ts'

/**
 * Whether a canonical package name matches a pattern: an exact name, `@scope/*`, a prefix `acme-*` (or `@scope/acme-*`), or `*`.
 * Case counts: `JSONStream` and `jsonstream` are two packages.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  if (!pattern.endsWith('*')) return pattern === name
  const prefix = pattern.slice(0, -1)
  return name.length > prefix.length && name.startsWith(prefix)
}

/** Whether every name that matches `inner` matches `outer` too. */
export function coversPattern(outer: string, inner: string): boolean {
  if (!inner.endsWith('*')) return matchesPattern(outer, inner)
  return outer.endsWith('*') && inner.startsWith(outer.slice(0, -1))
}

/**
 * A well-formed pattern.
 * @throws {BadValue}
 */
export function parsePattern(value: unknown): string {
  if (typeof value !== 'string') throw new BadValue(`${show(value)} is not a name pattern. ${FORMS}`)
  if (value === '*') return value
  // A scope without its slash would also match the scopes that merely begin like it, which anyone can register.
  if (/^@[^/]*\*$/.test(value)) throw new BadValue(`${show(value)} would match other scopes too. Write "@scope/*".`)
  const name = value.endsWith('*') ? value.slice(0, -1) : value
  // A prefix is well formed if a name that begins with it is.
  const { validForOldPackages } = validatePackageName(value.endsWith('*') ? `${name}a` : name)
  if (!validForOldPackages || name.includes('*')) throw new BadValue(`${show(value)} is not a name pattern. ${FORMS}`)
  return value
}

const FORMS = 'Use an exact name, "@scope/*", a prefix such as "acme-*", or "*".'
