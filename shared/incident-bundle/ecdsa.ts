import { decodeBase64 } from '../tlog/index.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
/** Bytes of each of a signature's two numbers. */
const SIZE = 32

/**
 * Checks a registry's signature by Web Crypto: ECDSA on P-256 with SHA-256.
 * @param key SPKI, DER in base64
 * @param signature DER in base64
 * @returns false also for what is no key or no signature; undefined where there is no Web Crypto, as in browsers on plain http
 */
export async function verifyEcdsa(key: string, message: string, signature: string): Promise<boolean | undefined> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle as SubtleCrypto | undefined
  if (!subtle) return undefined
  try {
    const imported = await subtle.importKey('spki', new Uint8Array(decodeBase64(key)), ALGORITHM, false, ['verify'])
    return await subtle.verify(ALGORITHM, imported, rawOf(decodeBase64(signature)), new TextEncoder().encode(message))
  } catch {
    // What is no key verifies nothing, and what is no signature is none.
    return false
  }
}

/**
 * The two numbers as Web Crypto wants them: 32 bytes each.
 *
 * SPEC: RFC 3279 2.2.3: "Ecdsa-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }", in DER: one spelling for each signature.
 *
 * @throws RangeError
 */
export function rawOf(der: Uint8Array): Uint8Array<ArrayBuffer> {
  const raw = new Uint8Array(2 * SIZE)
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 2 + 2 * (2 + 1 + SIZE)) throw new RangeError('It is no sequence in DER.')
  let at = 2
  for (const end of [SIZE, 2 * SIZE]) {
    const length = der[at + 1] ?? 0
    const number = der.subarray(at + 2, at + 2 + length)
    const [first = 0x80, second = 0] = number
    // Not negative, and without a zero that means nothing.
    const isMinimal = first < 0x80 && !(first === 0 && length > 1 && second < 0x80)
    if (der[at] !== 0x02 || number.length !== length || !isMinimal) throw new RangeError('It has no number in DER.')
    const digits = first === 0 ? number.subarray(1) : number
    if (digits.length > SIZE) throw new RangeError('A number is too large.')
    raw.set(digits, end - digits.length)
    at += 2 + length
  }
  if (at !== der.length) throw new RangeError('Something follows the two numbers.')
  return raw
}
