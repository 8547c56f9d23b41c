import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Redis from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { freePort, startServer, type TestServer } from '../fixtures/server.ts'
import { ask, until, versionsOf } from './ask.ts'

/** What a client waits for at most while Redis is of no help. */
const PATIENCE = 8000

let upstream: FixtureRegistry
let port: number
let url: string
let redis: Redis
let running: ChildProcess
const cleanups: (() => Promise<unknown>)[] = []

async function startRedis(): Promise<ChildProcess> {
  const dir = await mkdtemp(join(tmpdir(), 'registry-redis-'))
  cleanups.push(() => rm(dir, { recursive: true, force: true }))
  const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir], { stdio: 'ignore' })
  cleanups.push(() => endRedis(child))
  return child
}

async function endRedis(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

beforeAll(async () => {
  if (spawnSync('redis-server', ['--version']).error) {
    throw new Error('These tests need a real Redis, and there is no redis-server on the PATH. Install it: apt-get install redis-server')
  }
  upstream = await createFixtureRegistry()
  cleanups.push(() => upstream.close())
  port = await freePort()
  url = `redis://127.0.0.1:${port}`
  running = await startRedis()
  redis = new Redis(url, { retryStrategy: () => 50 })
  redis.on('error', () => { /* While it is ended on purpose; a test that needs it fails on its own. */ })
  cleanups.push(async () => redis.disconnect())
  await until('Redis answers', async () => await redis.ping() === 'PONG')
})

afterAll(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup()
})

beforeEach(async () => {
  if (running.exitCode !== null || running.signalCode !== null) {
    running = await startRedis()
    await until('Redis answers again', () => redis.ping().then(() => true, () => false))
  }
  await redis.flushall()
  await upstream.up()
  upstream.reset()
})

/** A server that shares Redis with others, and, unless it has a data directory of its own, the log. */
async function serve(cache: object = {}, registry = upstream, dataDir?: string): Promise<TestServer> {
  const server = await startServer({
    dataDir,
    config: {
      registries: [{ id: 'npm', url: registry.url, role: 'authority' }],
      cache: { driver: 'redis', redisUrl: url, fresh: '1h', ...cache },
      limits: { retries: 0 },
    },
  })
  cleanups.push(() => server.kill())
  return server
}

/** What is recorded needs nobody to be asked: whether an authority signs is not known while it is away. */
async function sharedDirectory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'registry-shared-'))
  cleanups.push(() => rm(dir, { recursive: true, force: true }))
  return dir
}

const keys = (part: string) => redis.keys(`*${part}*`)
const stored = (packuments: number) => until('it is in Redis', async () =>
  (await keys('meta')).length === packuments && (await keys('body')).length === packuments)

describe('a cache in Redis', () => {
  it('lets a second server answer without the upstream, with the same bytes and ETag', async () => {
    await upstream.publish({ name: '@shared/package', version: '1.0.0' })
    const dataDir = await sharedDirectory()
    const first = await serve({}, upstream, dataDir)
    const one = await ask(`${first.npmUrl}@shared/package`)
    await stored(1)
    await upstream.down()
    const second = await serve({}, upstream, dataDir)
    const two = await ask(`${second.npmUrl}@shared/package`)
    expect(two.status).toBe(200)
    // Their URLs differ, and nothing else.
    expect(two.text.replaceAll(second.url, first.url)).toBe(one.text)
    expect((await ask(`${second.npmUrl}@shared%2fpackage/latest`)).status).toBe(200)
    const unknown = await ask(`${second.npmUrl}unknown`)
    expect(unknown.status).toBe(503)
    await first.stop()
    await second.stop()
  })

  it('lets a second server see what the first one learnt', async () => {
    await upstream.publish({ name: 'learnt', version: '1.0.0' })
    const dataDir = await sharedDirectory()
    const first = await serve({ fresh: 0, staleWhileRevalidate: 0 }, upstream, dataDir)
    await ask(`${first.npmUrl}learnt`)
    await stored(1)
    await upstream.publish({ name: 'learnt', version: '2.0.0' })
    await ask(`${first.npmUrl}learnt`)
    const body = async () => (await keys('body')).join()
    const before = await body()
    await until('the new document replaces the old one', async () => (await keys('body')).length === 1 || await body() !== before)
    const second = await serve({}, upstream, dataDir)
    await upstream.down()
    expect(versionsOf(await ask(`${second.npmUrl}learnt`))).toEqual(['1.0.0', '2.0.0'])
    await first.stop()
    await second.stop()
  })

  it('takes a URL from the environment as well', async () => {
    await upstream.publish({ name: 'environment', version: '1.0.0' })
    const server = await startServer({
      config: { registries: [{ id: 'npm', url: upstream.url, role: 'authority' }] },
      env: { NUXT_REDIS_URL: url },
    })
    cleanups.push(() => server.kill())
    expect((await ask(`${server.npmUrl}environment`)).status).toBe(200)
    await stored(1)
    await server.stop()
  })

  it('shares nothing between registries with the same id', async () => {
    const other = await createFixtureRegistry()
    cleanups.push(() => other.close())
    await upstream.publish({ name: 'namesake', version: '1.0.0' })
    await other.publish({ name: 'namesake', version: '6.6.6' })
    const [first, second] = [await serve(), await serve({}, other)]
    expect(versionsOf(await ask(`${first.npmUrl}namesake`))).toEqual(['1.0.0'])
    await stored(1)
    expect(versionsOf(await ask(`${second.npmUrl}namesake`))).toEqual(['6.6.6'])
    await first.stop()
    await second.stop()
  })

  const damages: [string, (key: string) => Promise<unknown>][] = [
    ['garbage', key => redis.set(key, Buffer.from([0, 255, 1, 254, 123]))],
    ['nothing', key => redis.set(key, '')],
    ['JSON of another shape', key => redis.set(key, '{"name":1,"id":[],"checkedAt":"x"}')],
    ['a truncated value', async key => redis.set(key, (await redis.getBuffer(key))!.subarray(0, 20))],
    ['another type', async (key) => {
      await redis.del(key)
      return redis.lpush(key, 'x')
    }],
  ]

  it.each(damages)('is harmless when it holds %s', async (title, damage) => {
    const names = ['meta', 'body'].map(kind => `wrong-${kind}-${title.replaceAll(/\W+/g, '-').toLowerCase()}`)
    const first = await serve()
    for (const [n, kind] of ['meta', 'body'].entries()) {
      const before = await keys(kind)
      await upstream.publish({ name: names[n]!, version: '1.0.0' })
      await ask(`${first.npmUrl}${names[n]}`)
      await stored(n + 1)
      const [key] = (await keys(kind)).filter(one => !before.includes(one))
      await damage(key!)
    }
    await first.stop()
    const second = await serve()
    for (const name of names) {
      const answer = await ask(`${second.npmUrl}${name}`)
      expect(answer.status).toBe(200)
      expect(versionsOf(answer)).toEqual(['1.0.0'])
    }
    expect((await ask(`${second.url}health`)).status).toBe(200)
    await second.stop()
  })

  it('does not accept another package\'s document', async () => {
    for (const name of ['mine', 'yours']) await upstream.publish({ name, version: '1.0.0' })
    const first = await serve()
    for (const name of ['mine', 'yours']) await ask(`${first.npmUrl}${name}`)
    await stored(2)
    await first.stop()
    for (const kind of ['meta', 'body']) {
      const [one, two] = await keys(kind)
      const [a, b] = [await redis.getBuffer(one!), await redis.getBuffer(two!)]
      await redis.set(one!, b!)
      await redis.set(two!, a!)
    }
    const second = await serve()
    for (const name of ['mine', 'yours']) expect((await ask(`${second.npmUrl}${name}`)).json.name).toBe(name)
    await second.stop()
  })
})

describe('without Redis', () => {
  it.each([
    ['killed', () => endRedis(running), async () => {}],
    ['frozen', async () => running.kill('SIGSTOP'), async () => running.kill('SIGCONT')],
  ])('goes on answering when it is %s mid-way', async (_, end, resume) => {
    for (const name of ['ready', 'unrendered', 'later', 'back']) await upstream.publish({ name, version: '1.0.0' })
    const server = await serve()
    for (const name of ['ready', 'unrendered']) await ask(`${server.npmUrl}${name}`)
    await stored(2)
    await end()
    try {
      const ready = await ask(`${server.npmUrl}ready`)
      expect(ready.status).toBe(200)
      expect(ready.ms).toBeLessThan(500)
      // One whose document must be read again, and some that nobody asked for yet.
      const corgi = { accept: 'application/vnd.npm.install-v1+json' }
      const answers = await Promise.all([
        ask(`${server.npmUrl}unrendered`, { headers: corgi }), ask(`${server.npmUrl}later`), ask(`${server.npmUrl}unknown`),
      ])
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 404])
      expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(PATIENCE)
      expect((await ask(`${server.npmUrl}later`)).ms).toBeLessThan(500)
      expect((await ask(`${server.url}health`)).status).toBe(200)
      await until('the operator is told', () => server.logs().some(({ trouble }) => trouble !== undefined))
    } finally {
      await resume()
    }
    if (running.signalCode !== null) running = await startRedis()
    await until('Redis is used again', async () => {
      await ask(`${server.npmUrl}back`)
      return await redis.ping().then(() => true, () => false) && (await keys('meta')).length > 0
    }, 15_000)
    expect(server.stderr()).not.toMatch(/unhandled|uncaught|\n\s+at /i)
    expect(await server.stop()).toBe(0)
  })

  it('starts and answers when there is none', async () => {
    await endRedis(running)
    await upstream.publish({ name: 'alone', version: '1.0.0' })
    const server = await serve()
    const cold = await ask(`${server.npmUrl}alone`)
    expect(cold.status).toBe(200)
    expect(cold.ms).toBeLessThan(PATIENCE)
    expect((await ask(`${server.npmUrl}alone`)).status).toBe(200)
    expect(await server.stop()).toBe(0)
  })
})
