import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64 } from '../../../shared/tlog/base64.ts'
import {
  cosignatureMessage, createCosignatureVerifier, formatCosignature, parseCosignature,
} from '../../../shared/tlog/cosignature.ts'
import { verifyEd25519 } from '../../../shared/tlog/ed25519.ts'
import { appendSignatures, formatSignatureLine, openNote } from '../../../shared/tlog/note.ts'
import { createVerifier, formatVkey, keyIdOf, TYPE_COSIGNATURE_V1 } from '../../../shared/tlog/vkey.ts'
import vectors from '../../vectors/tlog.json' with { type: 'json' }
import { codeOf, keyOfSeed, nodeVerify } from './keys.ts'

const { witness, ...log } = vectors.notes
const { text, signed } = log.checkpoints.find(({ size }) => size === witness.cosignedSize)!
const logVerifier = createVerifier(log.vkey, nodeVerify)
const verifier = createCosignatureVerifier(witness.vkey, nodeVerify)
const key = keyOfSeed(decodeBase64(witness.seed))

const cosign = (checkpoint: string, timestamp: number) =>
  formatCosignature({ timestamp, signature: key.sign(cosignatureMessage(checkpoint, timestamp)) })

describe('a witness\'s line', () => {
  it('of Go verifies, with its time', () => {
    for (const verify of [nodeVerify, verifyEd25519]) {
      const { verified } = openNote(witness.checkpoint, [logVerifier, createCosignatureVerifier(witness.vkey, verify)])
      expect(verified.map(({ name }) => name)).toEqual([log.origin, witness.name])
      expect(parseCosignature(verified[1]!.signature).timestamp).toBe(witness.timestamp)
    }
  })

  it('is the same bytes when we sign', () => {
    const keyId = keyIdOf(witness.name, TYPE_COSIGNATURE_V1, key.publicKey)
    const line = formatSignatureLine({ name: witness.name, keyId, signature: cosign(text, witness.timestamp) })
    expect(line).toBe(witness.line)
    expect(appendSignatures(signed, line)).toBe(witness.checkpoint)
    expect(formatVkey(witness.name, TYPE_COSIGNATURE_V1, key.publicKey)).toBe(witness.vkey)
  })

  it('rejects the note when text, time or signature is another', () => {
    const { keyId, name } = verifier
    const spoiled = [
      cosign(text.replace('256', '257'), witness.timestamp),
      formatCosignature({ ...parseCosignature(cosign(text, witness.timestamp)), timestamp: witness.timestamp + 1 }),
      cosign(text, witness.timestamp).map((byte, at) => at === 71 ? byte ^ 1 : byte),
      cosign(text, witness.timestamp).subarray(1),
      // The key's signature over the checkpoint itself, or over another time's message.
      key.sign(new TextEncoder().encode(text)),
      new Uint8Array(72).fill(0xFF),
    ]
    for (const signature of spoiled) {
      const note = appendSignatures(signed, formatSignatureLine({ name, keyId, signature }))
      expect(codeOf(() => openNote(note, [logVerifier, verifier]))).toBe('UNTRUSTED')
      expect(openNote(note, [logVerifier]).unverified).toHaveLength(1)
    }
  })
})

it('signs header, time and the whole checkpoint', () => {
  expect(new TextDecoder().decode(cosignatureMessage('o\n1\nr\next\n', 1679315147))).toBe('cosignature/v1\ntime 1679315147\no\n1\nr\next\n')
})

describe('the payload', () => {
  it('is read as it was written', () => {
    fc.assert(fc.property(fc.maxSafeNat(), fc.uint8Array({ minLength: 64, maxLength: 64 }), (timestamp, signature) => {
      expect(parseCosignature(formatCosignature({ timestamp, signature }))).toEqual({ timestamp, signature })
      // Also from within a larger buffer.
      const larger = new Uint8Array([1, 2, 3, ...formatCosignature({ timestamp, signature })])
      expect(parseCosignature(larger.subarray(3))).toEqual({ timestamp, signature })
    }))
  })

  it('of another size, or a time above 2^53-1, is refused', () => {
    for (const size of [0, 8, 64, 71, 73]) expect(codeOf(() => parseCosignature(new Uint8Array(size)))).toBe('MALFORMED')
    const payload = (timestamp: bigint) => {
      const bytes = new Uint8Array(72)
      new DataView(bytes.buffer).setBigUint64(0, timestamp)
      return bytes
    }
    expect(parseCosignature(payload((1n << 53n) - 1n)).timestamp).toBe(Number.MAX_SAFE_INTEGER)
    for (const time of [1n << 53n, (1n << 53n) + 1n, 1n << 63n, (1n << 64n) - 1n]) {
      expect(codeOf(() => parseCosignature(payload(time)))).toBe('MALFORMED')
    }
  })

  it.each([-1, 1.5, Number.NaN, 2 ** 53])('is not written for the time %d', (timestamp) => {
    expect(codeOf(() => formatCosignature({ timestamp, signature: new Uint8Array(64) }))).toBe('MALFORMED')
    expect(codeOf(() => cosignatureMessage(text, timestamp))).toBe('MALFORMED')
  })

  it('is not written for a signature of another size', () => {
    expect(codeOf(() => formatCosignature({ timestamp: 0, signature: new Uint8Array(63) }))).toBe('MALFORMED')
  })
})

it('needs a key of type 4', () => {
  expect(codeOf(() => createCosignatureVerifier(log.vkey, nodeVerify))).toBe('MALFORMED')
  expect(codeOf(() => createCosignatureVerifier('', nodeVerify))).toBe('MALFORMED')
})
