import { hashes, Point, verify } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verifyEd25519 } from '../../../shared/tlog/ed25519.ts'
import { keyOfSeed, nodeVerify, seed } from './keys.ts'

const { n: ORDER, p: PRIME } = Point.CURVE()
const MESSAGE = Uint8Array.of(1, 2, 3)
// For noble's own verdicts.
hashes.sha512 = sha512

const littleEndian = (value: bigint) => Uint8Array.from({ length: 32 }, (_, i) => Number(value >> BigInt(8 * i) & 0xFFn))
const toBigInt = (bytes: Uint8Array) => bytes.reduceRight((value, byte) => value << 8n | BigInt(byte), 0n)
const concat = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
const challenge = (r: Uint8Array, publicKey: Uint8Array) => toBigInt(sha512(concat(r, publicKey, MESSAGE))) % ORDER

/** Both verdicts; a test that compares them shows which differed. */
const verdicts = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => {
  const verdict = verifyEd25519(publicKey, message, signature)
  expect(verdict, [publicKey, message, signature].map(bytes => Buffer.from(bytes).toString('hex')).join(' '))
    .toBe(nodeVerify(publicKey, message, signature))
  return verdict
}

/** The eight points of small order, and their encodings, y reduced and not, with both signs. */
const smallOrder = (() => {
  const eighth = (() => {
    for (let y = 2n; ; y++) {
      let point: Point
      try {
        point = Point.fromBytes(littleEndian(y), true)
      } catch {
        continue
      }
      // ORDER × P keeps the part of small order; wanted is one that generates all eight.
      const torsion = point.multiply(ORDER - 1n, false).add(point)
      if (!torsion.double().double().is0()) return torsion
    }
  })()
  const points = [Point.ZERO]
  while (points.length < 8) points.push(points.at(-1)!.add(eighth))
  const ys = new Set(points.map(point => point.toAffine().y))
  const values = [...ys].flatMap(y => y + PRIME < 1n << 255n ? [y, y + PRIME] : [y])
  const encodings = values.flatMap(y => [littleEndian(y), littleEndian(y | 1n << 255n)])
  return { points, encodings }
})()

describe('Ed25519 in JavaScript agrees with Node.js', () => {
  it('about signatures as they should be, and with a bit of key, message or signature changed', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 })
    fc.assert(fc.property(seed, bytes, fc.nat(2), fc.nat(), (secret, message, part, bit) => {
      const key = keyOfSeed(secret)
      const parts = [key.publicKey, message, key.sign(message)] as const
      expect(verdicts(...parts)).toBe(true)
      const changed = parts.map(bytes => bytes.slice()) as [Uint8Array, Uint8Array, Uint8Array]
      const target = changed[part]!
      const at = bit % (target.length * 8)
      target[at >> 3]! ^= 1 << (at & 7)
      expect(verdicts(...changed)).toBe(false)
    }), { numRuns: 150 })
  })

  it('about arbitrary bytes', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
    fc.assert(fc.property(bytes(32), bytes(64), (publicKey, signature) => {
      expect(verdicts(publicKey, new Uint8Array(), signature)).toBe(false)
    }), { numRuns: 200 })
  })

  it('about scalars that are not reduced', () => {
    const key = keyOfSeed(new Uint8Array(32).fill(9))
    const signature = key.sign(MESSAGE)
    const scalar = toBigInt(signature.subarray(32))
    for (const s of [scalar + ORDER, ORDER, (1n << 256n) - 1n]) {
      expect(verdicts(key.publicKey, MESSAGE, concat(signature.subarray(0, 32), littleEndian(s)))).toBe(false)
    }
  })

  it('about signatures that only hold when multiplied by the cofactor', () => {
    const seen = new Set<boolean>()
    const [secret, nonce] = [1234567n, 7654321n]
    for (const keyPart of smallOrder.points) {
      for (const noncePart of smallOrder.points) {
        const publicKey = Point.BASE.multiply(secret).add(keyPart).toBytes()
        const r = Point.BASE.multiply(nonce).add(noncePart).toBytes()
        const k = challenge(r, publicKey)
        const signature = concat(r, littleEndian((nonce + k * secret) % ORDER))
        expect(verify(signature, MESSAGE, publicKey), 'noble accepts all of them').toBe(true)
        seen.add(verdicts(publicKey, MESSAGE, signature))
      }
    }
    // Both verdicts occur, so the comparison can fail either way.
    expect(seen).toEqual(new Set([true, false]))
  })
})

describe('small order', () => {
  it('of a key, in whatever encoding, makes no valid signature', () => {
    expect(smallOrder.encodings).toHaveLength(14)
    let withoutCheck = 0
    for (const publicKey of smallOrder.encodings) {
      for (const r of smallOrder.encodings) {
        const signature = concat(r, littleEndian(0n))
        expect(verifyEd25519(publicKey, MESSAGE, signature)).toBe(false)
        withoutCheck += Number(verify(signature, MESSAGE, publicKey))
      }
    }
    expect(withoutCheck).toBe(14 * 14)
  })

  it('of a commitment makes no valid signature', () => {
    const secret = 1234567n
    const publicKey = Point.BASE.multiply(secret).toBytes()
    const r = Point.ZERO.toBytes()
    const signature = concat(r, littleEndian(challenge(r, publicKey) * secret % ORDER))
    expect(verify(signature, MESSAGE, publicKey)).toBe(true)
    expect(verifyEd25519(publicKey, MESSAGE, signature)).toBe(false)
  })
})

it('answers false for keys and signatures of another size', () => {
  const key = keyOfSeed(new Uint8Array(32))
  const signature = key.sign(new Uint8Array())
  expect(verifyEd25519(key.publicKey, new Uint8Array(), signature)).toBe(true)
  expect(verifyEd25519(key.publicKey.subarray(1), new Uint8Array(), signature)).toBe(false)
  expect(verifyEd25519(key.publicKey, new Uint8Array(), concat(signature, Uint8Array.of(0)))).toBe(false)
  expect(verifyEd25519(new Uint8Array(), new Uint8Array(), new Uint8Array())).toBe(false)
})
