import type { RegistryKey, RegistrySignature } from '../../shared/record/index.ts'
import type { RegistryConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import { label } from '../registry/index.ts'

/** The version that a sentence is about. */
export interface About {
  /** `is-number@7.0.0`. */
  what: string
  registry: RegistryConfig
  published: string | undefined
}

/** Seconds. */
const RETRY_AFTER = 5
const ADVICE = 'Install another version, and ask the registry.'

/** Why a version without a signature is withheld, whose registry signs. */
export function missing({ what, registry }: About): RegistryError {
  return refused(`${what} is withheld: registry ${label(registry)} publishes signing keys, but did not sign it. ${ADVICE}`)
}

export function unknownKey({ what, registry }: About, { keyid }: RegistrySignature): RegistryError {
  return refused(`${what} is withheld: it is signed by key ${keyid}, which registry ${label(registry)} does not publish. ${ADVICE}`)
}

export function expired({ what, registry, published }: About, { keyid, expires }: RegistryKey): RegistryError {
  const when = published === undefined ? 'the registry does not say that it was published before' : `it was published at ${published}`
  return refused(`${what} is withheld: key ${keyid} of registry ${label(registry)}, by which it is signed, expired at ${expires}, and ${when}. ${ADVICE}`)
}

export function invalid({ what, registry }: About, { keyid }: RegistryKey): RegistryError {
  return refused(`${what} is withheld: its signature does not verify under key ${keyid} of registry ${label(registry)}, so it or its digest was changed. `
    + 'Install another version, and tell the registry.')
}

/** Why a version by a key that may be new is withheld, while its registry cannot be asked for it. */
export function keysUnasked({ what, registry }: About, { keyid }: RegistrySignature): RegistryError {
  return new RegistryError('UPSTREAM_UNAVAILABLE', `${what} is withheld: it is signed by key ${keyid}, and registry ${label(registry)} cannot be asked for it now. `
    + 'Try again in a moment.', { retryAfter: RETRY_AFTER })
}

/** Why new versions of a registry are withheld that had keys and now says that it has none. */
export function keysGone(name: string, registry: RegistryConfig): RegistryError {
  return new RegistryError('UPSTREAM_UNAVAILABLE', `New versions of ${name} are withheld: registry ${label(registry)} used to publish signing keys and now says that it has none, `
    + 'so nobody can tell what it signed. Try again later, and ask its operator.', { retryAfter: RETRY_AFTER })
}

function refused(sentence: string): RegistryError {
  return new RegistryError('NOT_VERIFIED', sentence)
}
