import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from '../../../server/config/defaults.ts'
import type { LimitsConfig, RegistryConfig } from '../../../server/config/types.ts'
import { RegistryError } from '../../../server/errors.ts'
import { createConnections, createHealthBook, createUpstream, readBody } from '../../../server/registry/index.ts'
import { createFixtureRegistry, type FixtureOptions, type FixtureRegistry } from '../../fixtures/registry/index.ts'

const TOKEN = 'npm_secret'
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function fixture(options: FixtureOptions = {}): Promise<FixtureRegistry> {
  const registry = await createFixtureRegistry(options)
  closing.push(() => registry.close())
  await registry.publish({ name: 'x', version: '1.0.0' })
  return registry
}

/** An upstream at a fixture, and what it told its observer. */
function upstreamOf(main: FixtureRegistry, options: Partial<LimitsConfig> & { others?: FixtureRegistry[] } = {}) {
  const { others = [], ...more } = options
  const limits: LimitsConfig = { ...DEFAULT_LIMITS, proxy: {}, headersTimeout: 1000, bodyTimeout: 1000, ...more }
  const registries = [main, ...others].map((one, n): RegistryConfig => ({
    id: n === 0 ? 'main' : `other-${n}`, url: one.url, namespace: one.host, role: 'authority', origin: 'test', tls: { rejectUnauthorized: true },
    authorization: `Bearer ${n === 0 ? TOKEN : 'of-another'}`,
  }))
  const connections = createConnections(registries, limits)
  closing.push(() => connections.close())
  const health = createHealthBook()
  const [registry] = registries as [RegistryConfig]
  const upstream = createUpstream({
    registry, registries, connections, limits, identity: { 'user-agent': 'test/1', 'via': '1.1 test' }, observer: health,
  })
  const ask = async (url: string, more: { method?: 'GET' | 'POST' | 'HEAD', body?: Buffer, headers?: Record<string, string> } = {}) => {
    const response = await upstream.request({ url, ...more })
    return { ...response, text: (await readBody(response, registry, 1_000_000)).toString() }
  }
  return { ask, upstream, registry, health: () => health.of(registry) }
}

async function failure(work: Promise<unknown>): Promise<RegistryError> {
  const error = await work.then(() => undefined, (thrown: unknown) => thrown)
  if (!(error instanceof RegistryError)) throw new Error('It did not fail, or in another way', { cause: error })
  return error
}

describe('a request', () => {
  it('carries our identity, the registry\'s token and what the caller says, and nothing else', async () => {
    const main = await fixture({ token: TOKEN })
    const { ask, health } = upstreamOf(main)
    expect(health()).toEqual({ state: 'unknown' })
    const { status, text } = await ask('x', { headers: { accept: 'application/json' } })
    expect(status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({ name: 'x' })
    expect(main.requests[0]!.headers).toEqual({
      'host': main.host, 'connection': 'keep-alive', 'user-agent': 'test/1', 'via': '1.1 test', 'accept': 'application/json', 'authorization': `Bearer ${TOKEN}`,
    })
    expect(health()).toMatchObject({ state: 'up', latency: expect.any(Number) as number })
  })

  it('keeps the registry\'s path, also for names with a scope', async () => {
    const main = await fixture({ prefix: '/repository/npm/' })
    await upstreamOf(main).ask('@s%2fx')
    expect(main.requests[0]!.url).toBe('/repository/npm/@s%2fx')
  })
})

describe('a redirect', () => {
  it('within the registry is followed with its token', async () => {
    const main = await fixture({ token: TOKEN })
    main.fault({ path: '/y' }, { redirect: '/x' })
    const { status, text } = await upstreamOf(main).ask('y')
    expect(status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({ name: 'x' })
  })

  it.each([301, 302, 303, 307, 308])('%i to another configured registry is followed, with nobody\'s token', async (status) => {
    const [main, other] = [await fixture({ token: TOKEN }), await fixture()]
    main.fault({ path: '/x' }, { redirect: `${other.url}x`, status })
    expect((await upstreamOf(main, { others: [other] }).ask('x')).status).toBe(200)
    expect(other.requests).toHaveLength(1)
    expect(other.requests[0]!.headers).not.toHaveProperty('authorization')
  })

  it('away and back again has the token again, but only there', async () => {
    const [main, other] = [await fixture({ token: TOKEN }), await fixture()]
    main.fault({ path: '/y' }, { redirect: `${other.url}z` })
    other.fault({ path: '/z' }, { redirect: `${main.url}x` })
    expect((await upstreamOf(main, { others: [other] }).ask('y')).status).toBe(200)
    expect(other.requests[0]!.headers).not.toHaveProperty('authorization')
    expect(main.requests[1]!.headers.authorization).toBe(`Bearer ${TOKEN}`)
  })

  it.each<[where: string, to: (url: string) => string]>([
    ['a loopback port that is no registry', url => url],
    ['the same by name', url => url.replace('127.0.0.1', 'localhost')],
    ['the same by another spelling', url => url.replace('127.0.0.1', '2130706433')],
    ['the same in IPv6 clothes', url => url.replace('127.0.0.1', '[::ffff:127.0.0.1]')],
    ['the same as a compatible address', url => url.replace('127.0.0.1', '[::127.0.0.1]')],
    ['the same over no scheme', url => url.replace('http:', '')],
    ['cloud metadata', () => 'http://169.254.169.254/latest/meta-data/'],
    ['a private network', () => 'http://10.0.0.1/'],
    ['a file', () => 'file:///etc/passwd'],
    ['data', () => 'data:application/json,{}'],
    ['another scheme', () => 'ftp://npm.example/x'],
    ['credentials', () => 'https://user:password@npm.example/x'],
    ['nothing readable', () => 'http://['],
  ])('to %s is refused', async (_, to) => {
    const [main, elsewhere] = [await fixture(), await fixture()]
    main.fault({ path: '/x' }, { redirect: to(`${elsewhere.url}x`) })
    const { ask, health } = upstreamOf(main)
    const error = await failure(ask('x'))
    expect(error.code).toBe('FORBIDDEN_URL')
    expect(error.message).not.toContain('password')
    expect(elsewhere.requests).toEqual([])
    // Asked once: a refusal of ours is no reason to try again, and none to call the registry down.
    expect(main.requests).toHaveLength(1)
    expect(health().state).not.toBe('down')
  })

  it('without end ends', async () => {
    const main = await fixture()
    main.fault({ path: '/x' }, { redirect: '/x' })
    const error = await failure(upstreamOf(main, { maxRedirects: 3 }).ask('x'))
    expect(error.code).toBe('UPSTREAM_INVALID')
    expect(error.message).toMatch(/redirected more than 3 times/)
    expect(main.requests).toHaveLength(4)
  })

  it('in a circle of two registries ends', async () => {
    const [main, other] = [await fixture(), await fixture()]
    main.fault({ path: '/x' }, { redirect: `${other.url}x` })
    other.fault({ path: '/x' }, { redirect: `${main.url}x` })
    expect((await failure(upstreamOf(main, { others: [other] }).ask('x'))).message).toMatch(/redirected more than 3 times/)
    expect(main.requests.length + other.requests.length).toBe(4)
  })

  it('without a place is an answer', async () => {
    const main = await fixture()
    main.fault({ path: '/x' }, { status: 302 })
    expect((await upstreamOf(main).ask('x')).status).toBe(302)
  })
})

describe('an absolute URL', () => {
  it('of the registry has its token, another registry\'s has none', async () => {
    const [main, other] = [await fixture({ token: TOKEN }), await fixture()]
    const { ask } = upstreamOf(main, { others: [other] })
    expect((await ask(`${main.url}x/-/x-1.0.0.tgz`)).status).toBe(200)
    expect((await ask(`${other.url}x/-/x-1.0.0.tgz`)).status).toBe(200)
    expect(other.requests[0]!.headers).not.toHaveProperty('authorization')
  })

  it.each(['http://169.254.169.254/', 'http://127.0.0.1:9/', 'file:///etc/passwd', 'http://localhost:9/', '//127.0.0.1:9/x', '\\\\127.0.0.1:9\\x'])('%s is refused', async (url) => {
    const main = await fixture()
    expect((await failure(upstreamOf(main).ask(url))).code).toBe('FORBIDDEN_URL')
    expect(main.requests).toEqual([])
  })

  it('with credentials in it does not send them', async () => {
    const main = await fixture({ token: TOKEN })
    await upstreamOf(main).ask(main.url.replace('http://', 'http://user:password@')).catch(() => {})
    for (const { headers } of main.requests) expect(headers.authorization).toBe(`Bearer ${TOKEN}`)
  })
})

describe('failures', () => {
  it.each([429, 500, 502, 503, 504])('%i is asked again, as often as configured', async (status) => {
    const main = await fixture()
    main.fault({ path: '/x' }, { status })
    const { ask, health } = upstreamOf(main, { retries: 2 })
    expect((await ask('x')).status).toBe(status)
    expect(main.requests).toHaveLength(3)
    expect(health().state).toBe(status === 429 ? 'up' : 'down')
  })

  it('that pass are not seen', async () => {
    const main = await fixture()
    main.fault({ path: '/x', times: 1 }, { status: 502 })
    main.fault({ path: '/x', times: 1 }, { drop: 'before' })
    const { ask, health } = upstreamOf(main, { retries: 2 })
    expect((await ask('x')).status).toBe(200)
    expect(main.requests).toHaveLength(3)
    expect(health().state).toBe('up')
  })

  it.each([400, 401, 403, 404, 405, 410, 451, 501])('%i is an answer, asked once', async (status) => {
    const main = await fixture()
    main.fault({ path: '/x' }, { status })
    expect((await upstreamOf(main).ask('x')).status).toBe(status)
    expect(main.requests).toHaveLength(1)
  })

  it('of a POST are not repeated', async () => {
    const main = await fixture()
    main.fault({ method: 'POST' }, { status: 503 })
    expect((await upstreamOf(main).ask('-/npm/v1/security/advisories/bulk', { method: 'POST', body: Buffer.from('{}') })).status).toBe(503)
    expect(main.requests).toHaveLength(1)
  })

  it('to reach anybody are one sentence that names the registry', async () => {
    const main = await fixture()
    await main.down()
    const { ask, health } = upstreamOf(main, { retries: 0 })
    const error = await failure(ask('x'))
    expect(error.code).toBe('UPSTREAM_UNAVAILABLE')
    expect(error.message).toBe(`Registry "main" (${main.host}) cannot be reached (ECONNREFUSED); try again in a moment.`)
    expect(error.retryAfter).toBeGreaterThan(0)
    expect(health()).toMatchObject({ state: 'down', error: error.message })
  })

  it('to answer in time end with the caller\'s deadline', async () => {
    const main = await fixture()
    main.fault({ path: '/x' }, { stall: 'headers' })
    const { upstream } = upstreamOf(main, { headersTimeout: 60_000 })
    const started = performance.now()
    const error = await failure(upstream.request({ url: 'x', signal: AbortSignal.timeout(200) }))
    expect(error.message).toMatch(/did not answer in time/)
    expect(performance.now() - started).toBeLessThan(2000)
    expect(main.requests).toHaveLength(1)
  })

  it('of the protocol are failures of the registry', async () => {
    const noise = createServer(socket => socket.on('error', () => {}).resume().end('SSH-2.0-OpenSSH_9.9\r\n')).listen(0, '127.0.0.1')
    await new Promise(resolve => noise.once('listening', resolve))
    closing.push(() => new Promise(resolve => noise.close(resolve)))
    const main = await fixture()
    const { port } = noise.address() as { port: number }
    const error = await failure(upstreamOf({ ...main, url: `http://127.0.0.1:${port}/` }, { retries: 0 }).ask('x'))
    expect(error.code).toBe('UPSTREAM_UNAVAILABLE')
  })
})
