import { readdir, readFile, rm, truncate, writeFile, mkdtemp } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { ask, statusOf, until, versionsOf } from './ask.ts'

const CORGI = 'application/vnd.npm.install-v1+json'
const NEVER_FRESH = { fresh: 0, staleWhileRevalidate: 0 }

let upstream: FixtureRegistry
/** What a test leaves behind, ended in reverse order. */
const cleanups: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  upstream = await createFixtureRegistry()
})

afterAll(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup()
  await upstream.close()
})

interface Options {
  cache?: object
  limits?: object
  registry?: { url: string }
  dataDir?: string
}

/** A server whose registry is the fixture, stopped at the end if it is still there. */
async function serve({ cache, limits, registry = upstream, dataDir }: Options = {}): Promise<TestServer> {
  const server = await startServer({
    config: { registries: [{ id: 'npm', url: registry.url, role: 'authority' }], cache, limits: { retries: 0, ...limits } },
    dataDir,
  })
  cleanups.push(() => server.kill())
  return server
}

async function temporaryDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'registry-data-'))
  cleanups.push(() => rm(dir, { recursive: true, force: true }))
  return dir
}

const publish = (name: string, version = '1.0.0') => upstream.publish({ name, version, description: `the ${version} of ${name}` })
const asked = (name: string) => upstream.count('GET', `/${name}`)

describe('while a packument is fresh', () => {
  let server: TestServer

  beforeAll(async () => {
    server = await serve({ cache: { fresh: '1h' } })
  })

  it('asks the upstream once for a hundred first requests', async () => {
    await publish('crowd')
    upstream.fault({ path: '/crowd' }, { delay: 700 })
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) =>
      ask(`${server.npmUrl}crowd`, { headers: n % 2 ? { accept: CORGI } : {} })))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(new Set(answers.map(({ headers }) => headers.etag)).size).toBe(2)
    expect(answers.every(answer => versionsOf(answer).join() === '1.0.0')).toBe(true)
    expect(asked('crowd')).toBe(1)
  })

  it('asks once for a hundred first requests by every kind of path', async () => {
    await publish('@kinds/all')
    upstream.fault({ path: '/@kinds/all' }, { delay: 700 })
    const paths = ['@kinds/all', '@kinds%2fall', '@kinds/all/latest', '@kinds/all/1.0.0', '-/package/@kinds%2fall/dist-tags']
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => ask(server.npmUrl + paths[n % paths.length])))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(asked('@kinds/all')).toBe(1)
  })

  it('asks the upstream no more, and answers every variant from the one snapshot', async () => {
    await publish('snapshot')
    const full = await ask(`${server.npmUrl}snapshot`)
    await publish('snapshot', '2.0.0')
    const corgi = await ask(`${server.npmUrl}snapshot`, { headers: { accept: CORGI } })
    const gzipped = await ask(`${server.npmUrl}snapshot`, { headers: { 'accept-encoding': 'gzip' } })
    const manifest = await ask(`${server.npmUrl}snapshot/latest`)
    const tags = await ask(`${server.npmUrl}-/package/snapshot/dist-tags`)
    expect(versionsOf(full)).toEqual(['1.0.0'])
    expect(versionsOf(corgi)).toEqual(['1.0.0'])
    expect(gzipped.headers['content-encoding']).toBe('gzip')
    expect(manifest.json.version).toBe('1.0.0')
    expect(tags.json).toEqual({ latest: '1.0.0' })
    const again = await ask(`${server.npmUrl}snapshot`, { headers: { 'if-none-match': full.headers.etag! } })
    expect(again.status).toBe(304)
    expect(again.body).toHaveLength(0)
    expect(asked('snapshot')).toBe(1)
  })

  it('finishes a fetch whose only client went away', async () => {
    await publish('impatient')
    upstream.fault({ path: '/impatient', times: 1 }, { delay: 600 })
    const leaving = ask(`${server.npmUrl}impatient`, { signal: AbortSignal.timeout(200) })
    await expect(leaving).rejects.toThrow(/abort/i)
    const patient = await ask(`${server.npmUrl}impatient`)
    expect(patient.status).toBe(200)
    expect(asked('impatient')).toBe(1)
    await sleep(600)
    expect((await ask(`${server.npmUrl}impatient`)).status).toBe(200)
    expect(asked('impatient')).toBe(1)
  })
})

describe('when a packument is no longer fresh', () => {
  let server: TestServer

  beforeAll(async () => {
    server = await serve({ cache: { ...NEVER_FRESH, negative: 1000 } })
  })

  it('revalidates with the upstream\'s ETag and keeps its own on 304', async () => {
    await publish('steady')
    const first = await ask(`${server.npmUrl}steady`)
    const second = await ask(`${server.npmUrl}steady`)
    const direct = await ask(`${upstream.url}steady`, { method: 'HEAD' })
    const [cold, conditional] = upstream.requests.filter(({ url, method }) => url === '/steady' && method === 'GET')
    expect(cold?.headers['if-none-match']).toBeUndefined()
    expect(conditional?.headers['if-none-match']).toBe(direct.headers.etag)
    expect(second.headers.etag).toBe(first.headers.etag)
    expect(second.body.equals(first.body)).toBe(true)
    expect(second.headers.warning).toBeUndefined()
  })

  it('revalidates with the date of an upstream that has no ETags', async () => {
    const dated = await createFixtureRegistry({ etag: false })
    cleanups.push(() => dated.close())
    await dated.publish({ name: 'dated', version: '1.0.0' })
    const other = await serve({ cache: NEVER_FRESH, registry: dated })
    const first = await ask(`${other.npmUrl}dated`)
    const second = await ask(`${other.npmUrl}dated`)
    const [, revalidation] = dated.requests.filter(({ url }) => url === '/dated')
    expect(revalidation?.headers['if-modified-since']).toMatch(/GMT$/)
    expect(second.headers.etag).toBe(first.headers.etag)
  })

  it('keeps its ETag when the upstream sends the same bytes again', async () => {
    await publish('forgetful')
    upstream.fault({ path: '/forgetful' }, { ignoreConditionals: true })
    const first = await ask(`${server.npmUrl}forgetful`)
    const second = await ask(`${server.npmUrl}forgetful`)
    expect(asked('forgetful')).toBe(2)
    expect(second.headers.etag).toBe(first.headers.etag)
  })

  it('gives every variant a new ETag and the new content when the upstream has changed', async () => {
    await publish('moving')
    const variants: Record<string, string>[] = [{}, { accept: CORGI }, { 'accept-encoding': 'gzip' }, { 'accept-encoding': 'br' }, { 'accept': CORGI, 'accept-encoding': 'gzip' }]
    const all = () => Promise.all(variants.map(headers => ask(`${server.npmUrl}moving`, { headers })))
    const before = await all()
    await publish('moving', '1.1.0')
    const after = await all()
    const tags = [...before, ...after].map(({ headers }) => headers.etag)
    expect(new Set(tags).size).toBe(2 * variants.length)
    expect(versionsOf(after[0]!)).toEqual(['1.0.0', '1.1.0'])
    expect(versionsOf(after[1]!)).toEqual(['1.0.0', '1.1.0'])
    const conditional = await ask(`${server.npmUrl}moving`, { headers: { 'if-none-match': before[0]!.headers.etag! } })
    expect(conditional.status).toBe(200)
  })

  it('answers 404 once the package is removed upstream', async () => {
    await publish('removed')
    expect((await ask(`${server.npmUrl}removed`)).status).toBe(200)
    upstream.unpublish('removed')
    const gone = await ask(`${server.npmUrl}removed`)
    expect(gone.status).toBe(404)
    expect(gone.json.code).toBe('NOT_FOUND')
    // What the disk still had must not come back either, when the upstream fails afterwards.
    upstream.fault({ path: '/removed' }, { status: 500 })
    await sleep(1100)
    expect((await ask(`${server.npmUrl}removed`)).status).toBe(503)
  })

  it('believes a 404 for a while, and sees what is published afterwards', async () => {
    const missing = await Promise.all([1, 2, 3].map(() => ask(`${server.npmUrl}future`)))
    missing.push(await ask(`${server.npmUrl}future`), await ask(`${server.npmUrl}future`), await ask(`${server.npmUrl}future/1.0.0`))
    expect(missing.map(({ status }) => status)).toEqual(missing.map(() => 404))
    expect(asked('future')).toBe(1)
    await publish('future')
    const published = Date.now()
    await until('the published package is visible', async () => (await ask(`${server.npmUrl}future`)).status === 200, 3000)
    expect(Date.now() - published).toBeLessThan(2000)
  })
})

describe('stale while revalidating', () => {
  let server: TestServer

  beforeAll(async () => {
    server = await serve({ cache: { fresh: 300, staleWhileRevalidate: '1h' } })
  })

  it('answers the old state at once, asks once behind it, then answers the new state', async () => {
    await publish('swr')
    const old = await ask(`${server.npmUrl}swr`)
    await publish('swr', '2.0.0')
    await sleep(400)
    upstream.fault({ path: '/swr', times: 1 }, { delay: 3000 })
    const during = await Promise.all(Array.from({ length: 20 }, () => ask(`${server.npmUrl}swr`)))
    expect(Math.max(...during.map(({ ms }) => ms))).toBeLessThan(2500)
    expect(new Set(during.map(({ headers }) => headers.etag))).toEqual(new Set([old.headers.etag]))
    expect(asked('swr')).toBe(2)
    await until('the new state', async () => versionsOf(await ask(`${server.npmUrl}swr`)).includes('2.0.0'), 8000)
  })

  it('goes on answering while the refresh behind it fails', async () => {
    await publish('swr-down')
    const old = await ask(`${server.npmUrl}swr-down`)
    upstream.fault({ path: '/swr-down' }, { drop: 'before' })
    await sleep(400)
    expect((await ask(`${server.npmUrl}swr-down`)).headers.etag).toBe(old.headers.etag)
    await until('the failure is known', async () => (await ask(`${server.npmUrl}swr-down`)).headers.warning !== undefined)
    const told = await ask(`${server.npmUrl}swr-down`)
    expect(told.status).toBe(200)
    expect(told.headers.etag).toBe(old.headers.etag)
  })
})

describe('while the upstream fails', () => {
  let server: TestServer

  beforeAll(async () => {
    server = await serve({ cache: NEVER_FRESH })
  })

  it.each([
    ['an error status', { status: 500 }],
    ['a bad gateway', { status: 502, html: true }],
    ['too many requests', { status: 429 }],
    ['a dropped connection', { drop: 'before' }],
    ['a connection dropped half-way', { drop: 'mid' }],
    ['a truncated body', { truncate: 20 }],
    ['a truncated chunked body', { truncate: 20, chunked: true }],
    ['a captive portal', { html: true }],
    ['bytes that are no JSON', { garbage: true }],
    ['an empty body', { raw: '' }],
    ['JSON that is no packument', { raw: '[]' }],
    ['another package', { raw: '{"name":"other","versions":{}}' }],
    ['a gzip bomb', { gzipBomb: 100 * 2 ** 20 }],
  ] as const)('serves what it had, with a warning, on %s', async (title, behaviour) => {
    const name = `kept-${title.replaceAll(/\W+/g, '-').toLowerCase()}`
    await publish(name)
    const before = await ask(`${server.npmUrl}${name}`)
    const heal = upstream.fault({ path: `/${name}` }, behaviour)
    for (const _ of [1, 2, 3]) {
      const stale = await ask(`${server.npmUrl}${name}`)
      expect(stale.status).toBe(200)
      expect(stale.headers.etag).toBe(before.headers.etag)
      expect(stale.body.equals(before.body)).toBe(true)
      expect(stale.headers.warning).toMatch(/^110 /)
    }
    heal()
  })

  it('does not ask a failing upstream with every request, and recovers by itself', async () => {
    await publish('recovering')
    await ask(`${server.npmUrl}recovering`)
    const heal = upstream.fault({ path: '/recovering' }, { status: 500 })
    for (let n = 0; n < 20; n++) await ask(`${server.npmUrl}recovering`)
    expect(asked('recovering')).toBe(2)
    heal()
    await publish('recovering', '1.1.0')
    await until('the new version', async () => versionsOf(await ask(`${server.npmUrl}recovering`)).includes('1.1.0'), 10_000)
    expect((await ask(`${server.npmUrl}recovering`)).headers.warning).toBeUndefined()
  })

  it('answers 503, never 404, for a package it does not know, and asks again at once', async () => {
    const heal = upstream.fault({ path: '/unheard-of' }, { status: 502 })
    const unknown = await ask(`${server.npmUrl}unheard-of`)
    expect(unknown.status).toBe(503)
    expect(unknown.json.code).toBe('UPSTREAM_UNAVAILABLE')
    expect(Number(unknown.headers['retry-after'])).toBeGreaterThan(0)
    expect(unknown.headers['cache-control']).toBe('no-store')
    heal()
    await publish('unheard-of')
    expect((await ask(`${server.npmUrl}unheard-of`)).status).toBe(200)
  })

  it('serves known packages and refuses unknown ones quickly while nobody listens upstream', async () => {
    // The default number of retries: they must not add up to a client's patience.
    const patient = await serve({ cache: NEVER_FRESH, limits: { retries: 2 } })
    await publish('known')
    const before = await ask(`${patient.npmUrl}known`)
    await upstream.down()
    try {
      const unknown = await ask(`${patient.npmUrl}unknown-in-an-outage`)
      expect(unknown.status).toBe(503)
      expect(unknown.headers['retry-after']).toBeDefined()
      expect(unknown.ms).toBeLessThan(5000)
      const known = await ask(`${patient.npmUrl}known`)
      expect(known.status).toBe(200)
      expect(known.headers.etag).toBe(before.headers.etag)
      expect(known.ms).toBeLessThan(5000)
    } finally {
      await upstream.up()
    }
  })

  it('stops serving the old state after its limit', async () => {
    const strict = await serve({ cache: { ...NEVER_FRESH, staleIfError: 1500 } })
    await publish('expiring')
    await ask(`${strict.npmUrl}expiring`)
    upstream.fault({ path: '/expiring' }, { status: 500 })
    expect((await ask(`${strict.npmUrl}expiring`)).status).toBe(200)
    await sleep(1600)
    const expired = await ask(`${strict.npmUrl}expiring`)
    expect(expired.status).toBe(503)
    expect(expired.headers['retry-after']).toBeDefined()
  })
})

describe('within its limits', () => {
  const MARGIN = 3000
  let server: TestServer
  let dripping: Server

  beforeAll(async () => {
    // A server that is never silent and never done.
    dripping = createServer((_, response) => {
      const timer = setInterval(() => response.write(' '), 100)
      response.on('close', () => clearInterval(timer))
    })
    await new Promise<void>(resolve => dripping.listen(0, '127.0.0.1', resolve))
    const { port } = dripping.address() as AddressInfo
    server = await startServer({
      config: {
        registries: [
          { id: 'npm', url: upstream.url, role: 'authority' },
          { id: 'drip', url: `http://127.0.0.1:${port}/`, role: 'authority' },
        ],
        routes: [{ match: ['@drip/*'], registry: 'drip' }],
        cache: NEVER_FRESH,
        limits: { totalTimeout: 1500, headersTimeout: 1000, bodyTimeout: 1000, retries: 2, maxPackumentSize: '64KiB' },
      },
    })
    cleanups.push(() => server.kill(), async () => {
      dripping.closeAllConnections()
      dripping.close()
    })
  })

  it.each(['connect', 'headers', 'body'] as const)('gives up on a stalled %s in time', async (stall) => {
    await publish(`stalled-${stall}`)
    // A connection that is already open would not stall.
    await upstream.down()
    await upstream.up()
    const heal = upstream.fault(stall === 'connect' ? {} : { path: `/stalled-${stall}` }, { stall })
    const answer = await ask(`${server.npmUrl}stalled-${stall}`)
    heal()
    expect(answer.status).toBe(503)
    expect(answer.json.error).toMatch(/did not answer in time/)
    expect(answer.ms).toBeLessThan(1500 + MARGIN)
  })

  it('gives up on a body that drips for ever', async () => {
    const answer = await ask(`${server.npmUrl}@drip/package`)
    expect(answer.status).toBe(503)
    expect(answer.ms).toBeLessThan(1500 + MARGIN)
  })

  it.each([
    ['a failing status', { status: 503 }, 3],
    ['dropped connections', { drop: 'before' }, 3],
    ['a refusal', { status: 403 }, 1],
    ['a missing package', { status: 404 }, 1],
    ['garbage', { garbage: true }, 1],
    ['truncated bodies', { truncate: 10 }, 2],
  ] as const)('asks at most three times on %s', async (title, behaviour, expected) => {
    const name = `retried-${title.replaceAll(' ', '-')}`
    await publish(name)
    upstream.fault({ path: `/${name}` }, behaviour)
    expect((await ask(`${server.npmUrl}${name}`)).status).toBeGreaterThanOrEqual(400)
    expect(asked(name)).toBe(expected)
  })

  it('answers well when only the first attempt fails', async () => {
    await publish('second-try')
    upstream.fault({ path: '/second-try', times: 1 }, { status: 502 })
    expect((await ask(`${server.npmUrl}second-try`)).status).toBe(200)
    await publish('second-body')
    upstream.fault({ path: '/second-body', times: 1 }, { drop: 'mid' })
    expect((await ask(`${server.npmUrl}second-body`)).status).toBe(200)
  })

  it.each([
    ['sent plainly', { raw: JSON.stringify({ name: 'large', versions: {}, readme: 'x'.repeat(70 * 1024) }) }],
    ['hidden in gzip', { gzipBomb: 200 * 2 ** 20 }],
  ])('refuses a document over the size cap, %s', async (_, behaviour) => {
    const heal = upstream.fault({ path: '/large' }, behaviour)
    const answer = await ask(`${server.npmUrl}large`)
    heal()
    expect(answer.status).toBe(502)
    expect(answer.json.code).toBe('UPSTREAM_TOO_LARGE')
    expect(answer.json.error).toContain('65536')
  })
})

describe('across a restart', () => {
  it('answers from disk without the upstream while fresh, with the same bytes and ETag', async () => {
    const dataDir = await temporaryDir()
    await publish('durable')
    const first = await serve({ cache: { fresh: '1h' }, dataDir })
    const before = await ask(`${first.npmUrl}durable`)
    await first.stop()
    const second = await startServer({
      config: { registries: [{ id: 'npm', url: upstream.url, role: 'authority' }], cache: { fresh: '1h' } },
      dataDir,
      port: Number(new URL(first.url).port),
    })
    cleanups.push(() => second.kill())
    await until('the disk is counted', async () => (await statusOf(second)).cache.packuments === 1)
    upstream.requests.length = 0
    const after = await ask(`${second.npmUrl}durable`)
    expect(after.status).toBe(200)
    expect(after.body.equals(before.body)).toBe(true)
    expect(after.headers.etag).toBe(before.headers.etag)
    expect(upstream.requests).toHaveLength(0)
  })

  it('serves a stale packument from disk while the upstream is down, even after a crash', async () => {
    const dataDir = await temporaryDir()
    await publish('survivor')
    const first = await serve({ dataDir })
    expect((await ask(`${first.npmUrl}survivor`)).status).toBe(200)
    await until('it is on disk', async () => (await statusOf(first)).cache.packuments === 1)
    await first.kill()
    const second = await serve({ cache: NEVER_FRESH, dataDir })
    await upstream.down()
    try {
      const stale = await ask(`${second.npmUrl}survivor`)
      expect(stale.status).toBe(200)
      expect(versionsOf(stale)).toEqual(['1.0.0'])
      expect(stale.headers.warning).toMatch(/^110 /)
      const corgi = await ask(`${second.npmUrl}survivor`, { headers: { accept: CORGI } })
      expect(corgi.status).toBe(200)
      expect(corgi.headers.warning).toMatch(/^110 /)
    } finally {
      await upstream.up()
    }
  })

  it('revalidates what the disk has instead of fetching it anew', async () => {
    const dataDir = await temporaryDir()
    await publish('validated')
    const first = await serve({ dataDir })
    await ask(`${first.npmUrl}validated`)
    await first.stop()
    const second = await serve({ cache: NEVER_FRESH, dataDir })
    upstream.requests.length = 0
    expect((await ask(`${second.npmUrl}validated`)).status).toBe(200)
    expect(upstream.requests.map(({ headers }) => headers['if-none-match'])).toEqual([expect.stringMatching(/^".+"$/)])
  })

  it('shares nothing between two registries that had the same id', async () => {
    const dataDir = await temporaryDir()
    const other = await createFixtureRegistry()
    cleanups.push(() => other.close())
    await publish('namesake')
    await other.publish({ name: 'namesake', version: '6.6.6' })
    const first = await serve({ dataDir })
    await ask(`${first.npmUrl}namesake`)
    await first.stop()
    const second = await serve({ dataDir, registry: other })
    expect(versionsOf(await ask(`${second.npmUrl}namesake`))).toEqual(['6.6.6'])
    await publish('only-in-the-first')
    await second.stop()
    const third = await serve({ dataDir })
    await ask(`${third.npmUrl}only-in-the-first`)
    await third.stop()
    const fourth = await serve({ dataDir, registry: other, cache: NEVER_FRESH })
    await other.down()
    expect((await ask(`${fourth.npmUrl}only-in-the-first`)).status).toBe(503)
    expect(versionsOf(await ask(`${fourth.npmUrl}namesake`))).toEqual(['6.6.6'])
  })
})

describe('when files of the disk cache are damaged', () => {
  let dataDir: string
  const damages: [string, (file: string) => Promise<unknown>][] = [
    ['truncated', file => truncate(file, 20)],
    ['empty', file => truncate(file, 0)],
    ['overwritten', file => writeFile(file, Buffer.from([0, 255, 1, 254, 123]))],
    ['of other types', file => writeFile(file, '{"name":7,"versions":[],"checkedAt":"soon"}')],
    ['null', file => writeFile(file, 'null')],
    ['removed', file => rm(file)],
  ]

  async function filesOf(pattern: RegExp): Promise<string[]> {
    const files = await readdir(join(dataDir, 'cache'), { recursive: true, withFileTypes: true })
    return files.filter(file => file.isFile() && pattern.test(file.name)).map(file => join(file.parentPath, file.name))
  }

  beforeAll(async () => {
    dataDir = await temporaryDir()
    const server = await serve({ dataDir })
    for (const kind of ['meta', 'body']) {
      for (const [damage] of damages) {
        const name = `${kind}-${damage.replaceAll(' ', '-')}`
        await publish(name)
        await ask(`${server.npmUrl}${name}`)
      }
    }
    await publish('swapped-a')
    await publish('swapped-b')
    await publish('from-the-future')
    for (const name of ['swapped-a', 'swapped-b', 'from-the-future']) await ask(`${server.npmUrl}${name}`)
    await server.stop()
  })

  /** The two files of a package on disk. */
  async function filesOfPackage(name: string): Promise<{ meta: string, body: string }> {
    for (const meta of await filesOf(/meta/)) {
      const text = await readFile(meta, 'utf8')
      if (!text.includes(`"${name}"`)) continue
      const { id } = JSON.parse(text) as { id: string }
      const hex = Buffer.from(id, 'base64url').toString('hex').slice(0, 32)
      const [body] = await filesOf(new RegExp(hex))
      if (body) return { meta, body }
    }
    throw new Error(`${name} is not in the disk cache`)
  }

  it('fetches again what it cannot read, and survives', async () => {
    for (const [damage, inflict] of damages) {
      await inflict((await filesOfPackage(`meta-${damage.replaceAll(' ', '-')}`)).meta)
      await inflict((await filesOfPackage(`body-${damage.replaceAll(' ', '-')}`)).body)
    }
    const [a, b] = [await filesOfPackage('swapped-a'), await filesOfPackage('swapped-b')]
    const body = await readFile(a.body)
    await writeFile(a.meta, await readFile(b.meta))
    await writeFile(a.body, await readFile(b.body))
    await writeFile(b.body, body)
    const future = await filesOfPackage('from-the-future')
    await writeFile(future.meta, JSON.stringify({ ...JSON.parse(await readFile(future.meta, 'utf8')), checkedAt: Date.now() + 86_400_000 }))

    const server = await serve({ cache: { fresh: '1h' }, dataDir })
    upstream.requests.length = 0
    for (const [damage] of damages) {
      for (const kind of ['meta', 'body']) {
        const name = `${kind}-${damage.replaceAll(' ', '-')}`
        const answer = await ask(`${server.npmUrl}${name}`)
        expect(answer.status, name).toBe(200)
        expect(answer.json.name).toBe(name)
        expect(asked(name), name).toBe(1)
      }
    }
    for (const name of ['swapped-a', 'swapped-b']) {
      expect((await ask(`${server.npmUrl}${name}`)).json.name).toBe(name)
      expect(asked(name)).toBe(1)
    }
    // As after a clock that was set back: not fresh, so it is asked for, but good enough to be revalidated.
    expect((await ask(`${server.npmUrl}from-the-future`)).status).toBe(200)
    expect(asked('from-the-future')).toBe(1)
    await server.stop()

    // What was fetched again is on disk again.
    const repaired = await serve({ cache: { fresh: '1h' }, dataDir })
    upstream.requests.length = 0
    expect((await ask(`${repaired.npmUrl}body-overwritten`)).status).toBe(200)
    expect(upstream.requests).toHaveLength(0)
  })

  it('answers 503 when the upstream is down as well', async () => {
    await truncate((await filesOfPackage('body-empty')).body, 7)
    const server = await serve({ cache: { fresh: '1h' }, dataDir })
    await upstream.down()
    try {
      const answer = await ask(`${server.npmUrl}body-empty`)
      expect(answer.status).toBe(503)
      expect(answer.headers['retry-after']).toBeDefined()
    } finally {
      await upstream.up()
    }
  })
})

describe('memory', () => {
  it('holds no more ready answers than it was given room for', async () => {
    const server = await serve({ cache: { fresh: '1h', memory: '1MiB' } })
    const names = Array.from({ length: 60 }, (_, n) => `weight-${n}`)
    for (const name of names) await upstream.publish({ name, version: '1.0.0', notes: name.repeat(6000) })
    for (const name of names) expect((await ask(`${server.npmUrl}${name}`)).body.length).toBeGreaterThan(40_000)
    const { cache } = await statusOf(server)
    expect(cache.readyBytes).toBeGreaterThan(100_000)
    expect(cache.readyBytes).toBeLessThanOrEqual(2 ** 20)
    expect(cache.ready).toBeLessThan(names.length)
    // What fell out of memory comes from disk.
    upstream.requests.length = 0
    expect((await ask(`${server.npmUrl}weight-0`)).json.name).toBe('weight-0')
    expect(upstream.requests).toHaveLength(0)
  })

  it('serves a document larger than all of its room', async () => {
    const server = await serve({ cache: { fresh: '1h', memory: '1MiB' } })
    await upstream.publish({ name: 'heavy', version: '1.0.0', notes: 'heavy'.repeat(500_000) })
    for (const _ of [1, 2]) expect((await ask(`${server.npmUrl}heavy`)).body.length).toBeGreaterThan(2_500_000)
    expect(asked('heavy')).toBe(1)
    expect((await statusOf(server)).cache.readyBytes).toBeLessThanOrEqual(2 ** 20)
  })
})
