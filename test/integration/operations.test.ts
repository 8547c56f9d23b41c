import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { freePort, startServer, type TestServer } from '../fixtures/server.ts'
import { createToken } from '../fixtures/token.ts'
import { ask, until } from './ask.ts'

const LARGE = 20 * 1024 * 1024

let upstream: FixtureRegistry
const cleanups: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  upstream = await createFixtureRegistry()
  cleanups.push(() => upstream.close())
})

afterAll(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup()
})

async function serve(config: object = {}): Promise<TestServer> {
  const server = await startServer({
    config: { registries: [{ id: 'npm', url: upstream.url, role: 'authority' }], limits: { retries: 0 }, ...config },
  })
  cleanups.push(() => server.kill())
  return server
}

/** Begins a request and reads nothing of its body yet. */
function begin(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, response => resolve(response.pause())).on('error', reject)
  })
}

async function sizeOf(response: IncomingMessage): Promise<number> {
  let size = 0
  for await (const chunk of response) size += (chunk as Buffer).length
  return size
}

async function publishLarge(name: string): Promise<void> {
  // Noise, so that it stays large when packed.
  await upstream.publish({ name, version: '1.0.0', files: { noise: randomBytes(LARGE / 2).toString('hex').slice(0, LARGE) } })
}

describe('health', () => {
  it('is 503 until the server can answer, and requests wait for that', async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'registry-slow-'))
    cleanups.push(() => rm(scratch, { recursive: true, force: true }))
    const file = join(scratch, 'registry.config.mjs')
    const config = JSON.stringify({ registries: [{ id: 'npm', url: upstream.url, role: 'authority' }] })
    await writeFile(file, `await new Promise(resolve => setTimeout(resolve, 2000))\nexport default ${config}\n`)
    const port = await freePort()
    await upstream.publish({ name: 'early', version: '1.0.0' })

    const seen = new Set<number>()
    let early: Promise<{ status: number }> | undefined
    let watching = true
    const watch = async () => {
      while (watching) {
        const health = await ask(`http://127.0.0.1:${port}/health`).catch(() => undefined)
        if (health) seen.add(health.status)
        if (health?.status === 503) early ??= ask(`http://127.0.0.1:${port}/npm/early`)
        await sleep(20)
      }
    }
    const watched = watch()
    const server = await startServer({ port, env: { REGISTRY_CONFIG: file } })
    cleanups.push(() => server.kill())
    await until('health is well', () => seen.has(200))
    watching = false
    await watched
    expect([...seen]).toEqual([503, 200])
    expect((await early)?.status).toBe(200)
  })

  it('is 200 without asking the upstream, also while that is down', async () => {
    const server = await serve()
    upstream.requests.length = 0
    const health = await ask(`${server.url}health`)
    expect(health.status).toBe(200)
    expect(health.json).toMatchObject({ status: 'ok', upstreams: [{ id: 'npm', state: 'unknown' }] })
    expect(health.headers['cache-control']).toBe('no-store')
    expect(upstream.requests).toHaveLength(0)
    upstream.fault({ path: '/failing' }, { drop: 'before' })
    await ask(`${server.npmUrl}failing`)
    const afterwards = await ask(`${server.url}health`)
    expect(afterwards.status).toBe(200)
    expect(afterwards.json).toMatchObject({ upstreams: [{ id: 'npm', state: 'down' }] })
  })

  it('is 503 while the data directory cannot be written', async () => {
    const server = await serve()
    // Permissions do not stop an administrator, a directory that is not there stops everybody.
    await rename(server.dataDir, `${server.dataDir}-away`)
    const health = await ask(`${server.url}health`)
    expect(health.status).toBe(503)
    expect(health.json).toMatchObject({ status: 'unavailable', problem: expect.stringContaining('data directory') })
    await rename(`${server.dataDir}-away`, server.dataDir)
    expect((await ask(`${server.url}health`)).status).toBe(200)
  })
})

describe('metrics', () => {
  /** The sum of a family's samples whose labels include these. */
  function sample(text: string, name: string, labels: Record<string, string> = {}): number {
    const lines = text.split('\n').filter(line => (line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      && Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)))
    if (lines.length === 0) throw new Error(`No sample ${name} ${JSON.stringify(labels)} in:\n${text}`)
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  }

  it('count what happened', async () => {
    const server = await serve({ delivery: 'serve', cache: { fresh: '1h', negative: '1h' } })
    const metrics = async () => {
      const answer = await ask(`${server.url}metrics`)
      expect(answer.status).toBe(200)
      expect(answer.headers['content-type']).toMatch(/^text\/plain/)
      return answer.text
    }
    await upstream.publish({ name: 'counted', version: '1.0.0' })
    upstream.fault({ path: '/counted', times: 1 }, { delay: 400 })
    upstream.fault({ path: '/broken' }, { drop: 'before' })

    const first = await Promise.all([1, 2, 3, 4, 5].map(() => ask(`${server.npmUrl}counted`)))
    const again = [await ask(`${server.npmUrl}counted`), await ask(`${server.npmUrl}counted`)]
    const unchanged = await ask(`${server.npmUrl}counted`, { headers: { 'if-none-match': again[0]!.headers.etag! } })
    const missing = [await ask(`${server.npmUrl}nobody-has-it`), await ask(`${server.npmUrl}nobody-has-it`)]
    const broken = await ask(`${server.npmUrl}broken`)
    const tarball = await ask(`${server.npmUrl}counted/-/counted-1.0.0.tgz`)
    expect([unchanged.status, missing[0]!.status, broken.status, tarball.status]).toEqual([304, 404, 503, 200])
    // The books are kept once an answer is out, which its client may know before the server does.
    await until('the last request is counted', async () => (await metrics()).includes('registry_requests_total{route="tarball"'))

    const text = await metrics()
    expect(sample(text, 'registry_requests_total', { route: 'packument', status: '200' })).toBe(7)
    expect(sample(text, 'registry_requests_total', { route: 'packument', status: '304' })).toBe(1)
    expect(sample(text, 'registry_requests_total', { route: 'packument', status: '404' })).toBe(2)
    expect(sample(text, 'registry_requests_total', { route: 'packument', status: '503' })).toBe(1)
    expect(sample(text, 'registry_requests_total', { route: 'tarball', status: '200' })).toBe(1)
    expect(sample(text, 'registry_request_duration_seconds_count', { route: 'packument' })).toBe(11)
    expect(sample(text, 'registry_request_duration_seconds_bucket', { route: 'packument', le: '+Inf' })).toBe(11)
    // Five of them waited for the upstream.
    expect(sample(text, 'registry_request_duration_seconds_sum', { route: 'packument' })).toBeGreaterThan(5 * 0.35)
    expect(sample(text, 'registry_upstream_duration_seconds_count', { registry: 'npm', status: '200' })).toBe(2)
    // What nobody has, and signing keys, which it has not.
    expect(sample(text, 'registry_upstream_duration_seconds_count', { registry: 'npm', status: '404' })).toBe(2)
    expect(sample(text, 'registry_upstream_errors_total', { registry: 'npm', code: 'UPSTREAM_UNAVAILABLE' })).toBe(1)
    expect(sample(text, 'registry_packument_lookups_total', { tier: 'fetched' })).toBe(1)
    expect(sample(text, 'registry_packument_lookups_total', { tier: 'memory' })).toBeGreaterThanOrEqual(3)
    expect(sample(text, 'registry_packument_lookups_total', { tier: 'negative' })).toBe(1)
    expect(sample(text, 'registry_single_flight_joins_total', { work: 'packument' })).toBe(4)
    const sent = [...first, ...again, unchanged, ...missing, broken].reduce((bytes, { body }) => bytes + body.length, 0)
    expect(sample(text, 'registry_response_bytes_total', { route: 'packument' })).toBe(sent)
    expect(sample(text, 'registry_response_bytes_total', { route: 'tarball' })).toBe(tarball.body.length)
    expect(sample(text, 'registry_ready_bytes')).toBeGreaterThanOrEqual(again[0]!.body.length)
    await until('the tarball is stored', async () => sample(await metrics(), 'registry_tarball_bytes') === tarball.body.length)
    expect(sample(text, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0)
    expect(sample(text, 'process_resident_memory_bytes')).toBeGreaterThan(2 ** 20)
    // Whoever can choose a label's value can fill the memory: no name and no path is one.
    expect(text).not.toContain('counted')
    expect(text).not.toContain('nobody-has-it')
  })

  it('count the cache tiers that a restart, a change and an outage bring', async () => {
    const server = await serve({ cache: { fresh: 0, staleWhileRevalidate: 0 } })
    await upstream.publish({ name: 'tiers', version: '1.0.0' })
    await ask(`${server.npmUrl}tiers`)
    await ask(`${server.npmUrl}tiers`)
    upstream.fault({ path: '/tiers' }, { status: 500 })
    await ask(`${server.npmUrl}tiers`)
    const { text } = await ask(`${server.url}metrics`)
    for (const tier of ['fetched', 'revalidated', 'stale']) expect(sample(text, 'registry_packument_lookups_total', { tier })).toBe(1)
  })

  it('count a request whose client left before there was an answer', async () => {
    const server = await serve()
    await upstream.publish({ name: 'too-slow', version: '1.0.0' })
    upstream.fault({ path: '/too-slow' }, { delay: 400 })
    await expect(fetch(`${server.npmUrl}too-slow`, { signal: AbortSignal.timeout(100) })).rejects.toThrow()
    const lines = () => server.logs().filter(line => line.package === 'too-slow')
    await until('the request is logged', () => lines().length > 0)
    expect(lines()).toEqual([expect.objectContaining({ route: 'packument', aborted: true, bytes: 0 })])
  })

  it('count only bytes that were sent of a download that was broken off', async () => {
    const server = await serve({ delivery: 'serve' })
    await publishLarge('aborted')
    const response = await begin(`${server.npmUrl}aborted/-/aborted-1.0.0.tgz`)
    response.destroy()
    await until('the request is logged', () => server.logs().some(({ route }) => route === 'tarball'))
    const line = server.logs().find(({ route }) => route === 'tarball')
    expect(line).toMatchObject({ status: 200, aborted: true })
    expect(line?.bytes).toBeLessThan(upstream.tarball('aborted', '1.0.0').length)
    expect(sample((await ask(`${server.url}metrics`)).text, 'registry_response_bytes_total', { route: 'tarball' })).toBe(line?.bytes)
  })
})

describe('the log', () => {
  const SECRETS = ['npmx_', 'client-token', 'path-token', 'query-token', 'cookie-value', 'upstream-token', 'agent-token']

  it('is one JSON object a line, without a token and without a private name', async () => {
    const guarded = await createFixtureRegistry({ token: 'upstream-token' })
    cleanups.push(() => guarded.close())
    const server = await serve({
      registries: [{ id: 'npm', url: guarded.url, role: 'authority', token: 'upstream-token' }],
      private: ['@vault/*', 'hidden-*'],
      delivery: 'serve',
      cache: { fresh: 200, staleWhileRevalidate: '1h', staleIfError: 400, negative: 100 },
    })
    await guarded.publish({ name: 'open', version: '1.0.0' })
    await guarded.publish({ name: '@vault/plans', version: '1.0.0' })
    await guarded.publish({ name: 'hidden-forged', version: '1.0.0' })
    await guarded.publish({ name: 'hidden-broken', version: '1.0.0' })
    guarded.setTarball('hidden-forged', '1.0.0', Buffer.from('other bytes'))
    guarded.editPackument('hidden-broken', (document) => {
      document.versions['6.6.6'] = { name: 'hidden-broken', version: '1.0.0', dist: { tarball: 'x', shasum: 'y' } }
    })
    guarded.fault({ path: '/hidden-outage' }, { status: 500 })
    guarded.fault({ path: '/hidden-portal' }, { html: true })

    const headers = {
      'authorization': `Bearer ${await createToken(server)}`,
      'npm-otp': 'client-token',
      'cookie': 'session=cookie-value',
      'referer': 'install @vault/plans client-token',
      'user-agent': 'npm/11.0.0 agent-token',
    }
    const get = async (path: string) => (await ask(server.npmUrl + path, { headers })).status
    expect(await get('open?token=query-token')).toBe(200)
    expect(await get('open/-/open-1.0.0.tgz?token=query-token')).toBe(200)
    expect(await get('@vault%2fplans')).toBe(200)
    expect(await get('@vault/plans/latest')).toBe(200)
    expect(await get('@vault/plans/-/plans-1.0.0.tgz')).toBe(200)
    expect(await get('-/package/@vault%2fplans/dist-tags')).toBe(200)
    for (const path of [
      '@vault/plans/9.9.9', '@vault/plans/-/plans-9.9.9.tgz', '@vault/plans/too/many/parts', '@vault/unknown',
      '-/npm/v1/attestations/@vault%2fplans@1.0.0', '-/user/token/path-token', '-/npm/v1/tokens/token/path-token',
      'hidden-outage', 'hidden-portal', 'hidden-forged/-/hidden-forged-1.0.0.tgz', '-/v1/search?text=hidden-outage&token=query-token',
    ]) await get(path)
    expect(await get('hidden-broken')).toBe(200)
    await ask(`${server.npmUrl}-/user/token/path-token`, { method: 'POST', headers })

    // What happens behind an answer is logged as well: a refresh that fails, one that finds the package gone.
    guarded.fault({ path: '/hidden-broken' }, { html: true })
    guarded.unpublish('@vault/plans')
    await sleep(300)
    await get('hidden-broken')
    await get('@vault/plans')
    await sleep(600)
    await get('hidden-broken')
    await guarded.down()
    await get('@vault/plans')
    await get('hidden-forged')
    await sleep(600)
    await server.stop()

    const lines = server.stdout().trimEnd().split('\n').filter(line => !line.startsWith('Listening on '))
    const entries = lines.map(line => JSON.parse(line) as Record<string, unknown>)
    expect(entries.length).toBeGreaterThan(20)
    const requests = entries.filter(({ method }) => method !== undefined)
    expect(requests[0]).toEqual({
      level: 30, time: expect.stringMatching(/^\d{4}-.*Z$/), method: 'GET', route: 'packument', package: 'open', status: 200,
      tier: 'fetched', bytes: expect.any(Number), ms: expect.any(Number), client: 'npm/11.0.0',
    })
    expect(requests.some(({ route, status, code }) => route === 'packument' && status === 503 && code === 'UPSTREAM_UNAVAILABLE')).toBe(true)
    const everything = server.stdout() + server.stderr()
    for (const secret of [...SECRETS, 'plans', 'hidden', 'unknown/']) expect(everything).not.toContain(secret)
  })
})

describe('stopping', () => {
  it('lets running downloads finish, takes no new ones, and ends with 0', async () => {
    const server = await serve({ delivery: 'serve', cache: { fresh: '1h' } })
    await publishLarge('farewell')
    await upstream.publish({ name: 'belated', version: '1.0.0' })
    await ask(`${server.npmUrl}belated`)
    const slowReader = await begin(`${server.npmUrl}farewell/-/farewell-1.0.0.tgz`)
    upstream.fault({ path: /belated-1\.0\.0\.tgz/ }, { delay: 2000 })
    const slowUpstream = ask(`${server.npmUrl}belated/-/belated-1.0.0.tgz`)
    await until('the upstream is asked', () => upstream.count('GET', /belated-1\.0\.0\.tgz/) === 1)

    const stopped = server.stop()
    await sleep(300)
    await expect(ask(`${server.url}health`)).rejects.toThrow(/ECONNREFUSED|other side closed|socket hang up/)
    await expect(begin(`${server.npmUrl}belated`)).rejects.toThrow()
    await sleep(700)
    expect(await sizeOf(slowReader)).toBe(upstream.tarball('farewell', '1.0.0').length)
    const late = await slowUpstream
    expect(late.status).toBe(200)
    expect(late.body.equals(upstream.tarball('belated', '1.0.0'))).toBe(true)
    expect(await stopped).toBe(0)
    // Its last lines are not lost.
    expect(server.logs().filter(({ route }) => route === 'tarball')).toHaveLength(2)
  })

  it('ends at once when nothing is running', async () => {
    const server = await serve()
    await ask(`${server.npmUrl}-/ping`)
    const started = Date.now()
    expect(await server.stop()).toBe(0)
    expect(Date.now() - started).toBeLessThan(5000)
  })
})

describe('garbage', () => {
  it('on the socket does no harm', async () => {
    const server = await serve()
    const port = Number(new URL(server.url).port)
    const garbage: (string | Buffer)[] = [
      '', '\r\n\r\n', 'GET', 'GET /npm/x HTTP/1.1\r\n', 'GET /npm/x HTTP/9.9\r\n\r\n', 'GET /npm/x\r\n\r\n',
      'NONSENSE /npm/x HTTP/1.1\r\nhost: x\r\n\r\n', 'GET http://other.example/npm/x HTTP/1.1\r\nhost: x\r\n\r\n',
      'GET //npm//x HTTP/1.1\r\nhost: x\r\n\r\n', 'GET /npm/%ff%00%zz HTTP/1.1\r\nhost: x\r\n\r\n', 'OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n',
      'CONNECT other.example:443 HTTP/1.1\r\nhost: x\r\n\r\n', 'GET /npm/x HTTP/1.1\r\n\r\n', 'GET /npm/x HTTP/1.0\r\n\r\n',
      'GET /npm/x HTTP/1.1\r\nhost: [\r\n\r\n', 'GET /health HTTP/1.1\r\nhost: a b c\r\nhost: d\r\n\r\n',
      'GET /npm/x HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-key: x\r\nsec-websocket-version: 13\r\n\r\n',
      'GET /npm/x HTTP/1.1\r\nhost: x\r\nrange: bytes=-\r\naccept: ,;=,\r\naccept-encoding: ;q=\r\nif-none-match: ,,W/\r\n\r\n',
      'GET /npm/x HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n',
      'POST /npm/-/npm/v1/security/advisories/bulk HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      'POST /npm/-/npm/v1/security/advisories/bulk HTTP/1.1\r\nhost: x\r\ncontent-length: -4\r\n\r\nabcd',
      'POST /npm/-/npm/v1/security/advisories/bulk HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      'POST /npm/-/npm/v1/security/advisories/bulk HTTP/1.1\r\nhost: x\r\ncontent-length: 400\r\n\r\n{"half":',
      'POST /npm/-/npm/v1/security/advisories/bulk HTTP/1.1\r\nhost: x\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nabcd',
      `GET /npm/x HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`, `GET /npm/${'y'.repeat(100_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
      Buffer.from('16030100a5010000a1', 'hex'), Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      ...Array.from({ length: 20 }, () => randomBytes(2000)),
    ]
    const clients = garbage.flatMap(bytes => [{ bytes, polite: true }, { bytes, polite: false }])
    await Promise.all(clients.map(async ({ bytes, polite }) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.resume()
      await once(socket, 'connect')
      socket.write(bytes)
      await sleep(100)
      if (polite) socket.end()
      else socket.resetAndDestroy()
      await sleep(400)
      socket.destroy()
    }))
    expect((await ask(`${server.url}health`)).status).toBe(200)
    await upstream.publish({ name: 'unharmed', version: '1.0.0' })
    expect((await ask(`${server.npmUrl}unharmed`)).status).toBe(200)
    expect(server.stderr()).not.toMatch(/unhandled|uncaught|\n\s+at /i)
    expect(await server.stop()).toBe(0)
  })
})
