import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64, encodeBase64 } from '../../../shared/tlog/base64.ts'
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import { verifyEd25519 } from '../../../shared/tlog/ed25519.ts'
import { signNote } from '../../../shared/tlog/note.ts'
import { createVerifier } from '../../../shared/tlog/vkey.ts'
import vectors from '../../vectors/tlog.json' with { type: 'json' }
import { codeOf, hostileText, nodeVerify, plainText, signerOf } from './keys.ts'

const { notes, roots, badCheckpoints } = vectors
const ROOT = roots[1]!.root
const log = signerOf(notes.origin, decodeBase64(notes.seed))
const verifier = createVerifier(notes.vkey, nodeVerify)
const root = fc.uint8Array({ minLength: 32, maxLength: 32 })
const origin = plainText.map(text => text.replaceAll('\n', '') || 'o')

describe('checkpoints of Go', () => {
  it.each(notes.checkpoints)('of size $size', ({ signed, text, size }) => {
    const root = roots.find(one => one.size === size)!.root
    for (const verify of [nodeVerify, verifyEd25519]) {
      const opened = openCheckpoint(signed, createVerifier(notes.vkey, verify))
      expect(opened).toEqual({ origin: notes.origin, size, root: decodeBase64(root), extensions: [], note: signed })
      expect(formatCheckpoint(opened)).toBe(text)
    }
  })
})

describe('parsing', () => {
  it.each(badCheckpoints)('refuses: $why', ({ text }) => {
    expect(codeOf(() => parseCheckpoint(text))).toBe('MALFORMED')
    expect(codeOf(() => openCheckpoint(signNote(text, [log]), verifier))).toBe('MALFORMED')
  })

  it.each([
    ['nothing', ''],
    ['a newline', '\n'],
    ['no last newline', `o\n1\n${ROOT}`],
    ['an empty line at the end', `o\n1\n${ROOT}\n\n`],
    ['a size with a sign', `o\n+1\n${ROOT}\n`],
    ['a size with a space', `o\n1 \n${ROOT}\n`],
    ['a hexadecimal size', `o\n0x1\n${ROOT}\n`],
    ['a fraction', `o\n1.0\n${ROOT}\n`],
    ['an exponent', `o\n1e3\n${ROOT}\n`],
    ['other digits', `o\n١\n${ROOT}\n`],
    ['two zeros', `o\n00\n${ROOT}\n`],
    ['a size of 2^53', `o\n9007199254740992\n${ROOT}\n`],
    ['a size of 2^53+1', `o\n9007199254740993\n${ROOT}\n`],
    ['a very long size', `o\n${'1'.repeat(400)}\n${ROOT}\n`],
    ['an empty root', 'o\n1\n\n'],
    ['a root without padding', `o\n1\n${ROOT.slice(0, -1)}\n`],
    ['a root with stray bits', `o\n1\n${ROOT.slice(0, -2)}p=\n`],
    ['a root of 33 bytes', `o\n1\n${encodeBase64(new Uint8Array(33))}\n`],
    ['a carriage return', `o\r\n1\r\n${ROOT}\r\n`],
    ['a lone surrogate', `\uD800\n1\n${ROOT}\n`],
  ])('refuses %s', (_, text) => {
    expect(codeOf(() => parseCheckpoint(text))).toBe('MALFORMED')
  })

  it('takes the largest size, and any line as origin or extension', () => {
    expect(parseCheckpoint(`a +b\n9007199254740991\n${ROOT}\n x\n— y\n`))
      .toEqual({ origin: 'a +b', size: Number.MAX_SAFE_INTEGER, root: decodeBase64(ROOT), extensions: [' x', '— y'] })
  })

  it('reads what was written, and refuses or reads every other text', () => {
    fc.assert(fc.property(origin, fc.maxSafeNat(), root, hostileText, (origin, size, root, text) => {
      expect(parseCheckpoint(formatCheckpoint({ origin, size, root }))).toEqual({ origin, size, root, extensions: [] })
      codeOf(() => parseCheckpoint(text))
      codeOf(() => parseCheckpoint(`o\n1\n${text}\n`))
      codeOf(() => openCheckpoint(text, verifier))
    }), { numRuns: 500 })
  })

  it('accepts one spelling only', () => {
    fc.assert(fc.property(hostileText, hostileText, hostileText, (origin, size, root) => {
      const text = `${origin}\n${size}\n${root}\n`
      if (codeOf(() => parseCheckpoint(text)) === 'accepted') expect(formatCheckpoint({ ...parseCheckpoint(text), extensions: [] })).toBe(text)
    }))
  })
})

describe('formatting', () => {
  const good = { origin: 'o', size: 1, root: decodeBase64(ROOT) }
  it.each([
    ['an empty origin', { origin: '' }],
    ['an origin of two lines', { origin: 'a\nb' }],
    ['a control character', { origin: 'a\u0000' }],
    ['a negative size', { size: -1 }],
    ['a fraction', { size: 1.5 }],
    ['no number', { size: Number.NaN }],
    ['too large a size', { size: 2 ** 53 }],
    ['a root of 31 bytes', { root: new Uint8Array(31) }],
    ['an extension line', { extensions: ['x'] }],
  ])('refuses %s', (_, change) => {
    expect(codeOf(() => formatCheckpoint({ ...good, ...change }))).toBe('MALFORMED')
  })
})

describe('opening', () => {
  it('refuses what another key signed', () => {
    const other = signerOf(notes.origin, new Uint8Array(32).fill(1))
    expect(codeOf(() => openCheckpoint(signNote(notes.checkpoints[0]!.text, [other]), verifier))).toBe('UNTRUSTED')
  })

  it('refuses the right key\'s signature over another origin', () => {
    const text = notes.checkpoints[0]!.text.replace('sum.', 'other.')
    expect(codeOf(() => openCheckpoint(signNote(text, [log]), verifier))).toBe('UNTRUSTED')
  })

  it('refuses a signed text that is no checkpoint', () => {
    expect(codeOf(() => openCheckpoint(signNote('go.sum database tree\n', [log]), verifier))).toBe('MALFORMED')
  })
})
