import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { createTurns, createVisit, probeOf } from '../../../server/compare/visit.ts'
import { createConnections, createUpstream } from '../../../server/registry/index.ts'
import { createFixtureRegistry, type FixtureRegistry } from '../../fixtures/registry/index.ts'
import type { LimitsConfig, RegistryConfig } from '../../../server/config/types.ts'

const LIMITS: LimitsConfig = {
  connectTimeout: 500, headersTimeout: 500, bodyTimeout: 500, totalTimeout: 2_000, retries: 0,
  maxPackumentSize: 1e6, maxTarballSize: 1e6, maxRequestBody: 1e6, maxRedirects: 3, connections: 4, proxy: {},
}
const PING = { url: '-/ping', read: 0 }

let fixture: FixtureRegistry
const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function visit(stop = new AbortController().signal) {
  fixture = await createFixtureRegistry()
  const { url, host } = fixture
  const registry: RegistryConfig
    = { id: 'm1', url, namespace: host, role: 'authority', origin: 'test', tls: { rejectUnauthorized: true } }
  const connections = createConnections([registry], LIMITS)
  cleanups.push(() => connections.close(), () => fixture.close())
  const observer = { answered() {}, failed() {} }
  const upstream = createUpstream({ registry, registries: [registry], connections, limits: LIMITS, identity: {}, observer })
  return createVisit(upstream, createTurns(), stop)
}

describe('a visit', () => {
  it('measures what came', async () => {
    const { ask } = await visit()
    await fixture.publish({ name: 'a', version: '1.0.0' })
    const probe = probeOf('packument', await ask({ url: 'a', read: 1e6 }))
    expect(probe).toMatchObject({ kind: 'packument', isOk: true, status: 200, error: null })
    expect(probe.size).toBeGreaterThan(100)
    expect(probe.latency).toBeGreaterThan(0)
    expect(Math.abs(probe.at - Date.now())).toBeLessThan(10_000)
    expect(probeOf('packument', await ask({ url: 'b', read: 1e6 }))).toMatchObject({ isOk: true, status: 404 })
  })

  it('says why nothing usable came, in a sentence', async () => {
    const { ask } = await visit()
    fixture.fault({ path: '/a' }, { status: 503 })
    fixture.fault({ path: '/b' }, { stall: 'headers' })
    fixture.fault({ path: '/c' }, { truncate: 1 })
    fixture.fault({ path: '/d' }, { raw: Buffer.alloc(5_000) })
    await fixture.publish({ name: 'c', version: '1.0.0' })
    expect(probeOf('packument', await ask({ url: 'a', read: 1e6 }))).toMatchObject({ isOk: false, status: 503, error: 'It answered with status 503.' })
    expect(probeOf('packument', await ask({ url: 'b', read: 1e6 }))).toMatchObject({ isOk: false, status: null, latency: null, error: expect.stringContaining('did not answer in time') })
    expect(probeOf('packument', await ask({ url: 'c', read: 1e6 }))).toMatchObject({ isOk: false, status: 200, size: null, error: expect.stringContaining('"m1"') })
    expect(probeOf('packument', await ask({ url: 'd', read: 4_000 }))).toMatchObject({ isOk: false, status: 200, error: expect.stringContaining('4000 bytes') })
  })

  it('is over after three questions without an answer, and after "too many"', async () => {
    const down = await visit()
    await fixture.down()
    for (let n = 0; n < 3; n++) {
      expect(down.isOver).toBe(false)
      expect((await down.ask(PING)).error?.code).toBe('UPSTREAM_UNAVAILABLE')
    }
    expect(down.isOver).toBe(true)

    const limited = await visit()
    fixture.fault({}, { status: 429 })
    expect(probeOf('ping', await limited.ask(PING))).toMatchObject({ isOk: false, status: 429 })
    expect(limited.isOver).toBe(true)
  })

  it('asks one question at a time', async () => {
    const { ask } = await visit()
    fixture.fault({}, { delay: 30 })
    await Promise.all(Array.from({ length: 4 }, () => ask(PING)))
    const times = fixture.requests.map(({ at }) => at)
    expect(times).toHaveLength(4)
    for (const [n, at] of times.entries()) if (n > 0) expect(at - times[n - 1]!).toBeGreaterThanOrEqual(29)
  })

  it('that is broken off says nothing of its source', async () => {
    const stop = new AbortController()
    const { ask } = await visit(stop.signal)
    fixture.fault({}, { stall: 'headers' })
    const asked = ask(PING)
    await sleep(20)
    stop.abort(new Error('enough'))
    await expect(asked).rejects.toThrow('enough')
    await expect(ask(PING)).rejects.toThrow('enough')
  })
})

it('turns go on after one that failed', async () => {
  const turns = createTurns()
  const failed = turns('a', () => Promise.reject(new Error('no')))
  const next = turns('a', () => Promise.resolve(1))
  await expect(failed).rejects.toThrow('no')
  expect(await next).toBe(1)
})
