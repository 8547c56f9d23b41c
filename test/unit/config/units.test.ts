import { describe, expect, it } from 'vitest'
import { parseCount, parseDuration, parseSize } from '../../../server/config/units.ts'

const ANY = [0, Number.MAX_SAFE_INTEGER] as const

describe('parseDuration', () => {
  it.each<[unknown, number]>([
    [0, 0], [1500, 1500], ['0s', 0], ['250ms', 250], ['30s', 30_000], ['5m', 300_000], ['1.5h', 5_400_000], ['7d', 604_800_000],
    ['2w', 1_209_600_000], [' 5 m ', 300_000], ['5M', 300_000], ['0.0005s', 1],
  ])('%j is %i ms', (value, expected) => {
    expect(parseDuration(value, ANY)).toBe(expected)
  })

  it.each(['', '5', 'm', '-5m', '5 minutes', '5m30s', '1e3s', '5µs', '5mb', Number.NaN, Number.POSITIVE_INFINITY, null, [], {}, true, '٥m', '5constructor'])(
    'refuses %j', (value) => {
      expect(() => parseDuration(value, ANY)).toThrow('is not a duration. Write "30s", "5m" or "7d", or a number of milliseconds.')
    },
  )

  it('names the bounds in the same units', () => {
    expect(() => parseDuration('2h', [1, 3_600_000])).toThrow('"2h" is not a duration between 1ms and 1h.')
    expect(() => parseDuration(-1, ANY)).toThrow('-1 is not a duration between 0ms')
  })
})

describe('parseSize', () => {
  it.each<[unknown, number]>([
    [1024, 1024], ['1B', 1], ['64KiB', 65_536], ['128MB', 128_000_000], ['128 MiB', 134_217_728], ['10gib', 10_737_418_240], ['1.5kB', 1500],
  ])('%j is %i bytes', (value, expected) => {
    expect(parseSize(value, ANY)).toBe(expected)
  })

  it.each(['', '128', '128m', '-1MB', '1MBit', null])('refuses %j', (value) => {
    expect(() => parseSize(value, ANY)).toThrow('is not a size. Write "128MB" or "10GiB", or a number of bytes.')
  })

  it('names the bounds', () => {
    expect(() => parseSize('1kB', [2 ** 20, 2 ** 30])).toThrow('"1kB" is not a size between 1MiB and 1GiB.')
  })
})

describe('parseCount', () => {
  it('takes whole numbers only', () => {
    expect(parseCount(3, [0, 10])).toBe(3)
    expect(() => parseCount('3', [0, 10])).toThrow('"3" is not a whole number. Write a number such as 3.')
    expect(() => parseCount(1.5, [0, 10])).toThrow('1.5 is not a whole number between 0 and 10.')
    expect(() => parseCount(11, [0, 10])).toThrow('11 is not a whole number between 0 and 10.')
  })
})
