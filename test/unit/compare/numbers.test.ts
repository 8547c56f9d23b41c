import { describe, expect, it } from 'vitest'
import { isDown, numbersOf, scoreOf } from '../../../server/compare/numbers.ts'
import type { Comparison, Found, Probe } from '../../../server/compare/types.ts'

const NOW = Date.parse('2026-06-01T12:00:00.000Z')
const HOUR = 3_600_000

function probe(overrides: Partial<Probe> = {}): Probe {
  return { kind: 'packument', at: NOW - 1000, isOk: true, status: 200, latency: 100, size: null, duration: null, error: null, ...overrides }
}
const failed = { isOk: false, status: null, latency: null, error: 'It did not answer.' }
const probesOf = (...probes: Partial<Probe>[]) => numbersOf({ probes: probes.map(probe), comparisons: [] }, NOW)

function comparison(subject: string, found: Found, at = NOW - 1000): Comparison {
  return { subject: `pkg:npm/${subject}`, at, found }
}

describe('nothing measured', () => {
  it('is null, not 0', () => {
    const numbers = numbersOf({ probes: [], comparisons: [] }, NOW)
    expect(numbers.availability).toEqual({ count: 0, of: 0, share: null, limited: 0 })
    expect(numbers.latency.packument).toEqual({ count: 0, p50: null, p95: null, mean: null, deviation: null })
    expect(numbers.throughput).toEqual({ count: 0, p50: null, size: null })
    expect(numbers.coverage.versions).toEqual({ count: 0, of: 0, share: null, interval: null })
    expect(numbers.agreement.integrity).toEqual({ count: 0, of: 0, share: null, interval: null })
    expect(numbers.signatures.verified.share).toBeNull()
    expect(numbers.score).toBeNull()
    expect(isDown([])).toBe(false)
  })

  it('is known to be nothing at a mirror, and not to apply at an authority', () => {
    const mirror = numbersOf({ probes: [], comparisons: [], authority: { comparisons: [], arrivals: [] } }, NOW)
    expect(mirror.lag).toEqual({ count: 0, pending: 0, mean: null, p50: null, p95: null, max: null })
    expect(mirror.behind).toEqual({ count: 0, of: 0, share: null })
    expect(mirror.retained).toBe(0)
    expect(mirror.agreement.tags).toEqual({ count: 0, of: 0, share: null })
    const { lag, behind, retained, agreement: { tags, latest } } = numbersOf({ probes: [], comparisons: [] }, NOW)
    expect([lag, behind, retained, tags, latest]).toEqual([null, null, null, null, null])
  })
})

describe('availability', () => {
  it('counts pings, documents and tarball heads, and those that were asked too often apart', () => {
    const { availability } = probesOf(
      { kind: 'ping' }, { kind: 'packument' }, { kind: 'tarball-head' }, { kind: 'ping', ...failed },
      { kind: 'ping', isOk: false, status: 429 }, { kind: 'revalidation', ...failed }, { kind: 'tarball', ...failed },
    )
    expect(availability).toEqual({ count: 3, of: 4, share: 0.75, limited: 1 })
  })

  it('is 0 when all failed, and null when all were asked too often', () => {
    expect(probesOf(failed, failed).availability.share).toBe(0)
    expect(probesOf({ isOk: false, status: 429 }).availability).toEqual({ count: 0, of: 0, share: null, limited: 1 })
  })

  it('is gone when the last three failed, or all if there are fewer', () => {
    const at = (n: number, rest: Partial<Probe>) => probe({ at: NOW + n, ...rest })
    expect(isDown([at(1, {}), at(2, failed), at(3, failed), at(4, failed)])).toBe(true)
    expect(isDown([at(4, failed), at(3, failed), at(2, {}), at(1, failed)])).toBe(false)
    expect(isDown([at(1, failed)])).toBe(true)
    expect(isDown([at(1, failed), at(2, { isOk: false, status: 429 })])).toBe(true)
    expect(isDown([at(1, { ...failed, kind: 'tarball' })])).toBe(false)
  })
})

describe('latency', () => {
  it('is by nearest rank, with the sample\'s deviation', () => {
    const { latency } = probesOf(...[30, 10, 20, 50, 40].map(value => ({ latency: value })))
    // Squares of the distances from 30: 0 + 400 + 100 + 400 + 100 = 1000; over 4.
    expect(latency.packument).toEqual({ count: 5, p50: 30, p95: 50, mean: 30, deviation: Math.sqrt(250) })
  })

  it('of one probe has no spread, and of four no 95th percentile', () => {
    expect(probesOf({ latency: 7 }).latency.packument).toEqual({ count: 1, p50: 7, p95: null, mean: 7, deviation: null })
    const { latency } = probesOf(...[1, 2, 3, 4].map(value => ({ latency: value })))
    expect(latency.packument).toMatchObject({ count: 4, p50: 2, p95: null })
  })

  it('of twenty has the nineteenth as 95th percentile', () => {
    const values = Array.from({ length: 20 }, (_, n) => ({ latency: n + 1 }))
    expect(probesOf(...values).latency.packument).toMatchObject({ p50: 10, p95: 19 })
  })

  it('leaves out refusals, what is not there, and documents that came although nothing had changed', () => {
    const { latency } = probesOf(
      { latency: 5 }, { latency: 1, status: 404 }, { latency: 1, isOk: false, status: 403 }, failed,
      { kind: 'revalidation', status: 304, latency: 3 }, { kind: 'revalidation', status: 200, latency: 90 },
    )
    expect(latency.packument).toMatchObject({ count: 1, p50: 5 })
    expect(latency.revalidation).toMatchObject({ count: 1, p50: 3 })
  })
})

it('throughput is of whole downloads, waiting included', () => {
  const { throughput } = probesOf(
    { kind: 'tarball', latency: 500, duration: 1500, size: 2_000_000 },
    { kind: 'tarball', latency: 0, duration: 1000, size: 3_000_000 },
    { kind: 'tarball', latency: 10, duration: 10, size: 0 },
    { kind: 'tarball', ...failed },
  )
  expect(throughput).toEqual({ count: 2, p50: 1_000_000, size: 2_000_000 })
})

describe('Arch\'s score', () => {
  it('is (delay in hours + mean and deviation in seconds) / completion', () => {
    expect(scoreOf(2 * HOUR, { mean: 500, deviation: 250 }, 0.5)).toBeCloseTo(5.5, 12)
    expect(scoreOf(0, { mean: 500, deviation: null }, 1)).toBeCloseTo(0.5, 12)
  })

  it('divides by 0.005 where nothing was complete', () => {
    expect(scoreOf(HOUR, { mean: 1000, deviation: 0 }, 0)).toBeCloseTo(400, 9)
  })

  it('is null where something was not measured', () => {
    expect(scoreOf(null, { mean: 1, deviation: 1 }, 1)).toBeNull()
    expect(scoreOf(0, { mean: null, deviation: null }, 0)).toBeNull()
    expect(scoreOf(0, { mean: 1, deviation: 1 }, null)).toBeNull()
  })
})

describe('comparisons', () => {
  const there: Found = { isPresent: true, integrity: 'equal', manifest: 'equal', time: 'equal', signature: 'verifies' }

  it('have a Wilson interval, and packages beside versions', () => {
    const { coverage } = numbersOf({ probes: [], comparisons: [
      comparison('a@1.0.0', there), comparison('a@2.0.0', { isPresent: false }), comparison('b@1.0.0', there), comparison('c@1.0.0', { isPresent: false }),
    ] }, NOW)
    expect(coverage.versions).toMatchObject({ count: 2, of: 4, share: 0.5 })
    // By hand for 2 of 4: (0.5 + 0.4802 ± 1.96 * sqrt(0.0625 + 0.060025)) / 1.9604
    expect(coverage.versions.interval!.low).toBeCloseTo(0.15, 2)
    expect(coverage.versions.interval!.high).toBeCloseTo(0.85, 2)
    expect(coverage.packages).toMatchObject({ count: 2, of: 3 })
  })

  it('of which all are there do not promise that everything is', () => {
    const { interval } = numbersOf({ probes: [], comparisons: [comparison('a@1.0.0', there)] }, NOW).coverage.versions
    expect(interval!.high).toBeCloseTo(1, 9)
    expect(interval!.low).toBeCloseTo(1 / (1 + 1.96 ** 2), 3)
  })

  it('count agreement among those that can be compared', () => {
    const { agreement, signatures } = numbersOf({ probes: [], comparisons: [
      comparison('a@1.0.0', { ...there, bytes: 'equal' }),
      comparison('a@2.0.0', { ...there, integrity: 'other', manifest: 'other', time: 'other', signature: 'invalid', bytes: 'other' }),
      comparison('b@1.0.0', { ...there, integrity: 'missing', time: 'missing', signature: 'none' }),
      comparison('c@1.0.0', { isPresent: true, integrity: 'equal', signature: 'unknown' }),
      comparison('d@1.0.0', { isPresent: false }),
    ] }, NOW)
    expect(agreement.integrity).toMatchObject({ count: 2, of: 3, share: 2 / 3 })
    expect(agreement.missingIntegrity).toEqual({ count: 1, of: 4, share: 0.25 })
    expect(agreement.bytes).toEqual({ count: 1, of: 2, share: 0.5 })
    expect(agreement.manifest).toEqual({ count: 2, of: 3, share: 2 / 3 })
    expect(agreement.time).toEqual({ count: 1, of: 2, share: 0.5 })
    expect(signatures.present).toEqual({ count: 3, of: 4, share: 0.75 })
    expect(signatures.verified).toEqual({ count: 1, of: 2, share: 0.5 })
  })

  it('compare tags once for each package, by what was found last, and say in which direction they differ', () => {
    const tags = (latest: Found['latest'], tags: Found['tags']): Found => ({ isPresent: true, latest, tags })
    const { agreement } = numbersOf({ probes: [], authority: { comparisons: [], arrivals: [] }, comparisons: [
      comparison('a@1.0.0', tags('older', 'other'), NOW - 10), comparison('a@2.0.0', tags('equal', 'equal'), NOW - 5),
      comparison('b@1.0.0', tags('older', 'other')), comparison('c@1.0.0', tags('newer', 'other')), comparison('d@1.0.0', tags('equal', 'other')),
    ] }, NOW)
    expect(agreement.latest).toEqual({ count: 2, of: 4, share: 0.5, older: 1, newer: 1 })
    expect(agreement.tags).toEqual({ count: 1, of: 4, share: 0.25 })
  })

  it('do not expect of a mirror what its authority no longer has, and say that it kept it', () => {
    const numbers = numbersOf({ probes: [], authority: {
      arrivals: [],
      comparisons: [comparison('a@1.0.0', { isPresent: false }), comparison('b@1.0.0', { isPresent: false }), comparison('c@1.0.0', there)],
    }, comparisons: [comparison('a@1.0.0', there), comparison('b@1.0.0', { isPresent: false }), comparison('c@1.0.0', there)] }, NOW)
    expect(numbers.coverage.versions).toMatchObject({ count: 1, of: 1 })
    expect(numbers.retained).toBe(1)
  })

  it('know packages of two authorities apart', () => {
    const { coverage } = numbersOf({ probes: [], comparisons: [
      comparison('a@1.0.0', there), comparison('a@1.0.0?repository_url=npm.acme.example', { isPresent: false }),
    ] }, NOW)
    expect(coverage.packages).toMatchObject({ count: 1, of: 2 })
  })
})
