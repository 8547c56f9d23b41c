import { RegistryError } from '../errors.ts'
import type { Finding } from './types.ts'

/** So many differences are named. */
const NAMED = 3

/** Whether a difference is more than a note. */
export function isGrave({ severity }: Finding): boolean {
  return severity !== 'info'
}

/** What was found in a tarball, in one sentence for people. */
export function sentenceOf(what: string, findings: readonly Finding[]): string {
  const hidden = findings.find(({ field }) => field === 'unreadable')
  if (hidden) return `${what} cannot be compared with what its registry says of it: ${ascii(hidden.tarball)}`
  const grave = findings.filter(isGrave)
  const named = grave.slice(0, NAMED).map(({ field, registry, tarball }) =>
    `${field} (${registry ? `registry: ${registry}` : 'not in the registry'}; ${tarball ? `tarball: ${tarball}` : 'not in the tarball'})`)
  const more = grave.length > NAMED ? ` and ${grave.length - NAMED} more` : ''
  return `The package.json in the tarball of ${what} differs from what its registry says: ${ascii(named.join(', '))}${more}.`
}

/** Why a version is withheld in whose tarball something was found; undefined: nothing that matters. */
export function mismatch(what: string, findings: readonly Finding[]): RegistryError | undefined {
  if (!findings.some(isGrave)) return undefined
  return new RegistryError('MANIFEST_MISMATCH', `${what} is withheld. ${sentenceOf(what, findings)} Install another version, and tell its publisher.`)
}

/** Reasons also go into headers. */
function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, '?')
}
