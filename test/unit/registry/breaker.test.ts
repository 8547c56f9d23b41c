import { describe, expect, it } from 'vitest'
import type { RegistryConfig } from '../../../server/config/types.ts'
import { RegistryError } from '../../../server/errors.ts'
import { createBreaker } from '../../../server/registry/breaker.ts'
import { createHealthBook } from '../../../server/registry/health.ts'

describe('a circuit', () => {
  it('opens with the third failure within a minute', () => {
    const breaker = createBreaker()
    breaker.failed(0)
    breaker.failed(30_000)
    expect(breaker.stateAt(30_000)).toBe('closed')
    breaker.failed(59_999)
    expect(breaker.stateAt(59_999)).toBe('open')
  })

  it('stays closed while failures are rare', () => {
    const breaker = createBreaker()
    for (let at = 0; at < 600_000; at += 30_001) breaker.failed(at)
    expect(breaker.stateAt(600_000)).toBe('closed')
  })

  it('lets one trial through after half a minute, and another one when nobody hears of the first', () => {
    const breaker = opened()
    expect(breaker.takeTrial(29_999)).toBe(false)
    expect(breaker.stateAt(30_000)).toBe('half-open')
    expect([breaker.takeTrial(30_000), breaker.takeTrial(30_001), breaker.takeTrial(39_999)]).toEqual([true, false, false])
    expect(breaker.takeTrial(40_000)).toBe(true)
  })

  it('closes with a trial that succeeds, and counts anew', () => {
    const breaker = opened()
    breaker.succeeded(30_000)
    expect(breaker.stateAt(30_000)).toBe('closed')
    breaker.failed(30_001)
    breaker.failed(30_002)
    expect(breaker.stateAt(30_002)).toBe('closed')
  })

  it('opens again with a trial that fails', () => {
    const breaker = opened()
    breaker.failed(30_000)
    expect([breaker.stateAt(59_999), breaker.stateAt(60_000)]).toEqual(['open', 'half-open'])
  })

  it('is not closed by the answer to what was asked before', () => {
    const breaker = opened()
    breaker.succeeded(1000)
    expect(breaker.stateAt(1000)).toBe('open')
  })

  it.each([
    [5_000, 5_000], [undefined, 30_000], [0, 1_000], [-1, 1_000], [1e12, 300_000],
  ])('is open for as long as a source asks for, within bounds: %s', (pause, until) => {
    const breaker = createBreaker()
    breaker.limited(0, pause)
    expect([breaker.stateAt(until - 1), breaker.stateAt(until)]).toEqual(['open', 'half-open'])
  })

  function opened() {
    const breaker = createBreaker()
    for (let n = 0; n < 3; n++) breaker.failed(0)
    return breaker
  }
})

describe('the health book', () => {
  const registry = { id: 'npm' } as RegistryConfig
  const outage = new RegistryError('UPSTREAM_UNAVAILABLE', 'It cannot be reached.')

  it('counts outages and statuses of the server, and nothing else', () => {
    let now = 0
    const health = createHealthBook(() => now)
    for (const status of [200, 304, 400, 401, 404, 501]) {
      for (let n = 0; n < 3; n++) health.answered(registry, status, 1)
      expect(health.circuitOf(registry), String(status)).toBe('closed')
    }
    for (let n = 0; n < 3; n++) health.failed(registry, new RegistryError('FORBIDDEN_URL', 'It named a URL.'))
    expect(health.circuitOf(registry)).toBe('closed')
    health.answered(registry, 500, 1)
    health.failed(registry, outage)
    health.answered(registry, 503, 1)
    expect(health.circuitOf(registry)).toBe('open')
    now = 30_000
    expect([health.circuitOf(registry), health.takeTrial(registry), health.takeTrial(registry)]).toEqual(['half-open', true, false])
    health.answered(registry, 404, 1)
    expect(health.circuitOf(registry)).toBe('closed')
  })

  it('opens with the first 429, for as long as it says', () => {
    let now = 0
    const health = createHealthBook(() => now)
    health.answered(registry, 429, 1, 7_000)
    expect(health.of(registry).state).toBe('up')
    expect(health.circuitOf(registry)).toBe('open')
    now = 7_000
    expect(health.circuitOf(registry)).toBe('half-open')
  })

  it('knows what it costs to ask: latency, and more where it fails', () => {
    const health = createHealthBook(() => 0)
    expect(health.costOf(registry)).toBe(0)
    for (let n = 0; n < 50; n++) health.answered(registry, 200, 100)
    expect(health.costOf(registry)).toBeCloseTo(100)
    health.answered(registry, 200, 200)
    expect(health.costOf(registry)).toBeCloseTo(120)
    health.failed(registry, outage)
    expect(health.costOf(registry)).toBeCloseTo(150)
    for (let n = 0; n < 1000; n++) health.failed(registry, outage)
    expect(health.costOf(registry)).toBeLessThan(10_000)
  })

  it('knows how old its news are', () => {
    let now = 1_000
    const health = createHealthBook(() => now)
    expect(health.ageOf(registry)).toBe(Infinity)
    health.failed(registry, outage)
    now = 1_500
    expect(health.ageOf(registry)).toBe(500)
    expect(health.of(registry)).toEqual({ state: 'down', error: outage.message, checkedAt: new Date(1_000) })
  })
})
