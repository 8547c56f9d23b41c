import { TlogError } from './errors.ts'

/** Bytes as standard base64 (RFC 4648 section 4) with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/**
 * Bytes of standard base64 with padding. Every byte sequence has exactly one accepted spelling, so that what was signed or
 * hashed as text cannot be written in a second way.
 *
 * @throws TlogError `MALFORMED` for whitespace, missing padding, other alphabets and non-zero padding bits
 */
export function decodeBase64(text: string): Uint8Array {
  let binary: string
  try {
    binary = atob(text)
  } catch (error) {
    throw new TlogError('MALFORMED', `A text of ${text.length} characters is not base64.`, { cause: error })
  }
  // `atob` forgives whitespace, missing padding and stray padding bits; encoding again does not.
  if (btoa(binary) !== text) {
    throw new TlogError('MALFORMED', `A text of ${text.length} characters is not canonical base64 with padding.`)
  }
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}
