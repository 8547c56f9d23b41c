import { afterEach, expect, it, vi } from 'vitest'
import { createUpstreams } from '../../../server/composition/upstreams.ts'
import { DEFAULT_LIMITS } from '../../../server/config/defaults.ts'
import type { Config, RegistryConfig } from '../../../server/config/types.ts'
import type { Metrics, RequestLog } from '../../../server/observe/index.ts'
import { createFixtureRegistry } from '../../fixtures/registry/index.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

it('whoever asks for the state waits for a registry that does not answer only while nothing is known of it', async () => {
  const fixture = await createFixtureRegistry()
  const registry: RegistryConfig = {
    id: 'npm', url: fixture.url, namespace: fixture.host, role: 'authority', origin: 'test', tls: { rejectUnauthorized: true },
  }
  const upstreams = createUpstreams({
    config: { registries: [registry], limits: { ...DEFAULT_LIMITS, proxy: {} } } as unknown as Config,
    version: '1.0.0',
    requestLog: { logger: { warn() {} } } as unknown as RequestLog,
    metrics: { upstreamDuration: { observe() {} }, upstreamErrors: { inc() {} }, gaugeOf() {} } as unknown as Metrics,
  })
  // Backwards: what is closed first are our own connections.
  closing.push(() => fixture.close(), () => upstreams.connections.close(), () => vi.useRealTimers())
  const probe = async () => {
    const begun = performance.now()
    await upstreams.probe()
    return performance.now() - begun
  }

  await probe()
  expect(upstreams.health.of(registry)).toMatchObject({ state: 'up' })
  expect(fixture.count('GET', '/-/ping')).toBe(1)

  fixture.fault({ path: '/-/ping' }, { stall: 'headers' })
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
  const waits = [await probe(), await probe()]
  expect(Math.max(...waits)).toBeLessThan(500)
  // The second one waits for what the first one asked.
  expect(fixture.count('GET', '/-/ping')).toBe(2)
})
