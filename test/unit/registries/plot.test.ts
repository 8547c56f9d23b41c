import { describe, expect, it } from 'vitest'
import { linePath, scaleOf } from '../../../app/registries/plot.ts'

describe('the line of a chart', () => {
  it('joins what was measured one after the other', () => {
    expect(linePath([0, 5, 10], 10)).toBe('M0 100L300 50L600 0')
  })

  it('is interrupted where nothing was measured, and a dot where it has no neighbour', () => {
    expect(linePath([null, 10, null, 0, 10], 10)).toBe('M150 0h0M450 100L600 0')
    expect(linePath([null, null], 10)).toBe('')
    expect(linePath([], 10)).toBe('')
    expect(linePath([5], 10)).toBe('M0 50h0')
  })

  it('stays within its frame', () => {
    expect(linePath([-1, 11], 10)).toBe('M0 100L600 0')
  })
})

it('a scale ends at a round number that nothing is above', () => {
  expect([0.3, 1, 1.1, 4, 5, 51, 900, 0].map(value => scaleOf([value, null]))).toEqual([0.5, 1, 2, 5, 5, 100, 1000, 1])
  expect(scaleOf([null])).toBe(1)
})
