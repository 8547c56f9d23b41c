import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { rawOf, verifyEcdsa } from '../../../shared/incident-bundle/ecdsa.ts'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const spki = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
const MESSAGE = 'x@1.0.0:sha512-AAAA'
const signed = () => sign('sha256', Buffer.from(MESSAGE), privateKey)
const by = (der: Uint8Array, key = spki, message = MESSAGE) => verifyEcdsa(key, message, Buffer.from(der).toString('base64'))

afterEach(() => void vi.unstubAllGlobals())

describe('a registry\'s signature', () => {
  it('verifies with its key and text, and with no others', async () => {
    // Numbers of all lengths come by themselves.
    for (let n = 0; n < 300; n++) expect(await by(signed())).toBe(true)
    const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey.export({ format: 'der', type: 'spki' })
    expect(await by(signed(), other.toString('base64'))).toBe(false)
    expect(await by(signed(), spki, `${MESSAGE} `)).toBe(false)
  })

  it('whichever bit is changed, does not', async () => {
    const der = signed()
    for (let bit = 0; bit < der.length * 8; bit++) {
      const changed = Buffer.from(der)
      changed[bit >> 3]! ^= 1 << bit % 8
      expect(await by(changed), `bit ${bit}`).toBe(false)
      expect(verify('sha256', Buffer.from(MESSAGE), publicKey, changed), `bit ${bit} for OpenSSL`).toBe(false)
    }
  })

  it.each([
    ['nothing', ''],
    ['an empty sequence', '3000'],
    ['one number', '3003020101'],
    ['three numbers', '3009020101020101020101'],
    ['bytes behind', '300602010102010100'],
    ['a negative number', '3006020181020101'],
    ['an idle zero', '300702020001020101'],
    ['a long length', '308106020101020101'],
    ['an empty number', '30050200020101'],
    ['a number beyond the end', '3006020101020501'],
    ['33 digits', `3026${'0221'}${'01'.repeat(33)}020101`],
    ['another type', '3006030101020101'],
  ])('that is %s is none', async (_, hex) => {
    expect(() => rawOf(Buffer.from(hex, 'hex'))).toThrow(RangeError)
    expect(await by(Buffer.from(hex, 'hex'))).toBe(false)
  })

  it('has 32 bytes for each number, however short it is', () => {
    expect(Buffer.from(rawOf(Buffer.from('300702010102020080', 'hex'))).toString('hex')).toBe(`${'00'.repeat(31)}01${'00'.repeat(31)}80`)
  })

  it.each(['', 'AAAA', 'no base64', `${spki} `])('by %j is by no key', async (key) => {
    expect(await by(signed(), key)).toBe(false)
  })

  it('is neither good nor bad where it cannot be checked', async () => {
    vi.stubGlobal('crypto', {})
    expect(await by(signed())).toBeUndefined()
  })
})
