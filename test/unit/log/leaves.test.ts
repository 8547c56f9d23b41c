import fc from 'fast-check'
import { expect, it } from 'vitest'
import { leafOf } from '../../../server/log/leaves.ts'
import { MAX_RECORD_SIZE } from '../../../shared/record/index.ts'
import { leafHash } from '../../../shared/tlog/index.ts'

it('a record\'s leaf has the hash that the core gives it, whatever was hashed before', () => {
  const text = fc.string({ unit: fc.constantFrom(...'\n az09~'), maxLength: 2_000 })
  fc.assert(fc.property(text, (text) => {
    expect(Buffer.from(leafOf(text))).toEqual(Buffer.from(leafHash(new TextEncoder().encode(text))))
  }))
  const largest = 'x'.repeat(MAX_RECORD_SIZE)
  expect(Buffer.from(leafOf(largest))).toEqual(Buffer.from(leafHash(new TextEncoder().encode(largest))))
})
