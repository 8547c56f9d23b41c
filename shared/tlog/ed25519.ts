import { Point } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'

/**
 * Ed25519 verification in JavaScript, for browsers and tools; the server uses OpenSSL's. It answers as Node.js does.
 *
 * Noble's own `verify` does not. Both of its modes multiply the equation by the cofactor, and so accept signatures with
 * components of small order that Go, OpenSSL and Node.js refuse; the strict mode refuses unreduced keys, and the other accepts
 * keys of small order. Only a key's owner can make such signatures, but it is a log's owner whom its readers have to watch: no
 * checkpoint should be valid for some of them and not for others. So the equation is written out here over noble's points.
 * Everything in it is public: nothing has to run in constant time.
 *
 * One difference is left: Go, and older versions of Node.js, accept keys and commitments (R) of small order. Like Web Crypto we
 * do not, since a signature of such a key can hold for many messages.
 *
 * @param publicKey 32 bytes
 * @param signature 64 bytes
 */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  const key = decodePoint(publicKey)
  const scalar = littleEndian(signature.subarray(32))
  // SPEC: RFC 8032 section 5.1.7: Decode [...] the second half as an integer S, in the range 0 <= s < L. [...] If any of the
  // decodings fail (including S being out of range), the signature is invalid.
  if (key === undefined || scalar >= ORDER) return false
  const r = signature.subarray(0, 32)
  const challenge = littleEndian(sha512.create().update(r).update(publicKey).update(message).digest()) % ORDER
  // SPEC: RFC 8032 section 5.1.7: Check the group equation [8][S]B = [8]R + [8][k]A'. It's sufficient, but not required, to
  // instead check [S]B = R + [k]A'.
  // R is compared as bytes, so that only its canonical encoding counts.
  const expected = Point.BASE.multiply(scalar, false).subtract(key.multiply(challenge, false))
  // SPEC: Web Cryptography, Ed25519 verify: If the key data of key represents an invalid point or a small-order element on the
  // Elliptic Curve of Ed25519, return false. If the point R [...] represents an invalid point or a small-order element [...],
  // return false.
  if (key.isSmallOrder() || expected.isSmallOrder()) return false
  return expected.toBytes().every((byte, i) => byte === r[i])
}

const ORDER = Point.CURVE().n

function decodePoint(bytes: Uint8Array): Point | undefined {
  try {
    // True: as Go and OpenSSL, take a y that is not reduced, and a sign for an x of 0.
    return Point.fromBytes(bytes, true)
  } catch {
    // Half of all byte sequences are no point; noble says so by throwing.
    return undefined
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  const digits = Array.from(bytes.toReversed(), byte => byte.toString(16).padStart(2, '0'))
  return BigInt(`0x${digits.join('')}`)
}
