import type { RegistrySignature } from '../../shared/record/index.ts'
import { isObject } from './is-object.ts'
import type { Dist } from './types.ts'

/** Registries give one, sometimes two while they change keys. */
const MOST = 8
const NONE: readonly RegistrySignature[] = []
/** What a record can hold. */
const KEYID = /^[\x21-\x7e]{1,256}$/
const BASE64 = /^[A-Za-z0-9+/]{1,1024}={0,2}$/

/**
 * The signatures in a version's `dist`. What is no signature is one that cannot verify, so it stays in the list: to leave it out
 * would be to forgive it.
 */
export function signaturesOf({ signatures }: Dist): readonly RegistrySignature[] {
  if (!Array.isArray(signatures) || signatures.length === 0) return NONE
  return signatures.slice(0, MOST).map((entry: unknown): RegistrySignature => {
    const { keyid, sig } = isObject(entry) ? entry : {}
    return {
      keyid: typeof keyid === 'string' && KEYID.test(keyid) ? keyid : 'none',
      signature: typeof sig === 'string' && BASE64.test(sig) ? sig : '',
    }
  })
}
