import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64 } from '../../../shared/tlog/base64.ts'
import { formatCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import { signNote } from '../../../shared/tlog/note.ts'
import { formatTlogProof, parseTlogProof, verifyTlogProof } from '../../../shared/tlog/tlog-proof.ts'
import { createVerifier } from '../../../shared/tlog/vkey.ts'
import vectors from '../../vectors/tlog.json' with { type: 'json' }
import { codeOf, hostileText, nodeVerify, signerOf } from './keys.ts'

const { notes, roots, inclusion } = vectors
const log = signerOf(notes.origin, decodeBase64(notes.seed))
const verifier = createVerifier(notes.vkey, nodeVerify)
const entryOf = (index: number) => new TextEncoder().encode(`record ${index}\n`)

/** Every inclusion proof of the vectors, in the signed checkpoint of its tree. */
const proofs = inclusion.map(({ index, size, proof }) => {
  const root = decodeBase64(roots.find(one => one.size === size)!.root)
  const checkpoint = signNote(formatCheckpoint({ origin: notes.origin, size, root }), [log])
  return { index, size, root, text: formatTlogProof({ index, hashes: proof.map(decodeBase64), checkpoint }), checkpoint, proof }
})
const sample = proofs.find(({ index, size }) => index === 3 && size === 7)!

describe('a proof', () => {
  it.each(proofs)('of leaf $index in the tree of size $size verifies', ({ index, size, root, text, checkpoint }) => {
    expect(verifyTlogProof(text, entryOf(index), verifier))
      .toEqual({ origin: notes.origin, size, root, extensions: [], note: checkpoint, index })
    expect(codeOf(() => verifyTlogProof(text, entryOf(index + 1), verifier))).toBe('BAD_PROOF')
  })

  it('has this form', () => {
    const { checkpoint, proof } = sample
    const lines = ['c2sp.org/tlog-proof@v1', 'index 3', ...proof, '', checkpoint]
    expect(sample.text).toBe(lines.join('\n'))
    const withExtra = formatTlogProof({ ...parseTlogProof(sample.text), extra: new TextEncoder().encode('extra information') })
    expect(withExtra).toBe(lines.toSpliced(1, 0, 'extra ZXh0cmEgaW5mb3JtYXRpb24=').join('\n'))
    expect(new TextDecoder().decode(parseTlogProof(withExtra).extra)).toBe('extra information')
    expect(verifyTlogProof(withExtra, entryOf(3), verifier)).not.toHaveProperty('extra')
  })

  it('keeps the cosignatures of the checkpoint', () => {
    const text = formatTlogProof({ index: 0, hashes: [], checkpoint: notes.witness.checkpoint })
    expect(parseTlogProof(text).checkpoint).toBe(notes.witness.checkpoint)
  })
})

describe('a proof does not verify', () => {
  it('with another index, a hash less, a hash more, or hashes in another order', () => {
    const { index, hashes, checkpoint } = parseTlogProof(sample.text)
    const changes = [
      { index: 2 }, { index: 7 }, { index: 2 ** 40 },
      { hashes: hashes.slice(1) }, { hashes: [...hashes, hashes[0]!] }, { hashes: hashes.toReversed() },
    ]
    for (const change of changes) {
      expect(codeOf(() => verifyTlogProof(formatTlogProof({ index, hashes, checkpoint, ...change }), entryOf(3), verifier))).toBe('BAD_PROOF')
    }
  })

  it('in a checkpoint of another tree, or of another key', () => {
    const proof = parseTlogProof(sample.text)
    const other = proofs.find(({ size }) => size === 8)!
    expect(codeOf(() => verifyTlogProof(formatTlogProof({ ...proof, checkpoint: other.checkpoint }), entryOf(3), verifier))).toBe('BAD_PROOF')
    const stranger = signerOf(notes.origin, new Uint8Array(32).fill(5))
    const forged = signNote(formatCheckpoint({ origin: notes.origin, size: sample.size, root: sample.root }), [stranger])
    expect(codeOf(() => verifyTlogProof(formatTlogProof({ ...proof, checkpoint: forged }), entryOf(3), verifier))).toBe('UNTRUSTED')
  })

  it('with any byte changed', () => {
    const bytes = Buffer.from(sample.text)
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes)
      flipped[at]! ^= 1 << (at % 8)
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(flipped)
      expect(codeOf(() => verifyTlogProof(text, entryOf(3), verifier)), `byte ${at}`).not.toBe('accepted')
    }
  })
})

describe('parsing', () => {
  const { text, proof, checkpoint } = sample
  it.each([
    ['nothing', ''],
    ['another version', text.replace('@v1', '@v2')],
    ['a space after the first line', text.replace('@v1', '@v1 ')],
    ['a line before', `\n${text}`],
    ['no index', text.replace('index 3\n', '')],
    ['an index with a leading zero', text.replace('index 3', 'index 03')],
    ['a negative index', text.replace('index 3', 'index -3')],
    ['an index of 2^53', text.replace('index 3', 'index 9007199254740992')],
    ['no number', text.replace('index 3', 'index x')],
    ['two spaces', text.replace('index 3', 'index  3')],
    ['two indexes', text.replace('index 3', 'index 3\nindex 3')],
    ['extra data after the index', text.replace('index 3', 'index 3\nextra AAAA')],
    ['extra data twice', text.replace('index 3', 'extra AAAA\nextra AAAA\nindex 3')],
    ['extra data that is no base64', text.replace('index 3', 'extra !!!!\nindex 3')],
    ['a hash of 31 bytes', text.replace(proof[0]!, 'hH2/O6WqM8SXbRrP04wkRcdxBnXjSED3frqPG1Slmg==')],
    ['a hash of 64 bytes', text.replace(proof[0]!, Buffer.alloc(64).toString('base64'))],
    ['a hash in base64url', text.replace(proof[0]!, proof[0]!.replace(/.$/, '_'))],
    ['carriage returns', text.replaceAll('\n', '\r\n')],
    ['no empty line', text.replace(`\n\n${checkpoint}`, `\n${checkpoint}`)],
    ['two empty lines', text.replace(`\n\n${checkpoint}`, `\n\n\n${checkpoint}`)],
    ['an unsigned checkpoint', text.slice(0, text.lastIndexOf('\n\n') + 1)],
    ['a note that is no checkpoint', text.replace(checkpoint, signNote('x\n', [log]))],
    ['54 hashes', text.replace(proof[0]!, Array.from({ length: 54 }, () => proof[0]).join('\n'))],
    ['two megabytes', text.replace('index', `extra ${'A'.repeat(2_000_000)}\nindex`)],
  ])('refuses %s', (_, text) => {
    expect(codeOf(() => parseTlogProof(text))).toBe('MALFORMED')
  })

  it('reads what was written, and writes what was read', () => {
    const parts = {
      index: fc.maxSafeNat(),
      hashes: fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 10 }),
      extra: fc.option(fc.uint8Array(), { nil: undefined }),
    }
    fc.assert(fc.property(fc.record(parts), ({ extra, ...rest }) => {
      const proof = { ...rest, checkpoint, ...(extra && { extra }) }
      const text = formatTlogProof(proof)
      expect(parseTlogProof(text)).toEqual(proof)
      expect(formatTlogProof(parseTlogProof(text))).toBe(text)
    }))
  })

  it('ends every hostile text with a TlogError', () => {
    fc.assert(fc.property(hostileText, (hostile) => {
      codeOf(() => verifyTlogProof(hostile, entryOf(3), verifier))
      codeOf(() => verifyTlogProof(text.replace('index 3', hostile), entryOf(3), verifier))
      codeOf(() => verifyTlogProof(`c2sp.org/tlog-proof@v1\n${hostile}\n\n${checkpoint}`, entryOf(3), verifier))
    }), { numRuns: 500 })
  })
})

it('is not written with an impossible index or hash', () => {
  const { checkpoint } = sample
  expect(codeOf(() => formatTlogProof({ index: -1, hashes: [], checkpoint }))).toBe('MALFORMED')
  expect(codeOf(() => formatTlogProof({ index: 0, hashes: [new Uint8Array(31)], checkpoint }))).toBe('MALFORMED')
})
