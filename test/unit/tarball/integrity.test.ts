import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { integrityOfShasum, parseIntegrity } from '../../../server/tarball/integrity.ts'
import { sri } from './fixture.ts'

const data = Buffer.from('x')
const other = Buffer.from('y')

describe('parseIntegrity', () => {
  test.each([
    ['sha512 alone', sri(data), sri(data)],
    ['the strongest of several', `${sri(data, 'sha1')} ${sri(data)} ${sri(data, 'sha256')}`, sri(data)],
    ['a digest that is there twice', `${sri(data)} ${sri(data)}`, sri(data)],
    ['options are left out', `${sri(data)}?a=b`, sri(data)],
    ['algorithms we do not know are left out', `md5-${createHash('md5').update(data).digest('base64')} ${sri(data, 'sha1')}`, sri(data, 'sha1')],
  ])('%s', (_, text, expected) => {
    expect(parseIntegrity(text).text).toBe(expected)
  })

  test.each([
    ['nothing', ''],
    ['no digest', 'sha512-'],
    ['a digest that is too short', 'sha512-AAAA'],
    ['another way to write the last character', sri(data).replace(/.==$/, 'B==')],
    ['no padding', sri(data).replace(/=+$/, '')],
    ['an unknown algorithm', `md5-${createHash('md5').update(data).digest('base64')}`],
    ['two different digests', `${sri(data)} ${sri(other)}`],
    ['a broken strongest digest is not passed over', `sha512-AAAA ${sri(data, 'sha1')}`],
    ['a path', 'sha512-../../../../etc/passwd'],
    ['a property of every object', 'constructor-AAAA'],
  ])('refuses %s', (_, text) => {
    expect(() => parseIntegrity(text)).toThrow(expect.objectContaining({ code: 'UPSTREAM_INVALID' }))
  })
})

test('integrityOfShasum', () => {
  const shasum = createHash('sha1').update(data).digest('hex')
  expect(integrityOfShasum(shasum)).toBe(sri(data, 'sha1'))
  expect(integrityOfShasum(shasum.toUpperCase())).toBe(sri(data, 'sha1'))
  expect(() => integrityOfShasum(shasum.slice(1))).toThrow('not a SHA-1 digest')
  expect(() => integrityOfShasum(`${shasum.slice(1)}g`)).toThrow('not a SHA-1 digest')
})
