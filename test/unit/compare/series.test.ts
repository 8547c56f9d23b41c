import { describe, expect, it } from 'vitest'
import { seriesOf, STEPS } from '../../../server/compare/series.ts'
import { WINDOWS } from '../../../server/compare/windows.ts'
import type { Probe } from '../../../server/compare/types.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOW = Date.parse('2026-06-01T12:10:00.000Z')

function probe(at: number, overrides: Partial<Probe> = {}): Probe {
  return { kind: 'packument', at, isOk: true, status: 200, latency: 100, size: null, duration: null, error: null, ...overrides }
}

describe('a series', () => {
  it('has a bucket for every span, also where nothing was measured, and never more than 120', () => {
    for (const window of ['24h', '7d', '30d'] as const) {
      const buckets = seriesOf({ probes: [], agreements: [] }, NOW - WINDOWS[window], NOW, STEPS[window])
      expect(buckets.length).toBeLessThanOrEqual(120)
      expect(Date.parse(buckets[0]!.at)).toBeLessThanOrEqual(NOW - WINDOWS[window])
      expect(Date.parse(buckets.at(-1)!.at) + STEPS[window]).toBeGreaterThan(NOW)
      expect(buckets[0]).toMatchObject({
        availability: { count: 0, of: 0, share: null }, latency: { count: 0, p50: null, p95: null }, lag: null,
        agreement: { count: 0, of: 0, share: null },
      })
    }
  })

  it('puts each measurement into its span, and leaves out what a wrong clock put outside', () => {
    const at = Date.parse('2026-06-01T10:00:00.000Z')
    const buckets = seriesOf({
      probes: [
        probe(at, { latency: 10 }), probe(at + 30 * MINUTE - 1, { latency: 30 }),
        probe(at + 30 * MINUTE, { isOk: false, status: null, latency: null }),
        probe(NOW + HOUR), probe(NOW - 48 * HOUR),
      ],
      agreements: [
        { at, equal: 1, compared: 3 }, { at: at + 1, equal: 2, compared: 3 }, { at: NOW + HOUR, equal: 0, compared: 9 },
      ],
      authority: {
        comparisons: [],
        arrivals: [{ arrived: at, seen: at + MINUTE, missing: at }, { arrived: at, seen: null, missing: at + HOUR }],
      },
    }, NOW - 24 * HOUR, NOW, STEPS['24h'])
    const first = buckets.findIndex(bucket => bucket.at === '2026-06-01T10:00:00.000Z')
    expect(buckets[first]).toEqual({
      at: '2026-06-01T10:00:00.000Z',
      availability: { count: 2, of: 2, share: 1 },
      latency: { count: 2, p50: 10, p95: null },
      lag: { count: 2, pending: 1, p50: { value: MINUTE, isAtLeast: false }, p95: { value: HOUR, isAtLeast: true } },
      agreement: { count: 3, of: 6, share: 0.5 },
    })
    expect(buckets[first + 1]).toMatchObject({
      availability: { count: 0, of: 1, share: 0 }, latency: { count: 0 }, lag: { count: 0, p50: null },
    })
    expect(buckets.reduce((sum, { availability: { of } }) => sum + of, 0)).toBe(3)
  })
})
