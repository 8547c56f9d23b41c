import { describe, expect, it } from 'vitest'
import { behindOf, lagOf, meanDelay } from '../../../server/compare/lag.ts'
import type { Arrival } from '../../../server/compare/types.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const T = Date.parse('2026-06-01T00:00:00.000Z')

const took = (minutes: number): Arrival => ({ arrived: T, seen: T + minutes * MINUTE, missing: T })
const pending = (minutes: number): Arrival => ({ arrived: T, seen: null, missing: T + minutes * MINUTE })

describe('lag', () => {
  it('is by nearest rank', () => {
    expect(lagOf([took(3), took(1), took(2), took(10)])).toEqual({
      count: 4, pending: 0,
      mean: { value: 4 * MINUTE, isAtLeast: false },
      p50: { value: 2 * MINUTE, isAtLeast: false },
      p95: { value: 10 * MINUTE, isAtLeast: false },
      max: { value: 10 * MINUTE, isAtLeast: false },
    })
    expect(meanDelay([took(3), took(1), took(2), took(10)])).toBe(4 * MINUTE)
  })

  it('counts what is pending with the time it has taken so far, and says that it may take longer', () => {
    const lag = lagOf([took(1), took(2), took(3), pending(90)])
    expect(lag).toMatchObject({ count: 4, pending: 1, p50: { value: 2 * MINUTE, isAtLeast: false } })
    expect(lag.max).toEqual({ value: 90 * MINUTE, isAtLeast: true })
  })

  it('is uncertain above what is pending, even where the value itself is known', () => {
    const lag = lagOf([pending(1), took(2), took(3), took(4)])
    expect(lag.p50).toEqual({ value: 2 * MINUTE, isAtLeast: true })
    // What took as long as something that is pending is counted first.
    expect(lagOf([pending(2), took(2)]).p50).toEqual({ value: 2 * MINUTE, isAtLeast: false })
  })

  it('of one version is that version\'s', () => {
    expect(lagOf([took(7)]).p95).toEqual({ value: 7 * MINUTE, isAtLeast: false })
  })

  it('is nothing before anybody looked, or if nobody looked for long', () => {
    const unknown = { arrived: T, seen: null, missing: null }
    const blind = { arrived: T, seen: T + 3 * HOUR, missing: null }
    expect(lagOf([unknown, blind])).toEqual({ count: 0, pending: 0, mean: null, p50: null, p95: null, max: null })
    expect(meanDelay([unknown, blind])).toBeNull()
    // There at the first look, soon after.
    expect(lagOf([{ ...blind, seen: T + 10 * MINUTE }]).p50).toEqual({ value: 10 * MINUTE, isAtLeast: false })
    // It was seen not to be there before.
    expect(lagOf([{ ...blind, missing: T + HOUR }]).p50).toEqual({ value: 3 * HOUR, isAtLeast: false })
  })

  it('is never negative when the clock was set back', () => {
    expect(lagOf([{ arrived: T, seen: T - HOUR, missing: null }]).max).toEqual({ value: 0, isAtLeast: false })
    expect(lagOf([{ arrived: T, seen: null, missing: T - HOUR }]).max).toEqual({ value: 0, isAtLeast: true })
  })
})

describe('what a mirror is behind', () => {
  it('is what is missing of the last day\'s versions that were looked for', () => {
    const old = { arrived: T - 25 * HOUR, seen: null, missing: T }
    const never = { arrived: T, seen: null, missing: null }
    expect(behindOf([took(1), took(2), pending(3), old, never], T + HOUR)).toEqual({ count: 1, of: 3, share: 1 / 3 })
  })

  it('is nothing where nothing appeared, or only in the future of a clock that was set back', () => {
    expect(behindOf([], T)).toEqual({ count: 0, of: 0, share: null })
    expect(behindOf([pending(1)], T - HOUR)).toEqual({ count: 0, of: 0, share: null })
  })
})
