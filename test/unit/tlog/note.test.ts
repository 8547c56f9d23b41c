import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TlogError } from '../../../shared/tlog/errors.ts'
import {
  appendSignatures, formatSignatureLine, isKeyName, openNote, parseNote, parseSignatureLines, signNote,
  type NoteSigner, type NoteVerifier,
} from '../../../shared/tlog/note.ts'
import { createVerifier } from '../../../shared/tlog/vkey.ts'
import vectors from '../../vectors/tlog.json' with { type: 'json' }
import { codeOf, hostileText, keyName, nodeVerify, plainText, seed, signerOf } from './keys.ts'

const { notes } = vectors
const log = signerOf(notes.origin, Buffer.from(notes.seed, 'base64'))
const verifier = createVerifier(notes.vkey, nodeVerify)
const witness = signerOf('witness.example', new Uint8Array(32).fill(7))
const witnessVerifier = createVerifier(witness.vkey, nodeVerify)
const TEXT = 'one\n\nthree\n'

/** A key without cryptography: the signature is a byte, and the message's length. */
const toy = (name: string, keyId: number): NoteSigner & NoteVerifier => ({
  name,
  keyId,
  sign: message => Uint8Array.of(0xAA, message.length % 256),
  verify: (message, signature) => signature.length === 2 && signature[0] === 0xAA && signature[1] === message.length % 256,
})

describe('notes that Go signed', () => {
  it.each(notes.checkpoints)('of size $size open, and are the same bytes when we sign', ({ signed, text }) => {
    const opened = openNote(signed, [verifier])
    expect(opened.text).toBe(text)
    expect(opened.verified.map(({ name, keyId }) => [name, keyId])).toEqual([[log.name, log.keyId]])
    expect(opened.unverified).toEqual([])
    expect(signNote(text, [log])).toBe(signed)
  })

  it('keep the lines of witnesses that are not known', () => {
    const { verified, unverified } = openNote(notes.witness.checkpoint, [verifier])
    expect(verified.map(({ name }) => name)).toEqual([notes.origin])
    const [line] = unverified
    expect([line?.name, line?.keyId, line?.signature.length, unverified.length]).toEqual([notes.witness.name, 0xD6F140B1, 72, 1])
  })
})

describe('notes that are refused', () => {
  it.each(vectors.badNotes)('$why', ({ note }) => {
    expect(() => openNote(note, [verifier])).toThrow(TlogError)
  })

  const good = signNote(TEXT, [log])
  const line = (name: string, base64: string) => `${TEXT}\n— ${name} ${base64}\n`
  it.each([
    ['nothing', ''],
    ['only newlines', '\n\n\n'],
    ['an empty name', line('', 'AAAAAAA=')],
    ['a plus in a name', line('a+b', 'AAAAAAA=')],
    ['a no-break space in a name', line('a\u00A0b', 'AAAAAAA=')],
    ['a next-line character in a name', line('a\u0085b', 'AAAAAAA=')],
    ['a signature of four bytes', line('a', 'AAAAAA==')],
    ['base64 without padding', line('a', 'AAAAAAA')],
    ['base64 with stray bits', line('a', 'AAAAAAB=')],
    ['base64url', line('a', 'AAAAAA-=')],
    ['no base64', `${TEXT}\n— a\n`],
    ['two spaces', `${TEXT}\n— a  AAAAAAA=\n`],
    ['a trailing space', `${TEXT}\n— a AAAAAAA= \n`],
    ['an en dash', `${TEXT}\n– a AAAAAAA=\n`],
    ['a lone surrogate', good.replace('one', 'on\uD800')],
    ['a carriage return', good.replace('one', 'one\r')],
    ['a tab', good.replace('one', 'one\t')],
    ['text after the signatures', `${good}more\n`],
    ['more than a megabyte', `${'x'.repeat(1_000_000)}\n${good}`],
    ['more than a megabyte in UTF-8 only', `${'é'.repeat(500_000)}\n${good}`],
  ])('%s', (_, note) => {
    expect(codeOf(() => openNote(note, [verifier]))).toBe('MALFORMED')
  })

  it('a known key whose signature is of another text, although a second one is right', () => {
    const note = signNote('other\n', [witness, log]).replace('other', TEXT.slice(0, -1))
    const mixed = appendSignatures(signNote(TEXT, [log]), note.slice(note.lastIndexOf('\n\n') + 2).split('\n')[0] + '\n')
    expect(openNote(mixed, [verifier]).unverified).toHaveLength(1)
    expect(codeOf(() => openNote(mixed, [verifier, witnessVerifier]))).toBe('UNTRUSTED')
  })

  it('without keys, and with keys that did not sign', () => {
    expect(codeOf(() => openNote(good, []))).toBe('UNTRUSTED')
    expect(codeOf(() => openNote(good, [witnessVerifier]))).toBe('UNTRUSTED')
  })

  it('with the name or the id of a known key, but not both', () => {
    expect(codeOf(() => openNote(good, [{ ...verifier, name: 'other.example' }]))).toBe('UNTRUSTED')
    expect(codeOf(() => openNote(good, [{ ...verifier, keyId: verifier.keyId ^ 1 }]))).toBe('UNTRUSTED')
  })

  it('with two keys that cannot be told apart', () => {
    expect(codeOf(() => openNote(good, [verifier, verifier]))).toBe('MALFORMED')
  })
})

describe('many signatures', () => {
  const signers = (count: number) => Array.from({ length: count }, (_, i) => toy(`key${i}.example`, i))

  it.each([16, 100])('%i are accepted', (count) => {
    const keys = signers(count)
    expect(openNote(signNote(TEXT, keys), keys).verified).toHaveLength(count)
  })

  it('of post-quantum size are accepted', () => {
    const keys = signers(16).map(key => ({ ...key, sign: () => new Uint8Array(5000).fill(1) }))
    expect(openNote(signNote(TEXT, [log, ...keys]), [verifier]).unverified).toHaveLength(16)
  })

  it('101 are refused', () => {
    const keys = signers(101)
    const note = `${TEXT}\n${keys.map(key => formatSignatureLine({ ...key, signature: Uint8Array.of(1) })).join('')}`
    expect(codeOf(() => parseNote(note))).toBe('MALFORMED')
    expect(codeOf(() => signNote(TEXT, keys))).toBe('MALFORMED')
    expect(codeOf(() => appendSignatures(signNote(TEXT, [log]), note.slice(note.lastIndexOf('\n\n') + 2)))).toBe('MALFORMED')
  })

  it('of one key count once, known or not', () => {
    const note = signNote(TEXT, [log, witness])
    const lines = note.slice(note.lastIndexOf('\n\n') + 2)
    const { verified, unverified } = openNote(note + lines + lines, [verifier])
    expect(verified).toHaveLength(1)
    expect(unverified).toHaveLength(1)
  })
})

describe('signing', () => {
  it.each([
    ['a text without a last newline', 'one'],
    ['an empty text', ''],
    ['a control character', 'a\u0000\n'],
    ['a lone surrogate', '\uDC00\n'],
    ['too large a text', `${'x'.repeat(1_000_000)}\n`],
  ])('refuses %s', (_, text) => {
    expect(codeOf(() => signNote(text, [log]))).toBe('MALFORMED')
  })

  it('refuses no signer, one signer twice, and a signer without a proper name', () => {
    expect(codeOf(() => signNote(TEXT, []))).toBe('MALFORMED')
    expect(codeOf(() => signNote(TEXT, [log, log]))).toBe('MALFORMED')
    expect(codeOf(() => signNote(TEXT, [{ ...log, name: 'a b' }]))).toBe('MALFORMED')
    expect(codeOf(() => signNote(TEXT, [{ ...log, sign: () => new Uint8Array() }]))).toBe('MALFORMED')
  })
})

describe('appending', () => {
  const note = signNote(TEXT, [log])
  const witnessed = signNote(TEXT, [log, witness])

  it('adds lines after those that are there', () => {
    expect(appendSignatures(note, witnessed.slice(note.length))).toBe(witnessed)
    expect(appendSignatures(notes.checkpoints[2]!.signed, notes.witness.line)).toBe(notes.witness.checkpoint)
  })

  it('replaces no signature, whoever claims to be that key', () => {
    const forged = formatSignatureLine({ ...log, signature: new Uint8Array(64) })
    expect(appendSignatures(note, forged)).toBe(note)
    expect(appendSignatures(note, witnessed.slice(note.length) + forged)).toBe(witnessed)
  })

  it.each(['', '\n', 'x\n', '— a AAAAAAA=', '\n— a AAAAAAA=\n', '— a AAAAAAA=\n\n'])('refuses %j', (lines) => {
    expect(codeOf(() => appendSignatures(note, lines))).toBe('MALFORMED')
  })
})

describe('any note', () => {
  it('opens after signing, by several keys in any order', () => {
    const keys = fc.uniqueArray(fc.record({ name: keyName, seed }), { minLength: 1, maxLength: 4, selector: ({ name }) => name })
    fc.assert(fc.property(plainText, keys, fc.infiniteStream(fc.nat()), (text, keys, order) => {
      const signers = keys.map(({ name, seed }) => signerOf(name, seed))
      const verifiers = signers.map(({ vkey }) => ({ vkey, rank: order.next().value as number }))
        .sort((a, b) => a.rank - b.rank).map(({ vkey }) => createVerifier(vkey, nodeVerify))
      const opened = openNote(signNote(`${text}\n`, signers), verifiers)
      expect(opened.text).toBe(`${text}\n`)
      expect(opened.verified.map(({ name }) => name)).toEqual(signers.map(({ name }) => name))
      const some = openNote(signNote(`${text}\n`, signers), verifiers.slice(0, 1))
      expect([...some.verified, ...some.unverified]).toHaveLength(signers.length)
    }), { numRuns: 60 })
  })

  it('is refused when any byte of it changes', () => {
    const bytes = Buffer.from(signNote(TEXT, [log]))
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = Buffer.from(bytes)
        flipped[at]! ^= 1 << bit
        expect(codeOf(() => openNote(decoder.decode(flipped), [verifier])), `byte ${at}, bit ${bit}`).not.toBe('accepted')
      }
    }
  })

  it('never loses the text when a byte of an unknown signature changes', () => {
    const note = signNote(TEXT, [log, witness])
    const start = Buffer.byteLength(signNote(TEXT, [log]))
    const place = fc.integer({ min: start, max: Buffer.byteLength(note) - 1 })
    fc.assert(fc.property(place, fc.integer({ min: 1, max: 255 }), (at, change) => {
      const flipped = Buffer.from(note)
      flipped[at]! ^= change
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(flipped)
      const code = codeOf(() => expect(openNote(text, [verifier]).text).toBe(TEXT))
      expect(['accepted', 'MALFORMED']).toContain(code)
      let both = 0
      if (codeOf(() => both = openNote(text, [verifier, witnessVerifier]).verified.length) === 'accepted') expect(both).toBe(1)
    }))
  })

  it('of hostile text is opened or refused, without another error', () => {
    fc.assert(fc.property(hostileText, hostileText, (text, lines) => {
      codeOf(() => openNote(text, [verifier]))
      codeOf(() => openNote(`${text}\n\n— ${lines}\n`, [verifier]))
      codeOf(() => signNote(text, [log]))
      codeOf(() => appendSignatures(text, lines))
      codeOf(() => appendSignatures(signNote(TEXT, [log]), lines))
    }), { numRuns: 500 })
  })

  it('has signature lines that are read as they were written', () => {
    const signature = fc.record({
      name: keyName, keyId: fc.integer({ min: 0, max: 0xFFFFFFFF }), signature: fc.uint8Array({ minLength: 1, maxLength: 90 }),
    })
    fc.assert(fc.property(fc.array(signature, { minLength: 1, maxLength: 5 }), (signatures) => {
      expect(parseSignatureLines(signatures.map(formatSignatureLine).join(''))).toEqual(signatures)
    }))
  })
})

describe('key names', () => {
  it.each(['sum.example', 'a/b', 'é', '\uFEFF', '日本', '—', '=', '\u007F'])('%j is one', (name) => {
    expect(isKeyName(name)).toBe(true)
  })
  it.each([
    '', ' ', 'a b', 'a+b', 'a\nb', '\u0085', '\u00A0', '\u1680', '\u2003', '\u2028', '\u3000', '\u0001', '\uD800',
  ])('%j is none', (name) => {
    expect(isKeyName(name)).toBe(false)
  })
})
