/** Base64 with padding in its one spelling: no padding bits set. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)?$/
const SHA256 = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/
const SHA512_INTEGRITY = /^sha512-[A-Za-z0-9+/]{85}[AQgw]==$/

/** Enough for the signatures and keys of every algorithm that a registry may turn to, and far from a record's size. */
const LONGEST_BASE64 = 8_192

/** Whether a text is exactly one sha512 digest as SRI writes it, in canonical base64. */
export function isSha512Integrity(text: string): boolean {
  return SHA512_INTEGRITY.test(text)
}

/** `sha256-` and 32 bytes in canonical base64. */
export function isSha256Digest(text: string): boolean {
  return text.startsWith('sha256-') && SHA256.test(text.slice('sha256-'.length))
}

/** 32 bytes in canonical base64. */
export function isSha256Base64(text: string): boolean {
  return SHA256.test(text)
}

/** Bytes in canonical base64, at least one and not very many. */
export function isBase64(text: string): boolean {
  return text.length > 0 && text.length <= LONGEST_BASE64 && BASE64.test(text)
}
