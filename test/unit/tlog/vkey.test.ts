import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64, encodeBase64 } from '../../../shared/tlog/base64.ts'
import {
  createVerifier, formatSignerKey, formatVkey, keyIdOf, parseSignerKey, parseVkey, TYPE_COSIGNATURE_V1, TYPE_ED25519,
} from '../../../shared/tlog/vkey.ts'
import vectors from '../../vectors/tlog.json' with { type: 'json' }
import { codeOf, hostileText, keyName, keyOfSeed, nodeVerify, seed } from './keys.ts'

const { notes } = vectors
const FOO = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'

describe('vkeys in use', () => {
  it.each([
    [FOO, 'example.com/foo', 0x530D903A, 0x01],
    ['sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8', 'sum.golang.org', 0x033DE0AE, 0x01],
    [notes.vkey, 'sum.example.test', 0x8EA6AF86, 0x01],
    [notes.witness.vkey, 'witness.example.test/w1', 0xD6F140B1, 0x04],
  ])('%s', (vkey, name, keyId, type) => {
    const parsed = parseVkey(vkey)
    expect(parsed).toMatchObject({ name, keyId, type })
    expect(parsed.publicKey).toHaveLength(32)
    expect(keyIdOf(name, type, parsed.publicKey)).toBe(keyId)
    expect(formatVkey(name, type, parsed.publicKey)).toBe(vkey)
  })

  it('belong to the seeds of the vectors', () => {
    for (const { seed, publicKey } of [notes, notes.witness]) {
      expect(encodeBase64(keyOfSeed(decodeBase64(seed)).publicKey)).toBe(publicKey)
    }
  })

  it('verify what Go signed, and nothing else', () => {
    const { verify } = createVerifier(notes.vkey, nodeVerify)
    const { text, signed } = notes.checkpoints[1]!
    const signature = decodeBase64(signed.trimEnd().split(' ').at(-1)!).slice(4)
    const message = new TextEncoder().encode(text)
    expect(verify(message, signature)).toBe(true)
    expect(verify(message.subarray(1), signature)).toBe(false)
    for (const size of [0, 1, 63, 65]) expect(verify(message, new Uint8Array(size))).toBe(false)
  })
})

describe('parsing a vkey', () => {
  it('takes the key id in upper case, as Go does', () => {
    expect(parseVkey(FOO.replace('530d903a', '530D903A'))).toEqual(parseVkey(FOO))
  })

  it('knows the number of other types only', () => {
    const publicKey = new Uint8Array(1312).fill(3)
    for (const type of [0x02, 0x05, 0x06, 0xFF]) {
      const vkey = formatVkey('post.example', type, publicKey)
      expect(parseVkey(vkey)).toMatchObject({ name: 'post.example', type, keyId: keyIdOf('post.example', type, publicKey) })
      expect(codeOf(() => createVerifier(vkey, nodeVerify))).toBe('MALFORMED')
    }
  })

  it('makes no note verifier of a witness\'s key', () => {
    expect(codeOf(() => createVerifier(notes.witness.vkey, nodeVerify))).toBe('MALFORMED')
  })

  const [name, id, key] = FOO.split('+') as [string, string, string]
  const short = encodeBase64(Uint8Array.of(TYPE_ED25519, ...new Uint8Array(31)))
  const shortId = keyIdOf(name, TYPE_ED25519, new Uint8Array(31))
  it.each([
    ['nothing', ''],
    ['a name alone', name],
    ['no key', `${name}+${id}`],
    ['an empty key', `${name}+${id}+`],
    ['an empty name', `+${id}+${key}`],
    ['a space in the name', `example com+${id}+${key}`],
    ['a control character in the name', `example\u0001com+${id}+${key}`],
    ['another name', `example.com/bar+${id}+${key}`],
    ['another key id', `${name}+530d903b+${key}`],
    ['a key id of seven digits', `${name}+${id.slice(1)}+${key}`],
    ['a key id of nine digits', `${name}+0${id}+${key}`],
    ['a key id that is no hexadecimal', `${name}+530d903g+${key}`],
    ['a key with stray bits', `${name}+${id}+${key.slice(0, -1)}l`],
    ['a key without its last characters', `${name}+${id}+${key.slice(0, -4)}`],
    ['a newline at the end', `${FOO}\n`],
    ['a space before', ` ${FOO}`],
    ['an Ed25519 key of 31 bytes', `${name}+${shortId.toString(16).padStart(8, '0')}+${short}`],
    ['a signer key', `PRIVATE+KEY+${FOO}`],
  ])('refuses %s', (_, vkey) => {
    expect(codeOf(() => parseVkey(vkey))).toBe('MALFORMED')
  })

  it('reads what was written', () => {
    fc.assert(fc.property(keyName, fc.constantFrom(TYPE_ED25519, TYPE_COSIGNATURE_V1), seed, (name, type, publicKey) => {
      const keyId = keyIdOf(name, type, publicKey)
      expect(parseVkey(formatVkey(name, type, publicKey))).toEqual({ name, type, publicKey, keyId })
    }))
  })

  it('ends every hostile text with a TlogError', () => {
    fc.assert(fc.property(hostileText, (text) => {
      codeOf(() => parseVkey(text))
      codeOf(() => parseVkey(`a+00000000+${text}`))
      codeOf(() => parseSignerKey(text))
      codeOf(() => parseSignerKey(`PRIVATE+KEY+${text}`))
      codeOf(() => formatVkey(text, 1, new Uint8Array(32)))
    }), { numRuns: 500 })
  })
})

describe('formatting', () => {
  it('refuses names and keys that nobody could parse', () => {
    expect(codeOf(() => formatVkey('a b', 1, new Uint8Array(32)))).toBe('MALFORMED')
    expect(codeOf(() => formatVkey('a', 1, new Uint8Array(33)))).toBe('MALFORMED')
    expect(codeOf(() => formatSignerKey('a', new Uint8Array(31), new Uint8Array(32)))).toBe('MALFORMED')
    expect(codeOf(() => formatSignerKey('a+b', new Uint8Array(32), new Uint8Array(32)))).toBe('MALFORMED')
  })
})

describe('signer keys', () => {
  // From the documentation of x/mod/sumdb/note.
  const GO = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz'

  it('of Go give the name, the key id and the seed', () => {
    const { name, keyId, seed } = parseSignerKey(GO)
    const { publicKey } = keyOfSeed(seed)
    expect([name, keyId]).toEqual(['PeterNeumann', 0xC74F20A3])
    expect(keyIdOf(name, TYPE_ED25519, publicKey)).toBe(keyId)
    expect(formatVkey(name, TYPE_ED25519, publicKey)).toBe('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
    expect(formatSignerKey(name, seed, publicKey)).toBe(GO)
  })

  it.each([
    ['a vkey', FOO],
    ['another beginning', GO.replace('PRIVATE', 'private')],
    ['no seed', GO.slice(0, GO.lastIndexOf('+') + 1)],
    ['another type', GO.replace('+AYEK', '+BIEK')],
    ['a seed of 31 bytes', `PRIVATE+KEY+a+00000000+${encodeBase64(new Uint8Array(32).fill(1))}`],
  ])('are refused: %s', (_, text) => {
    expect(codeOf(() => parseSignerKey(text))).toBe('MALFORMED')
  })

  it('never appear in an error', () => {
    const secret = GO.slice(-40, -20)
    const silent = expect.objectContaining({ message: expect.not.stringContaining(secret) })
    const spoiled = [
      `${GO}=`, GO.replace('+c7', '+x7'), GO.replace('PRIVATE+', ''), GO.replace('+AYEK', '+BYEK'), GO.replace('Peter', 'P '),
    ]
    for (const text of spoiled) {
      expect(() => parseSignerKey(text)).toThrow(silent)
    }
  })
})
