import { createPublicKey } from 'node:crypto'
import { isBase64, normalizePublished, type RegistryKey } from '../../../shared/record/index.ts'
import { messageOf } from '../../errors.ts'
import type { SigningKey } from './types.ts'

/** The one kind of key that npm's clients verify with. */
export const KEY_TYPE = 'ecdsa-sha2-nistp256'

/** What a registry's list of keys says. */
export interface KeyDocument {
  /** In its order; one id may be there twice, with two keys. */
  keys: SigningKey[]
  /** Why others of its entries cannot be used. */
  unusable: string[]
}

/** Registries list a handful. */
const MAX_KEYS = 100
/** What a record can hold. */
const KEYID = /^[\x21-\x7e]{1,256}$/
const LONGEST_KEY = 1_024

/**
 * Reads `{ keys: [{ keyid, keytype, scheme, key, expires }] }`. Entries that cannot be used are left out: keys of other kinds, or
 * what is none.
 * @returns undefined for what is no list of keys
 */
export function parseKeyDocument(bytes: Uint8Array): KeyDocument | undefined {
  const entries = entriesOf(bytes)
  if (!entries || entries.length > MAX_KEYS) return undefined
  const keys: SigningKey[] = []
  const unusable: string[] = []
  for (const entry of entries) {
    const key = readEntry(entry)
    if (typeof key === 'string') unusable.push(key)
    else if (!keys.some(other => isSameKey(other, key))) keys.push(key)
  }
  return { keys, unusable }
}

function entriesOf(bytes: Uint8Array): unknown[] | undefined {
  try {
    const document: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    const { keys } = Object(document) as { keys?: unknown }
    return Array.isArray(keys) ? keys : undefined
  } catch {
    // No JSON, so no list: the caller says what that means.
    return undefined
  }
}

/** A key, or why it is none. */
function readEntry(entry: unknown): SigningKey | string {
  const { keyid, keytype, scheme = KEY_TYPE, key, expires } = Object(entry) as Record<string, unknown>
  if (typeof keyid !== 'string' || !KEYID.test(keyid)) return 'a key without a usable id'
  if (keytype !== KEY_TYPE || scheme !== KEY_TYPE) return `key ${keyid} is of another kind than ${KEY_TYPE}`
  const until = expires === undefined || expires === null ? undefined : normalizePublished(expires)
  if (until === undefined && expires !== undefined && expires !== null) return `key ${keyid} expires at what is no time`
  if (typeof key !== 'string' || key.length > LONGEST_KEY || !isBase64(key)) return `key ${keyid} is not base64`
  try {
    return toSigningKey({ keyid, key, ...(until !== undefined && { expires: until }) })
  } catch (error) {
    return `key ${keyid} is not what its type says (${messageOf(error)})`
  }
}

/**
 * Makes a key ready to verify with.
 * @throws Error for what is no public key on P-256
 */
export function toSigningKey({ keyid, key, expires }: RegistryKey): SigningKey {
  const object = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' })
  if (object.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new TypeError('not a key on P-256')
  // One key has one spelling, so that keys can be compared as texts.
  const spki = object.export({ format: 'der', type: 'spki' }).toString('base64')
  return { keyid, key: spki, ...(expires !== undefined && { expires }), object }
}

/** Whether two keys have the same id and are the same. */
export function isSameKey(one: RegistryKey, other: RegistryKey): boolean {
  return one.keyid === other.keyid && one.key === other.key
}

/** A key without what only we need of it. */
export function plainKey({ keyid, key, expires }: RegistryKey): RegistryKey {
  return { keyid, key, ...(expires !== undefined && { expires }) }
}
