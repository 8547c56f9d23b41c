import { createClient } from '@libsql/client'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type {
  KnownRegistry, ProbePage, ProbeStart, RegistriesOverview, RegistryKeysOverview, RegistryReport, RegistrySeries, SeriesBucket,
} from '../../shared/types/registries.ts'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { ask, until } from './ask.ts'

const TOKEN = 'operator-token-of-this-test'
const OPERATOR = { authorization: `Bearer ${TOKEN}` }
const SCOPED = '@scope/pack'

/** What a test leaves behind, ended in reverse order. */
const cleanups: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup()
})

async function fixture(options?: Parameters<typeof createFixtureRegistry>[0]): Promise<FixtureRegistry> {
  const registry = await createFixtureRegistry(options)
  cleanups.push(() => registry.close())
  return registry
}

async function overview(server: TestServer, window = '24h', headers = {}): Promise<RegistriesOverview> {
  const { status, text } = await ask(`${server.url}api/registries?window=${window}`, { headers })
  expect(status).toBe(200)
  return JSON.parse(text) as RegistriesOverview
}

async function probesOf(server: TestServer, id: string, query = ''): Promise<ProbePage> {
  return JSON.parse((await ask(`${server.url}api/registries/${id}/probes${query}`)).text) as ProbePage
}

const lastPass = async (server: TestServer) => (await overview(server)).lastPass

/** Has all sources looked at now, and waits for the end of it. */
async function lookNow(server: TestServer): Promise<void> {
  const answer = await ask(`${server.url}api/registries/probe`, { method: 'POST', headers: OPERATOR })
  expect(answer.status).toBe(202)
  const { pass: { id }, state } = JSON.parse(answer.text) as ProbeStart
  expect(state).toBe('started')
  await until('the look is over', async () => {
    const last = await lastPass(server)
    return last?.id === id && last.finished !== null
  }, 30_000)
  expect((await lastPass(server))!.error).toBeNull()
}

describe('one authority and four mirrors', () => {
  let server: TestServer
  let authority: FixtureRegistry
  let good: FixtureRegistry
  let late: FixtureRegistry
  let poor: FixtureRegistry
  let liar: FixtureRegistry
  let dead: FixtureRegistry
  let hidden: FixtureRegistry
  let reports: Map<string, RegistryReport>

  const documents = (registry: FixtureRegistry) => registry.requests.filter(({ url }) => /^\/(?:@|p\d)/.test(url))

  beforeAll(async () => {
    authority = await fixture({ sign: true })
    good = await fixture()
    late = await fixture()
    poor = await fixture({ corgi: false, gzip: false, time: false, etag: false })
    liar = await fixture()
    dead = await fixture()
    hidden = await fixture({ sign: true })
    for (const name of ['p1', 'p2', 'p3', SCOPED, '@private/secret']) {
      for (const version of ['1.0.0', '1.1.0']) {
        await authority.publish({ name, version, files: { 'index.js': `${name} ${version} ${'x'.repeat(2_000)}` } })
      }
    }
    await hidden.publish({ name: '@hidden/one', version: '1.0.0' })
    for (const mirror of [good, poor, late, liar]) mirror.sync(authority)
    good.keys.push(...authority.keys)
    for (const name of ['p1', 'p2', 'p3', SCOPED]) {
      poor.editPackument(name, ({ versions }) => {
        for (const { dist } of Object.values(versions)) delete dist.signatures
      })
    }
    const digest = `sha512-${Buffer.alloc(64, 7).toString('base64')}`
    for (const version of ['1.0.0', '1.1.0']) liar.editManifest('p2', version, ({ dist }) => dist.integrity = digest)

    const mirror = (id: string, { url }: FixtureRegistry) => ({ id, url, role: 'mirror', of: 'npm' })
    server = await startServer({
      env: { NUXT_ADMIN_TOKEN: TOKEN },
      config: {
        registries: [
          { id: 'npm', url: authority.url }, mirror('good', good), mirror('late', late), mirror('poor', poor), mirror('liar', liar), mirror('dead', dead),
          { id: 'hidden', url: hidden.url, role: 'authority' },
        ],
        routes: [{ match: ['@hidden/*'], registry: 'hidden' }],
        private: ['@private/*', '@hidden/*'],
        cache: { fresh: 0, staleWhileRevalidate: 0 },
        probes: { interval: 0, sample: 50 },
      },
    })
    cleanups.push(() => server.kill())
    for (const name of ['p1', 'p2', 'p3', SCOPED, '@private/secret', '@hidden/one']) {
      expect((await ask(server.npmUrl + name)).status).toBe(200)
    }
    // They appear at the authority, and one mirror does not have them.
    const time = new Date().toISOString()
    for (let n = 0; n < 5; n++) await authority.publish({ name: 'p1', version: `2.0.${n}`, time })
    for (const mirror of [good, poor, liar]) mirror.sync(authority)
    for (const version of ['1.0.0', '1.1.0']) liar.editManifest('p2', version, ({ dist }) => dist.integrity = digest)
    for (const name of ['p1', 'p2', 'p3', SCOPED]) {
      poor.editPackument(name, ({ versions }) => {
        for (const { dist } of Object.values(versions)) delete dist.signatures
      })
    }
    expect((await ask(`${server.npmUrl}p1`)).status).toBe(200)
    await dead.down()
    for (const one of [authority, good, late, poor, liar, hidden]) one.reset()
    await lookNow(server)
    reports = new Map((await overview(server)).registries.map(report => [report.id, report]))
  })

  it('have the states that they deserve, and a reason', () => {
    const states = Object.fromEntries([...reports].map(([id, { status }]) => [id, status.state]))
    expect(states).toEqual({ npm: 'ok', good: 'ok', late: 'lagging', poor: 'ok', liar: 'conflict', dead: 'down' })
    expect(reports.get('late')!.status.reason).toBe('5 of 5 new versions of the last 24 hours are missing.')
    expect(reports.get('liar')!.status.reason).toMatch(/another digest than the recorded one/)
  })

  it('have series whose counts add up, bounded in every window', async () => {
    for (const window of ['24h', '7d', '30d']) {
      const { status, text } = await ask(`${server.url}api/registries/good/series?window=${window}`)
      expect(status).toBe(200)
      const { id, step, buckets, ...rest } = JSON.parse(text) as RegistrySeries
      expect([id, rest.window]).toEqual(['good', window])
      expect(buckets.length).toBeGreaterThan(10)
      expect(buckets.length).toBeLessThanOrEqual(120)
      expect(Date.parse(buckets[1]!.at) - Date.parse(buckets[0]!.at)).toBe(step)
      const { availability, lag, latency, agreement } = reports.get('good')!.numbers
      const sum = (count: (bucket: SeriesBucket) => number) => buckets.reduce((sum, bucket) => sum + count(bucket), 0)
      expect(sum(bucket => bucket.availability.of)).toBe(availability.of)
      expect(sum(bucket => bucket.latency.count)).toBe(latency.packument.count)
      expect(sum(bucket => bucket.lag!.count)).toBe(lag!.count)
      expect(sum(bucket => bucket.agreement.of)).toBe(agreement.integrity.of)
    }
    const own = JSON.parse((await ask(`${server.url}api/registries/npm/series`)).text) as RegistrySeries
    expect(own.window).toBe('24h')
    expect(own.buckets.every(({ lag }) => lag === null)).toBe(true)
  })

  it('have no series for a wrong window, an unknown source, or a hidden one', async () => {
    const statusOf = async (path: string, headers = {}) => (await ask(`${server.url}api/registries/${path}`, { headers })).status
    expect(await statusOf('npm/series?window=1y')).toBe(400)
    expect(await statusOf('npm/series?windows=7d')).toBe(400)
    expect(await statusOf('nobody/series')).toBe(404)
    expect(await statusOf('hidden/series')).toBe(404)
    expect(await statusOf('hidden/series', OPERATOR)).toBe(200)
  })

  it('list keys: whose they are, and who passes them on', async () => {
    const keysFor = async (headers = {}) => JSON.parse((await ask(`${server.url}api/registries/keys`, { headers })).text) as RegistryKeysOverview
    await until('the mirrors were asked', async () =>
      (await keysFor()).registries.every(({ id, state }) => id === 'dead' || (state !== 'unknown' && state !== 'failed')))
    const { keys, registries } = await keysFor()
    const { keyid, key } = authority.keys[0]!.served
    expect(keys).toHaveLength(1)
    expect(keys[0]).toMatchObject({ keyid, key, owner: 'npm', isPublished: true, isExpired: false, expires: null })
    expect(Date.parse(keys[0]!.firstSeen!)).toBeLessThanOrEqual(Date.now())
    expect(keys[0]!.listedBy).toEqual([{ id: 'npm', isSame: true }, { id: 'good', isSame: true }])
    expect(registries.find(({ id }) => id === 'npm')).toMatchObject({ role: 'authority', of: null, state: 'keys' })
    expect(registries.find(({ id }) => id === 'poor')).toMatchObject({ role: 'mirror', of: 'npm', state: 'none' })
    expect(registries.some(({ id }) => id === 'hidden')).toBe(false)

    const all = await keysFor(OPERATOR)
    expect(all.keys.map(({ owner }) => owner)).toEqual(['npm', 'hidden'])
    expect((await ask(`${server.url}api/registries/keys`, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401)
  })

  it('are told apart by where clients were redirected', async () => {
    const before = reports.get('npm')!.redirects
    expect(before).toEqual({ count: 0, of: 0, share: null })
    for (let n = 0; n < 3; n++) {
      expect((await ask(`${server.npmUrl}p1/-/p1-1.0.0.tgz`)).status).toBe(302)
    }
    const now = new Map((await overview(server)).registries.map(({ id, redirects }) => [id, redirects]))
    expect(now.get('npm')).toEqual({ count: 3, of: 3, share: 1 })
    expect(now.get('good')).toEqual({ count: 0, of: 3, share: 0 })
    expect((await ask(`${server.url}metrics`)).text).toContain('registry_tarball_redirects_total{registry="npm"} 3')
  })

  it('name what leads to them, and when they were measured last', () => {
    const { lastProbe, routes } = reports.get('good')!
    expect(Date.parse(lastProbe!)).toBeLessThanOrEqual(Date.now())
    expect(routes).toEqual(['*'])
  })

  it('have numbers with the counts they rest on', () => {
    const { numbers: npm } = reports.get('npm')!
    expect(npm.availability).toMatchObject({ share: 1, limited: 0 })
    expect(npm.availability.of).toBeGreaterThanOrEqual(5)
    expect(npm.latency.ping.count).toBe(1)
    expect(npm.latency.packument.count).toBe(2)
    expect(npm.latency.packument.p50).toBeGreaterThan(0)
    expect(npm.latency.revalidation.count).toBe(2)
    expect(npm.latency['tarball-head'].count).toBe(2)
    expect(npm.throughput.count).toBe(1)
    expect(npm.throughput.size).toBeGreaterThan(100)
    expect([npm.lag, npm.behind, npm.retained]).toEqual([null, null, null])
    expect(npm.score).toBeGreaterThan(0)

    const { numbers } = reports.get('good')!
    expect(numbers.lag).toMatchObject({ count: 5, pending: 0 })
    expect(numbers.behind).toEqual({ count: 0, of: 5, share: 0 })
    expect(numbers.coverage.versions).toMatchObject({ share: 1 })
    expect(numbers.coverage.versions.of).toBeGreaterThanOrEqual(8)
    expect(numbers.coverage.versions.interval!.low).toBeGreaterThan(0.6)
    const { integrity, manifest, time, tags, bytes } = numbers.agreement
    for (const share of [integrity, manifest, time, tags!, bytes]) {
      expect(share).toMatchObject({ share: 1 })
      expect(share.of).toBeGreaterThan(0)
    }
    expect(numbers.signatures.present.share).toBe(1)
    expect(numbers.signatures.verified).toMatchObject({ share: 1 })
    expect(numbers.score).toBeGreaterThan(0)
  })

  it('that do not have new versions yet have a lag that is at least so long', () => {
    const { numbers } = reports.get('late')!
    expect(numbers.lag).toMatchObject({ count: 5, pending: 5, max: { isAtLeast: true } })
    expect(numbers.coverage.versions.share).toBeLessThan(1)
    expect(numbers.agreement.latest).toMatchObject({ older: 1, newer: 0 })
  })

  it('that are down were asked for little, and what was asked says so', async () => {
    const { numbers } = reports.get('dead')!
    expect(numbers.availability.share).toBe(0)
    expect(numbers.score).toBeNull()
    const { probes } = await probesOf(server, 'dead')
    expect(probes.length).toBeLessThanOrEqual(3)
    for (const probe of probes) expect(probe).toMatchObject({ isOk: false, status: null, error: expect.stringContaining('cannot be reached') })
  })

  it('that say less are told so', () => {
    const features = (id: string) => new Map(reports.get(id)!.conformance.map(({ feature, isOk }) => [feature, isOk]))
    const npm = features('npm')
    for (const feature of ['ping', 'corgi', 'etag', 'not-modified', 'gzip', 'manifest', 'dist-tags', 'search', 'audit', 'keys', 'head', 'range', 'scoped-names', 'times', 'own-tarballs']) {
      expect([feature, npm.get(feature)]).toEqual([feature, true])
    }
    for (const feature of ['https', 'cors', 'brotli']) expect([feature, npm.get(feature)]).toEqual([feature, false])
    const poorer = features('poor')
    for (const feature of ['corgi', 'etag', 'gzip', 'keys', 'times']) expect([feature, poorer.get(feature)]).toEqual([feature, false])
    expect(poorer.get('range')).toBe(true)
    expect(features('dead').size).toBe(0)
    const { signatures, agreement } = reports.get('poor')!.numbers
    expect(signatures.present.share).toBe(0)
    expect(signatures.verified).toEqual({ count: 0, of: 0, share: null })
    expect(agreement.time.share).toBeNull()
    expect(agreement.integrity.share).toBe(1)
  })

  it('that give another digest are found out by it', () => {
    const { agreement } = reports.get('liar')!.numbers
    expect(agreement.integrity.of - agreement.integrity.count).toBe(2)
  })

  it('never hear a private name, nor more than one name in an audit', () => {
    for (const mirror of [good, late, poor, liar, authority]) {
      expect(mirror.requests.filter(({ url, body }) => /private|hidden|secret/.test(url + body.toString()))).toEqual([])
    }
    const [audit] = authority.requests.filter(({ method }) => method === 'POST')
    expect(Object.keys(JSON.parse(audit!.body.toString()) as object)).toHaveLength(1)
    expect(documents(hidden)).toEqual([])
    expect(hidden.count('GET', '/-/ping')).toBeGreaterThan(0)
  })

  it('are asked one thing at a time, by our name', () => {
    for (const { headers } of good.requests) expect(headers['user-agent']).toMatch(/^npmx-registry\//)
  })

  it('are not all for everybody\'s eyes', async () => {
    expect([...reports.keys()]).not.toContain('hidden')
    for (const path of ['api/registries/hidden', 'api/registries/hidden/probes', 'api/registries/nobody']) {
      const answer = await ask(server.url + path)
      expect([answer.status, answer.json.code]).toEqual([404, 'NOT_FOUND'])
    }
    const all = await overview(server, '24h', OPERATOR)
    expect(all.registries.map(({ id }) => id)).toContain('hidden')
    expect((await ask(`${server.url}api/registries/hidden/probes`, { headers: OPERATOR })).status).toBe(200)
    expect((await ask(`${server.url}api/registries`, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401)
  })

  it('can be read one by one, in every window, and in pages of what was measured', async () => {
    for (const window of ['24h', '7d', '30d']) {
      for (const { id, numbers } of (await overview(server, window)).registries) {
        expect(numbers.availability).toEqual(reports.get(id)!.numbers.availability)
      }
    }
    const one = JSON.parse((await ask(`${server.url}api/registries/good`)).text) as RegistryReport
    expect(one).toMatchObject({ id: 'good', of: 'npm', role: 'mirror', name: null, breaker: 'closed', status: { state: 'ok' } })
    expect(reports.get('npm')!.name).toBe('npm public registry')

    const { probes } = await probesOf(server, 'good')
    const first = await probesOf(server, 'good', '?limit=3')
    const second = await probesOf(server, 'good', `?limit=3&before=${first.next}`)
    expect([...first.probes, ...second.probes]).toEqual(probes.slice(0, 6))
    expect((await probesOf(server, 'good', '?kind=ping')).probes).toMatchObject([{ kind: 'ping', isOk: true, status: 200 }])
    // Every number can be computed again from them.
    const counted = probes.filter(({ kind }) => ['ping', 'packument', 'tarball-head'].includes(kind))
    const ok = counted.filter(({ isOk }) => isOk)
    expect(reports.get('good')!.numbers.availability).toMatchObject({ count: ok.length, of: counted.length })

    for (const path of ['api/registries?window=1h', 'api/registries?windw=24h', 'api/registries/good/probes?kind=x', 'api/registries/good/probes?limit=0']) {
      expect([path, (await ask(server.url + path)).status]).toEqual([path, 400])
    }
  })

  it('are known by a directory, or not', async () => {
    const { registries } = JSON.parse((await ask(`${server.url}api/registries/directory`)).text) as { registries: KnownRegistry[] }
    expect(registries.length).toBeGreaterThanOrEqual(8)
    expect(registries.filter(({ configured }) => configured).map(({ id }) => id)).toEqual(['npm'])
    expect(registries.filter(({ url }) => url !== undefined).map(({ id }) => id)).toEqual(['npm'])
  })

  it('are looked at by operators only, one look at a time', async () => {
    expect((await ask(`${server.url}api/registries/probe`, { method: 'POST' })).status).toBe(401)
    const undo = good.fault({ path: '/-/ping' }, { delay: 1_000 })
    const before = good.count('GET', '/-/ping')
    const begin = () => ask(`${server.url}api/registries/probe`, { method: 'POST', headers: OPERATOR })
    const answers = await Promise.all([begin(), begin(), begin()])
    const starts = answers.map(({ text }) => JSON.parse(text) as ProbeStart)
    expect(starts.map(({ state }) => state).toSorted()).toEqual(['running', 'running', 'started'])
    expect(new Set(starts.map(({ pass }) => pass.id)).size).toBe(1)
    undo()
    await until('the look is over', async () => (await lastPass(server))!.finished !== null, 30_000)
    expect(good.count('GET', '/-/ping') - before).toBeLessThanOrEqual(2)
  })

  it('that catch up have a lag with an end, and conformance is not asked for again on the same day', async () => {
    late.sync(authority)
    late.reset()
    await lookNow(server)
    await until('the numbers are new', async () => (await overview(server)).registries.find(({ id }) => id === 'late')!.numbers.lag!.pending === 0, 40_000)
    const { status, numbers } = (await overview(server)).registries.find(({ id }) => id === 'late')!
    expect(status.state).toBe('ok')
    expect(numbers.lag).toMatchObject({ count: 5, pending: 0, max: { isAtLeast: false } })
    expect(numbers.lag!.max!.value).toBeGreaterThan(0)
    expect(late.count('GET', /\/-\/v1\/search/)).toBe(0)
  })
})

it('nothing recorded yet: sources hear nothing but a ping', async () => {
  const authority = await fixture()
  await authority.publish({ name: 'a', version: '1.0.0' })
  const server = await startServer({
    env: { NUXT_ADMIN_TOKEN: TOKEN },
    config: { registries: [{ id: 'npm', url: authority.url }], probes: { interval: 0 } },
  })
  cleanups.push(() => server.kill())
  await lookNow(server)
  expect(new Set(authority.requests.map(({ method, url }) => `${method} ${url}`))).toEqual(new Set(['GET /-/ping']))
  const { registries: [report] } = await overview(server)
  expect(report!.status.state).toBe('ok')
  expect(report!.numbers.coverage.versions).toEqual({ count: 0, of: 0, share: null, interval: null })
})

it('a server that is stopped during a look breaks it off, and writes that down', async () => {
  const authority = await fixture()
  const server = await startServer({
    env: { NUXT_ADMIN_TOKEN: TOKEN },
    config: { registries: [{ id: 'npm', url: authority.url }], probes: { interval: 0 } },
  })
  authority.fault({ path: '/-/ping' }, { stall: 'headers' })
  await ask(`${server.url}api/registries/probe`, { method: 'POST', headers: OPERATOR })
  await until('the look has begun', () => authority.count('GET', '/-/ping') > 0)
  const database = createClient({ url: `file:${join(server.dataDir, 'registry.db')}` })
  cleanups.push(async () => database.close())
  process.kill(server.pid, 'SIGTERM')
  // Else it would wait for the answer that does not come, and end without a reason.
  await until('it wrote down why', async () => {
    const { rows } = await database.execute('SELECT error FROM passes')
    return rows[0]?.error === 'The server was stopped.'
  }, 20_000)
  await server.stop()
})
