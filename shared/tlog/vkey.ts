import { sha256 } from '@noble/hashes/sha2.js'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { TlogError } from './errors.ts'
import { isKeyName, type NoteVerifier } from './note.ts'
import { quote } from './text.ts'

/** Ed25519 over the note's text. */
export const TYPE_ED25519 = 0x01
/** ECDSA. Not verified here, but its key id is made differently. */
const TYPE_ECDSA = 0x02
/** Ed25519 over a checkpoint and a time, by a witness. */
export const TYPE_COSIGNATURE_V1 = 0x04

/** A verifier key, `<name>+<key id>+<base64 of type and public key>`, in its parts. */
export interface Vkey {
  name: string
  keyId: number
  type: number
  publicKey: Uint8Array
}

/** Whether a signature of 64 bytes under a public key of 32 bytes is valid. Answers false rather than throw. */
export type Ed25519Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

/** The unsigned 32-bit number that a note's signature lines carry for this key. */
export function keyIdOf(name: string, type: number, publicKey: Uint8Array): number {
  const hash = sha256.create()
  // SPEC: signed-note: the key ID for these signatures [0x02] is the truncated SHA-256 hash of the DER encoded public key.
  if (type !== TYPE_ECDSA) {
    // SPEC: signed-note: key ID = SHA-256(key name || 0x0A || signature type || public key)[:4]
    hash.update(new TextEncoder().encode(`${name}\n`)).update(Uint8Array.of(type))
  }
  const digest = hash.update(publicKey).digest()
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0)
}

/** @throws TlogError `MALFORMED` for a name that no note can carry, or a key that cannot be of this type */
export function formatVkey(name: string, type: number, publicKey: Uint8Array): string {
  checkKey(name, type, publicKey)
  return `${name}+${formatKeyId(keyIdOf(name, type, publicKey))}+${encodeTyped(type, publicKey)}`
}

/**
 * Reads a verifier key of any type. Types other than Ed25519 and cosignature/v1 are known by their number only.
 *
 * @throws TlogError `MALFORMED`, also if the key id is not that of name and key
 */
export function parseVkey(vkey: string): Vkey {
  const [name, keyId, type, publicKey] = parseEncodedKey(vkey, 'verifier key')
  checkKey(name, type, publicKey)
  const expected = keyIdOf(name, type, publicKey)
  if (keyId !== expected) {
    throw new TlogError('MALFORMED', `The verifier key ${quote(vkey)} has not the key id of its name and key, which is ${formatKeyId(expected)}.`)
  }
  return { name, keyId, type, publicKey }
}

/**
 * A verifier of notes signed by the Ed25519 key (type 0x01) of a vkey.
 *
 * @throws TlogError `MALFORMED` for what is no vkey, or one of another type
 */
export function createVerifier(vkey: string, verify: Ed25519Verify): NoteVerifier {
  const { name, keyId, type, publicKey } = parseVkey(vkey)
  if (type !== TYPE_ED25519) throw wrongType(vkey, type, TYPE_ED25519)
  return { name, keyId, verify: (message, signature) => signature.length === 64 && verify(publicKey, message, signature) }
}

/** The error of a vkey that is used for what its type is not. */
export function wrongType(vkey: string, type: number, expected: number): TlogError {
  return new TlogError('MALFORMED', `The verifier key ${quote(vkey)} is of type ${type}. A key of type ${expected} is needed here.`)
}

/**
 * An Ed25519 private key as Go's `note` package writes it. The result is a secret.
 *
 * @param seed 32 bytes
 * @param publicKey the seed's; the key id is made of it
 */
export function formatSignerKey(name: string, seed: Uint8Array, publicKey: Uint8Array): string {
  checkKey(name, TYPE_ED25519, publicKey)
  if (seed.length !== 32) throw new TlogError('MALFORMED', `The seed of the signer key of ${quote(name)} has ${seed.length} bytes instead of 32.`)
  return `PRIVATE+KEY+${name}+${formatKeyId(keyIdOf(name, TYPE_ED25519, publicKey))}+${encodeTyped(TYPE_ED25519, seed)}`
}

/**
 * Reads what `formatSignerKey` writes. The caller derives the public key, and compares its key id with the one here.
 *
 * No error's sentence holds any part of the key.
 *
 * @throws TlogError `MALFORMED`
 */
export function parseSignerKey(text: string): { name: string, keyId: number, seed: Uint8Array } {
  const start = 'PRIVATE+KEY+'
  if (!text.startsWith(start)) throw new TlogError('MALFORMED', `A signer key does not begin with ${start}.`)
  const [name, keyId, type, seed] = parseEncodedKey(text.slice(start.length), 'signer key')
  if (type !== TYPE_ED25519 || seed.length !== 32) throw new TlogError('MALFORMED', 'A signer key is not an Ed25519 seed of 32 bytes (type 1).')
  return { name, keyId, seed }
}

/** `<name>+<8 hex>+<base64 of type and key>`. The errors quote nothing: the key may be a secret. */
function parseEncodedKey(text: string, what: string): [name: string, keyId: number, type: number, key: Uint8Array] {
  // The name ends at the first plus, and base64 may hold more of them. Go accepts upper-case hex too.
  const match = /^(?<name>[^+]+)\+(?<keyId>[0-9a-f]{8})\+(?<key>.+)$/isu.exec(text)
  const { name, keyId, key } = match?.groups ?? {}
  if (name === undefined || keyId === undefined || key === undefined || !isKeyName(name)) {
    throw new TlogError('MALFORMED', `A ${what} has not the form <name>+<8 hexadecimal digits>+<base64>.`)
  }
  const bytes = decodeBase64(key)
  const [type] = bytes
  if (type === undefined) throw new TlogError('MALFORMED', `A ${what} is empty.`)
  return [name, Number.parseInt(keyId, 16), type, bytes.slice(1)]
}

function checkKey(name: string, type: number, publicKey: Uint8Array): void {
  if (!isKeyName(name)) throw new TlogError('MALFORMED', `${quote(name)} is not a key name: it is empty, or holds a space, a plus or a control character.`)
  if ((type === TYPE_ED25519 || type === TYPE_COSIGNATURE_V1) && publicKey.length !== 32) {
    throw new TlogError('MALFORMED', `The key of ${quote(name)} has ${publicKey.length} bytes instead of the 32 of an Ed25519 key.`)
  }
}

function encodeTyped(type: number, key: Uint8Array): string {
  const bytes = new Uint8Array(1 + key.length)
  bytes[0] = type
  bytes.set(key, 1)
  return encodeBase64(bytes)
}

function formatKeyId(keyId: number): string {
  return keyId.toString(16).padStart(8, '0')
}
