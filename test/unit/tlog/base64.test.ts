import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64, encodeBase64 } from '../../../shared/tlog/base64.ts'

describe('base64', () => {
  it('agrees with Node, both ways', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = Buffer.from(bytes).toString('base64')
      expect(encodeBase64(bytes)).toBe(text)
      expect(decodeBase64(text)).toEqual(bytes)
    }))
  })

  it.each([
    ['missing padding', 'AA'],
    ['half the padding', 'AA='],
    ['too much padding', 'AAAA===='],
    ['padding alone', '=='],
    ['padding in the middle', 'AA==AAAA'],
    ['non-zero padding bits', 'AB=='],
    ['non-zero padding bits of two bytes', 'AAB='],
    ['the URL alphabet', '_-__'],
    ['a leading space', ' AAAA'],
    ['a trailing newline', 'AAAA\n'],
    ['a space inside', 'AA AA'],
    ['one character', 'A'],
    ['no Latin-1', 'ĀĀĀĀ'],
    ['a NUL', 'AAA\0'],
  ])('refuses %s', (_, text) => {
    expect(() => decodeBase64(text)).toThrow(expect.objectContaining({ name: 'TlogError', code: 'MALFORMED' }))
  })

  it('accepts exactly one spelling of any bytes', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'AQgw/+= \n-') }), (text) => {
      let bytes: Uint8Array
      try {
        bytes = decodeBase64(text)
      } catch {
        return
      }
      expect(encodeBase64(bytes)).toBe(text)
    }), { numRuns: 1000 })
  })
})
