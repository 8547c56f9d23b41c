import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { LimitsConfig } from '../../../server/config/types.ts'
import { DEFAULT_LIMITS } from '../../../server/config/defaults.ts'
import { createCopies, createDocuments, createReadingOf, type Copies } from '../../../server/packument/index.ts'
import { createUpstream, createConnections, type Upstream } from '../../../server/registry/index.ts'
import { createFixtureRegistry, type FixtureRegistry } from '../../fixtures/registry/index.ts'

const limits: LimitsConfig = { ...DEFAULT_LIMITS, retries: 0, proxy: {} }

let fixture: FixtureRegistry
let copies: Copies
let upstream: Upstream
const cleanups: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  fixture = await createFixtureRegistry()
  const registry = {
    id: 'm1', url: fixture.url, namespace: fixture.host, role: 'mirror' as const, of: 'npm', origin: 'test', tls: { rejectUnauthorized: true },
  }
  const connections = createConnections([registry], limits)
  const documents = createDocuments(new URL('../../../server/packument/worker.ts', import.meta.url), limits.maxPackumentSize)
  const observer = { answered() {}, failed() {} }
  upstream = createUpstream({ registry, registries: [registry], connections, limits, identity: {}, observer })
  copies = createCopies({ limits, documents })
  cleanups.push(() => fixture.close(), () => connections.close(), () => documents.close())
})
afterEach(async () => {
  vi.useRealTimers()
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const of = async (name = 'x') => (await copies.of(name, upstream))?.versions
const asked = () => fixture.count('GET', '/x')
/** Half a minute later. */
const later = () => vi.setSystemTime(Date.now() + 31_000)

it('says what a mirror says, which is asked once for all who wait, and not again for a while', async () => {
  await fixture.publish({ name: 'x', version: '1.0.0' })
  const [first] = await Promise.all(Array.from({ length: 20 }, () => of()))
  expect(first!.get('1.0.0')!.integrity).toBe(fixture.manifest('x', '1.0.0').dist.integrity)
  await fixture.publish({ name: 'x', version: '1.1.0' })
  expect([...(await of())!.keys()]).toEqual(['1.0.0'])
  expect(asked()).toBe(1)
})

it('asks again after a while, and does not fetch what is unchanged', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  await fixture.publish({ name: 'x', version: '1.0.0' })
  const before = await of()
  later()
  expect(await of()).toBe(before)
  expect(fixture.requests.at(-1)!.headers).toHaveProperty('if-none-match')
  await fixture.publish({ name: 'x', version: '1.1.0' })
  later()
  expect([...(await of())!.keys()]).toEqual(['1.0.0', '1.1.0'])
  expect(asked()).toBe(3)
})

it('says nothing of what the mirror does not have', async () => {
  expect(await of()).toBeUndefined()
  expect(await of('unpublished')).toBeUndefined()
  await fixture.publish({ name: 'x', version: '1.0.0' })
  expect(await of()).toBeUndefined()
  fixture.fault({ path: '/gone' }, { body: { name: 'gone', time: { unpublished: { name: 'gone' } } } })
  expect(await of('gone')).toBeUndefined()
})

it.each([['that is down', { status: 500 }, 'UPSTREAM_UNAVAILABLE'], ['that sends nonsense', { garbage: true }, 'UPSTREAM_INVALID'], ['that refuses', { status: 403 }, 'UPSTREAM_REFUSED']])(
  'a mirror %s is asked again at once', async (_, behaviour, code) => {
    await fixture.publish({ name: 'x', version: '1.0.0' })
    const undo = fixture.fault({}, behaviour)
    await expect(of()).rejects.toMatchObject({ code })
    undo()
    expect((await of())!.size).toBe(1)
  },
)

it('links are read of those who may not link everywhere, and of their mirrors', () => {
  const registry = (id: string, more: object = {}) => ({ ...upstream.registry, role: 'authority' as const, of: undefined, id, url: `https://${id}.example/`, ...more })
  const readingOf = createReadingOf([
    registry('npm'), registry('acme', { links: [] }), registry('m1', { role: 'mirror', of: 'npm' }), registry('m2', { role: 'mirror', of: 'acme' }),
  ])
  expect(['npm', 'acme', 'm1', 'm2', 'other'].map(id => readingOf(`https://${id}.example/`)?.links)).toEqual([undefined, true, undefined, true, undefined])
})
