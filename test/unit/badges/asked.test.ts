import { describe, expect, it } from 'vitest'
import { parseBatch, parseOne } from '../../../server/badges/index.ts'

describe('what a batch asks for', () => {
  it('is versions by name, in their order', () => {
    expect(parseBatch({ packages: ['b@2.0.0', '@scope/a@1.0.0', 'b@2.0.0'] })).toEqual([
      { name: 'b', version: '2.0.0' }, { name: '@scope/a', version: '1.0.0' }, { name: 'b', version: '2.0.0' },
    ])
  })

  it.each([
    undefined, null, [], 'a@1.0.0', {}, { packages: [] }, { packages: 'a@1.0.0' }, { packages: [1] }, { packages: ['a@1.0.0'], more: 1 },
    { packages: Array.from({ length: 101 }, () => 'a@1.0.0') },
  ])('is not %j', (body) => {
    expect(() => parseBatch(body)).toThrow('from 1 to 100 texts')
  })

  it.each(['', '@', 'a', '@s/a', 'a@', '@1.0.0', 'a@latest', '../a@1.0.0', 'a@1.0.0\n', '<b>@1.0.0', 'a@b@1.0.0'])('names the one that is none: %j', (text) => {
    expect(() => parseBatch({ packages: ['a@1.0.0', text] })).toThrow('Number 2')
    expect(() => parseOne(text)).toThrow('/api/badges/')
  })
})
