import { isPackageName } from '../../shared/record/names.ts'
import type { Sentence } from './sentence.ts'

/** Scopes and names that a profile may have choices for. */
const MOST_SCOPES = 100

/**
 * What a choice is for, as the server reads it: `@acme` is everything in that scope.
 * @returns undefined if it is no scope, name or pattern
 */
export function patternOf(name: string): string | undefined {
  const pattern = /^@[^/*]+$/.test(name) ? `${name}/*` : name
  if (pattern === '*') return pattern
  // A scope without its slash would also match the scopes that merely begin like it; npm takes no name that begins so any more.
  if (/^@[^/]*\*$|^[_-]|^(?:node_modules|favicon\.ico)$/i.test(pattern)) return undefined
  const fixed = pattern.endsWith('*') ? pattern.slice(0, -1) : pattern
  return !fixed.includes('*') && isPackageName(pattern.endsWith('*') ? `${fixed}a` : fixed) ? pattern : undefined
}

/** Why there can be no choice for this name beside those; undefined: there can. */
export function nameProblem(name: string, others: readonly string[]): Sentence | undefined {
  if (name === '') return { key: 'registry.preferences.scopes.problems.empty' }
  const pattern = patternOf(name)
  if (pattern === undefined) return { key: 'registry.preferences.scopes.problems.malformed', values: { name: name.slice(0, 60) } }
  const same = others.find(other => patternOf(other) === pattern)
  if (same !== undefined) return { key: 'registry.preferences.scopes.problems.same', values: { name: same } }
  return others.length >= MOST_SCOPES ? { key: 'registry.preferences.scopes.problems.tooMany', values: { most: MOST_SCOPES } } : undefined
}
