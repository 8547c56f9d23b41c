import { RegistryError } from '../errors.ts'
import { label } from '../registry/index.ts'
import type { RegistryConfig } from '../config/types.ts'
import type { KnownVersion } from './types.ts'

/** Seconds. */
const RETRY_AFTER = 5

/** Why a version is withheld whose authority now gives another digest than the one that is recorded. */
export function conflict({ record }: KnownVersion, other: string, source: RegistryConfig): RegistryError {
  const { subject: { name, version }, integrity, recorded } = record
  return new RegistryError('CONFLICT', `${name}@${version} is withheld: registry ${label(source)} now gives it the digest ${short(other)}, `
    + `but ${short(integrity)} is recorded since ${recorded}, and a published version never changes. `
    + 'Install another version, and ask its publisher or the registry why this one was replaced.')
}

/** Why a version is withheld whose bytes have to be hashed and did not come. */
export function unhashed(name: string, version: string, cause: RegistryError): RegistryError {
  const what = `${name}@${version} is withheld: its registry gives no sha512 for it, and its bytes could not be fetched to be recorded.`
  // Clients try a 5xx again for a minute.
  return isFinal(cause)
    ? new RegistryError(cause.code, `${what} ${cause.message}`, { cause })
    : new RegistryError('UPSTREAM_UNAVAILABLE', `${what} ${cause.message} Try again in a moment.`, { cause, retryAfter: RETRY_AFTER })
}

/** Whether asking again soon would most likely have the same answer. */
export function isFinal({ status }: RegistryError): boolean {
  return status < 500
}

/** Why what is not recorded yet is withheld. */
export function unrecorded(name: string, cause: RegistryError): RegistryError {
  return new RegistryError('LOG_UNAVAILABLE', `Versions of ${name} that are not recorded yet are withheld, because nothing can be recorded now: `
    + `${cause.message} Try again in a moment.`, { cause, retryAfter: cause.retryAfter ?? RETRY_AFTER })
}

/** Why nothing of a package is served. */
export function unreadable(name: string, cause: unknown): RegistryError {
  return new RegistryError('LOG_UNAVAILABLE', `What is recorded of ${name} cannot be read now, and nothing is served without that; try again in a moment.`, {
    cause, retryAfter: RETRY_AFTER,
  })
}

/** What a version lacks whose route wants several sources to claim the same digest. */
export interface Lack {
  name: string
  version: string
  /** How many sources have to. */
  wanted: number
  /** Ids of those that do. */
  agreeing: readonly string[]
  /** Ids of those that give another digest. */
  disagreeing: readonly string[]
  /** Ids of those that could not be asked. */
  silent: readonly string[]
}

/** Why a version is withheld that too few sources have, or have with this digest. */
export function tooFew(lack: Lack): RegistryError {
  return new RegistryError('TOO_FEW_SOURCES', `${standOf(lack)}. `
    + 'Install another version, or try again in some minutes: its mirrors may not have it yet.')
}

/** Why a version is withheld that may have enough sources, but not all of them can be asked. */
export function unasked(lack: Lack): RegistryError {
  const sentence = `${standOf(lack)}, and ${quoted(lack.silent)} cannot be asked now. Try again in a moment.`
  return new RegistryError('UPSTREAM_UNAVAILABLE', sentence, { retryAfter: RETRY_AFTER })
}

function standOf({ name, version, wanted, agreeing, disagreeing }: Lack): string {
  const others = disagreeing.length > 0 ? `, ${quoted(disagreeing)} ${disagreeing.length > 1 ? 'give' : 'gives'} another one` : ''
  const stand = `${agreeing.length} of them ${agreeing.length > 1 ? 'do' : 'does'} (${quoted(agreeing)})`
  return `${name}@${version} is withheld: ${wanted} sources have to claim the same digest, ${stand}${others}`
}

interface Said {
  registry: RegistryConfig
  integrity: string
}

/** What a mirror did that gives another digest to a version that nobody has recorded yet. */
export function disputed(what: string, authority: Said, mirror: Said): string {
  return `Mirror ${label(mirror.registry)} gives ${what} the digest ${short(mirror.integrity)}, `
    + `but its authority ${label(authority.registry)} gives it ${short(authority.integrity)}.`
}

function quoted(ids: readonly string[]): string {
  return ids.map(id => `"${id}"`).join(', ')
}

/** Why a version is withheld, or noted, whose dependency leads where its registry may not point. */
export function linkDenied(name: string, version: string, where: string, from: RegistryConfig): RegistryError {
  const may = from.links?.length ? `itself and ${quoted(from.links)}` : 'itself'
  return new RegistryError('LINK_DENIED', `${name}@${version} depends on ${where}, but packages of registry ${label(from)} `
    + `may depend only on those of ${may}. Install another version, or ask the operator of this proxy to allow it with "links".`)
}

/** Enough of a digest to tell it from another one, and to find it. */
function short(integrity: string): string {
  return `${integrity.slice(0, 'sha512-'.length + 16)}...`
}
