import { expect, it } from 'vitest'
import { createToken, digestOf, tokenOf } from '../../../server/preferences/token.ts'

const TOKEN = createToken()
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`

it('is long, random and stored as a digest', () => {
  expect(TOKEN).toMatch(/^npmx_[\w-]{43}$/)
  expect(createToken()).not.toBe(TOKEN)
  expect(digestOf(TOKEN)).toMatch(/^[\w-]{43}$/)
  expect(digestOf(TOKEN)).not.toContain(TOKEN.slice(5))
})

it.each([
  `Bearer ${TOKEN}`, `bearer ${TOKEN}`, `BEARER   ${TOKEN} `, basic(`me:${TOKEN}`), basic(`:${TOKEN}`), basic(TOKEN), basic(`me:${TOKEN}`).replace('B', 'b'),
])('is found in %s', (header) => {
  expect(tokenOf(header)).toBe(TOKEN)
})

it.each([
  'Bearer', 'Bearer ', TOKEN, `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(0, -1)}`, 'Bearer npm_0123456789', 'Bearer ${NPM_TOKEN}', `Digest ${TOKEN}`,
  `Bearer ${TOKEN}, Bearer ${TOKEN}`, basic(`${TOKEN}:me`), basic('me:secret'), 'Basic ====', 'Basic', `Bearer ${TOKEN}\n`, 'x'.repeat(16_000),
])('is not found in %s', (header) => {
  expect(tokenOf(header)).toBeUndefined()
})
