import { describe, expect, it } from 'vitest'
import { createSeen } from '../../../cli/seen.ts'

describe('what was seen', () => {
  it('is found at its index, at every size', () => {
    const seen = createSeen(2)
    for (let i = 0; i < 5_000; i++) {
      expect(seen.find(`text ${i}`)).toEqual([])
      seen.add(`text ${i}`, i)
    }
    for (let i = 0; i < 5_000; i++) expect(seen.find(`text ${i}`)).toEqual([i])
    seen.add('text 7', 4_000_000_000)
    expect(seen.find('text 7')).toEqual([7, 4_000_000_000])
    expect(() => seen.add('more', 2 ** 32)).toThrow(RangeError)
  })
})
