import { expect, it } from 'vitest'
import { formatDelay, formatInterval, formatLatency, formatShare, formatSpeed } from '../../../app/display/measure.ts'

it('latencies have as many digits as say something', () => {
  expect([0.04, 8.42, 9.96, 84.4, 999.4, 999.5, 12_345].map(formatLatency))
    .toEqual(['0.0\u00A0ms', '8.4\u00A0ms', '10\u00A0ms', '84\u00A0ms', '999\u00A0ms', '1.00\u00A0s', '12.35\u00A0s'])
})

it('a share is 100 % only if it is every one', () => {
  expect([0, 0.5, 0.9996, 0.99999, 1, 53 / 55].map(formatShare)).toEqual(['0\u00A0%', '50\u00A0%', '99.9\u00A0%', '99.9\u00A0%', '100\u00A0%', '96.3\u00A0%'])
})

it('an interval is rounded to the outside', () => {
  expect(formatInterval({ low: 0.8767, high: 0.98991 })).toBe('87.6–99\u00A0%')
  expect(formatInterval({ low: 0.9, high: 1 })).toBe('90–100\u00A0%')
})

it('a delay that goes on is at least so long', () => {
  const t = (key: string, values?: Record<string, unknown>) => `${key.split('.').at(-1)} ${Object.values(values ?? {}).join(' ')}`
  expect(formatDelay({ value: 9_234, isAtLeast: true }, t)).toBe('≥ seconds 9')
  expect(formatDelay({ value: 9_234, isAtLeast: false }, t)).toBe('seconds 9')
  expect(formatSpeed(10_182)).toBe('10.2 kB/s')
})
