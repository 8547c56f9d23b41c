import { createClient } from '@libsql/client'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { request } from 'undici'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { ask, until, versionsOf, type Answer } from './ask.ts'

/** Every request asks the upstream. */
const NEVER_FRESH = { fresh: 0, staleWhileRevalidate: 0, negative: 0 }

/** What a test leaves behind, ended in reverse order. */
const cleanups: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup()
})

async function registry(): Promise<FixtureRegistry> {
  const fixture = await createFixtureRegistry()
  cleanups.push(() => fixture.close())
  return fixture
}

async function serve(config: object): Promise<TestServer> {
  const server = await startServer({ config: { limits: { retries: 0 }, cache: NEVER_FRESH, ...config } })
  cleanups.push(() => server.kill())
  return server
}

/** Rows of the server's own database. */
async function rows({ dataDir }: TestServer, sql: string): Promise<Record<string, unknown>[]> {
  const client = createClient({ url: `file:${join(dataDir, 'registry.db')}` })
  try {
    return (await client.execute(sql)).rows as unknown as Record<string, unknown>[]
  } finally {
    client.close()
  }
}

const tarballPath = (name: string, version: string) => `${name}/-/${name.split('/').at(-1)}-${version}.tgz`
const codeOf = ({ status, json }: Answer) => [status, json.code]
/** Every way to ask for a package. */
const waysTo = (name: string, version = '1.0.0') => [
  name, `${name}/latest`, `${name}/${version}`, tarballPath(name, version), `-/package/${name.replace('/', '%2f')}/dist-tags`,
]
const mentions = (fixture: FixtureRegistry, what: string) =>
  fixture.requests.filter(({ url, body }) => decodeURIComponent(url).includes(what) || body.toString('latin1').includes(what)).length

let npm: FixtureRegistry
let acme: FixtureRegistry
beforeAll(async () => {
  npm = await registry()
  acme = await registry()
})
beforeEach(() => {
  npm.reset()
  acme.reset()
})
afterEach(async () => {
  await npm.up()
  await acme.up()
})

const authorities = () => [
  { id: 'npm', url: npm.url, role: 'authority' }, { id: 'acme', url: acme.url, role: 'authority' },
]

describe('a name that is routed to two registries', () => {
  let server: TestServer
  const at = (path: string, headers?: Record<string, string>) => ask(server.npmUrl + path, { headers })

  beforeAll(async () => {
    server = await serve({
      registries: authorities(),
      routes: [{ match: ['open-decided'], registry: 'acme' }, { match: ['open-*', '@open/*'], registry: ['npm', 'acme'] }],
    })
  })

  it.each(['open-both', '@open/both'])('%s and that both have is refused in every way, with the reason', async (name) => {
    for (const fixture of [npm, acme]) await fixture.publish({ name, version: '1.0.0' })
    for (const path of waysTo(name)) {
      const answer = await at(path)
      expect([path, ...codeOf(answer)]).toEqual([path, 403, 'AMBIGUOUS_NAME'])
      expect(answer.json.error).toMatch(/more than one registry has it, "npm" \(.*\), "acme" \(.*\).* with a route: /)
      expect(answer.headers['npm-notice']).toBe(answer.json.error)
    }
    expect(codeOf(await at(name, { accept: 'application/vnd.npm.install-v1+json' }))).toEqual([403, 'AMBIGUOUS_NAME'])
    const attestations = await at(`-/npm/v1/attestations/${name.replace('/', '%2f')}@1.0.0`)
    expect(codeOf(attestations)).toEqual([403, 'AMBIGUOUS_NAME'])
    const lookup = await ask(`${server.url}sumdb/lookup/npm/${name}@1.0.0`)
    expect(lookup.status).toBe(403)
    // What each claims is on record, under its own name.
    const listed = await ask(`${server.url}api/log/entries?kind=version&package=${encodeURIComponent(name)}`)
    const { entries } = listed.json as { entries: { record: { subject: object } }[] }
    const subject = { name, version: '1.0.0' }
    const subjects = [subject, { ...subject, namespace: acme.host }]
    expect(entries.map(({ record }) => record.subject)).toEqual(expect.arrayContaining(subjects))
    expect(entries).toHaveLength(2)
  })

  it('and that one has is that one\'s, until the other one has it too', async () => {
    await acme.publish({ name: 'open-mine', version: '1.0.0' })
    const packument = await at('open-mine')
    expect(versionsOf(packument)).toEqual(['1.0.0'])
    expect((await at('open-mine/latest')).json.version).toBe('1.0.0')
    expect((await at(tarballPath('open-mine', '1.0.0'))).headers.location).toBe(acme.url + tarballPath('open-mine', '1.0.0'))
    expect((await at('-/package/open-mine/dist-tags')).json).toEqual({ latest: '1.0.0' })
    const lookup = await ask(`${server.url}sumdb/lookup/npm/open-mine@1.0.0`)
    expect(lookup.text).toContain(`version pkg:npm/open-mine@1.0.0?repository_url=${acme.host}`)
    await npm.publish({ name: 'open-mine', version: '99.0.0' })
    for (const path of waysTo('open-mine')) expect(codeOf(await at(path))).toEqual([403, 'AMBIGUOUS_NAME'])
    expect((await ask(`${server.url}sumdb/lookup/npm/open-mine@1.0.0`)).status).toBe(403)
    npm.unpublish('open-mine')
    expect(versionsOf(await at('open-mine'))).toEqual(['1.0.0'])
  })

  it('and that none has is 404', async () => {
    for (const path of waysTo('open-nobodys')) expect((await at(path)).status).toBe(404)
  })

  it('is 503 while one of them cannot be asked, whatever the other one has', async () => {
    await npm.publish({ name: 'open-theirs', version: '1.0.0' })
    await acme.down()
    for (const path of [...waysTo('open-theirs'), ...waysTo('open-missing')]) {
      const answer = await at(path)
      expect([path, ...codeOf(answer)]).toEqual([path, 503, 'UPSTREAM_UNAVAILABLE'])
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    }
    await acme.up()
    await until('the other registry is asked again', async () => (await at('open-theirs')).status === 200)
    expect((await at('open-missing')).status).toBe(404)
  })

  it('and that a route of its own decides is only asked for there', async () => {
    for (const fixture of [npm, acme]) await fixture.publish({ name: 'open-decided', version: fixture === npm ? '2.0.0' : '1.0.0' })
    expect(versionsOf(await at('open-decided'))).toEqual(['1.0.0'])
    for (const path of waysTo('open-decided')) expect((await at(path)).status).toBeLessThan(400)
    expect(mentions(npm, 'open-decided')).toBe(0)
  })

  it('is audited where it belongs, and not at all where that is not clear', async () => {
    for (const fixture of [npm, acme]) await fixture.publish({ name: 'open-audited-both', version: '1.0.0' })
    await acme.publish({ name: 'open-audited-acme', version: '1.0.0' })
    await npm.publish({ name: 'open-audited-npm', version: '1.0.0' })
    const names = ['open-audited-both', 'open-audited-acme', 'open-audited-npm', 'open-audited-nobody', 'plain']
    const bulk = `${server.npmUrl}-/npm/v1/security/advisories/bulk`
    const { statusCode } = await request(bulk, { method: 'POST', body: JSON.stringify(Object.fromEntries(names.map(name => [name, ['1.0.0']]))) })
    expect(statusCode).toBe(200)
    const asked = (fixture: FixtureRegistry, path: RegExp) => fixture.requests.filter(({ method, url }) => method === 'POST' && path.test(url))
      .map(({ body }) => JSON.parse(body.toString()) as Record<string, unknown>)
    expect(asked(npm, /bulk$/).map(Object.keys)).toEqual([['plain', 'open-audited-npm']])
    expect(asked(acme, /bulk$/).map(Object.keys)).toEqual([['open-audited-acme']])
    const tree = { name: 'open-audited-both', requires: {}, dependencies: Object.fromEntries(names.map(name => [name, { version: '1.0.0' }])) }
    await request(`${server.npmUrl}-/npm/v1/security/audits`, { method: 'POST', body: JSON.stringify(tree) })
    const [quick] = asked(npm, /audits$/)
    expect(Object.keys(quick!.dependencies as object)).toEqual(['open-audited-npm', 'plain'])
    expect(quick).not.toHaveProperty('name')
    expect(asked(acme, /audits$/)).toEqual([])
  })

  it('cannot be published here, and the answer names both places', async () => {
    const { statusCode, body } = await request(`${server.npmUrl}open-both`, { method: 'PUT', body: '{}' })
    expect(statusCode).toBe(405)
    expect((await body.json() as { error: string }).error).toContain(`--registry=${npm.url} or --registry=${acme.url}`)
  })
})

describe('a private name', () => {
  const name = '@acme/secret-name'
  let server: TestServer
  const at = (path: string) => ask(server.npmUrl + path)
  const everyWay = () => [
    ...waysTo(name), `${name}/99.0.0`, tarballPath(name, '99.0.0'), `-/npm/v1/attestations/@acme%2fsecret-name@1.0.0`, `-/v1/search?text=${name}`,
  ]

  beforeAll(async () => {
    server = await serve({ registries: authorities(), routes: [{ match: ['@acme/*'], registry: 'acme' }], private: ['@acme/*'] })
    await npm.publish({ name, version: '99.0.0' })
    await npm.publish({ name: 'public-name', version: '1.0.0' })
  })

  it('comes from its own registry, whatever a public one has under it', async () => {
    await acme.publish({ name, version: '1.0.0' })
    expect(versionsOf(await at(name))).toEqual(['1.0.0'])
    expect(codeOf(await at(`${name}/99.0.0`))).toEqual([404, 'VERSION_NOT_FOUND'])
    for (const path of everyWay()) await at(path)
    const bodies = { 'advisories/bulk': { [name]: ['1.0.0'] }, 'audits/quick': { requires: { [name]: '1' }, dependencies: { [name]: { version: '1.0.0' } } } }
    for (const [path, body] of Object.entries(bodies)) {
      await request(`${server.npmUrl}-/npm/v1/security/${path}`, { method: 'POST', body: JSON.stringify(body) })
    }
    expect((await ask(`${server.url}sumdb/lookup/npm/${name}@1.0.0`)).status).toBe(404)
    expect(mentions(npm, 'secret-name')).toBe(0)
  })

  it('is not asked for elsewhere when its registry no longer has it', async () => {
    acme.unpublish(name)
    for (const path of everyWay()) await at(path)
    expect(codeOf(await at(name))).toEqual([404, 'NOT_FOUND'])
    expect(mentions(npm, 'secret-name')).toBe(0)
  })

  it('is 503, and not asked for elsewhere, while its registry is down', async () => {
    await acme.down()
    for (const path of everyWay()) await at(path)
    for (const path of waysTo(name)) expect(codeOf(await at(path))).toEqual([503, 'UPSTREAM_UNAVAILABLE'])
    expect(mentions(npm, 'secret-name')).toBe(0)
    // Everything else goes on.
    expect((await at('public-name')).status).toBe(200)
    expect(mentions(npm, 'public-name')).toBeGreaterThan(0)
  })
})

describe('a route that wants two sources', () => {
  let m1: FixtureRegistry
  let m2: FixtureRegistry
  let server: TestServer
  const at = (path: string) => ask(server.npmUrl + path)
  const lookedUp = async (name: string) => (await rows(server, `SELECT text FROM records WHERE text LIKE '%/${name}@%'`)).length

  beforeAll(async () => {
    m1 = await registry()
    m2 = await registry()
    server = await serve({
      registries: [...authorities(), ...[m1, m2].map(({ url }, n) => ({ id: `m${n + 1}`, url, role: 'mirror', of: 'npm' }))],
      routes: [{ match: ['*'], registry: 'npm', threshold: 2 }],
      strategy: 'priority',
    })
  })
  beforeEach(() => {
    m1.reset()
    m2.reset()
  })
  afterEach(async () => {
    await m1.up()
    await m2.up()
  })

  it('serves what its registry and a mirror claim alike, and asks nobody again, not even while all mirrors are down', async () => {
    const name = 'agreed'
    await npm.publish({ name, version: '1.0.0' })
    m1.sync(npm)
    expect(versionsOf(await at(name))).toEqual(['1.0.0'])
    expect((await at(tarballPath(name, '1.0.0'))).status).toBe(302)
    const asked = m1.count('GET', `/${name}`) + m2.count('GET', `/${name}`)
    expect(asked).toBeLessThanOrEqual(2)
    await m1.down()
    await m2.down()
    await npm.publish({ name: 'other', version: '1.0.0' })
    npm.editPackument(name, document => void (document.readme = 'new'))
    const changed = await at(name)
    expect([changed.json.readme, versionsOf(changed)]).toEqual(['new', ['1.0.0']])
    expect(changed.headers).not.toHaveProperty('warning')
    // Only what is new has to wait for them.
    expect(codeOf(await at('other'))).toEqual([503, 'UPSTREAM_UNAVAILABLE'])
    expect(await rows(server, `SELECT source FROM claims WHERE subject LIKE '%/${name}@1.0.0' ORDER BY source`)).toMatchObject([{ source: 'm1' }, { source: 'npm' }])
  })

  it('withholds what sources disagree about, and what only its registry has', async () => {
    const name = 'disputed'
    await npm.publish({ name, version: '1.0.0' })
    m1.sync(npm)
    m2.sync(npm)
    expect(versionsOf(await at(name))).toEqual(['1.0.0'])
    await npm.publish({ name, version: '2.0.0', files: { 'index.js': 'good' } })
    await m1.publish({ name: 'disputed-only', version: '1.0.0', files: { 'index.js': 'evil' } })
    await npm.publish({ name: 'disputed-only', version: '1.0.0', files: { 'index.js': 'good' } })
    expect(versionsOf(await at(name))).toEqual(['1.0.0'])
    for (const path of [`${name}/2.0.0`, tarballPath(name, '2.0.0'), ...waysTo('disputed-only')]) {
      const answer = await at(path)
      expect([path, ...codeOf(answer)]).toEqual([path, 403, 'TOO_FEW_SOURCES'])
    }
    expect((await at(`${name}/latest`)).json.version).toBe('1.0.0')
    expect((await at('disputed-only')).json.error).toMatch(/^disputed-only@1\.0\.0 is withheld: 2 sources have to claim the same digest, 1 of them does \("npm"\), "m1" gives another one\. /)
    expect(await lookedUp('disputed-only')).toBe(0)
    const [incident, ...more] = await rows(server, `SELECT * FROM incidents WHERE subject LIKE '%/disputed-only@1.0.0'`)
    expect(incident).toMatchObject({ kind: 'conflict', source: 'm1' })
    expect(more).toEqual([])
    expect(JSON.parse(String(incident!.evidence))).toMatchObject({
      claimed: { integrity: m1.manifest('disputed-only', '1.0.0').dist.integrity },
      details: { authority: { source: 'npm', integrity: npm.manifest('disputed-only', '1.0.0').dist.integrity } },
    })
  })

  it('is 503 while a mirror cannot be asked, never served by one source alone, and served when it can', async () => {
    const name = 'late'
    await npm.publish({ name, version: '1.0.0' })
    m1.sync(npm)
    await m1.down()
    for (const path of waysTo(name)) expect(codeOf(await at(path))).toEqual([503, 'UPSTREAM_UNAVAILABLE'])
    expect(await lookedUp(name)).toBe(0)
    await m1.up()
    await until('the mirror is asked again', async () => (await at(name)).status === 200, 20_000)
    expect(await lookedUp(name)).toBe(1)
  })

  it('is not held up by a mirror that hangs while another one agrees', async () => {
    const name = 'hanging'
    await npm.publish({ name, version: '1.0.0' })
    m2.sync(npm)
    m1.fault({ path: `/${name}` }, { stall: 'headers' })
    const answer = await at(name)
    expect(versionsOf(answer)).toEqual(['1.0.0'])
    expect(answer.ms).toBeLessThan(5_000)
  })

  it('asks each mirror once for all who wait', async () => {
    const name = 'crowded'
    await npm.publish({ name, version: '1.0.0' })
    m1.sync(npm)
    m2.sync(npm)
    const answers = await Promise.all(Array.from({ length: 50 }, () => at(name)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    for (const mirror of [m1, m2]) expect(mirror.count('GET', `/${name}`)).toBeLessThanOrEqual(1)
  })
})

describe('a registry that may link only to some', () => {
  const servers: Record<string, TestServer> = {}
  beforeAll(async () => {
    for (const policy of ['warn', 'deny']) {
      servers[policy] = await serve({
        registries: [{ id: 'npm', url: npm.url, role: 'authority' }, { id: 'acme', url: acme.url, role: 'authority', links: [] }],
        routes: [{ match: ['@acme/*', '@ours/*'], registry: 'acme' }], private: ['@ours/*'], policy: { links: policy },
      })
    }
    await npm.publish({ name: 'left-pad', version: '1.0.0', dependencies: { '@acme/linked': '*', 'x': 'git://git.example/x' } })
    await acme.publish({ name: '@acme/linked', version: '1.0.0', dependencies: { '@acme/other': '^1' } })
    await acme.publish({ name: '@acme/linked', version: '1.1.0', dependencies: { '@acme/pad': 'npm:left-pad@^1' } })
    await acme.publish({ name: '@acme/linked', version: '1.2.0', optionalDependencies: { x: 'git+https://git.example/x.git' } })
    await acme.publish({ name: '@ours/linked', version: '1.0.0', dependencies: { 'left-pad': '1' } })
    await acme.publish({ name: '@acme/large', version: '1.0.0', dependencies: { 'left-pad': '1' } })
    await acme.publish({ name: '@acme/large', version: '1.1.0' })
    // Beyond a megabyte, a document is read in a worker.
    acme.editPackument('@acme/large', document => void (document.readme = 'x'.repeat(1_500_000)))
  })

  it('has its versions that lead elsewhere withheld, with the dependency in the reason', async () => {
    const { npmUrl } = servers.deny!
    const packument = await ask(`${npmUrl}@acme/linked`)
    expect(versionsOf(packument)).toEqual(['1.0.0'])
    for (const [version, where] of [['1.1.0', '"left-pad", which is routed to registry "npm"'], ['1.2.0', '"x@git+https://git.example/x.git", which no registry resolves']]) {
      for (const path of [`@acme/linked/${version}`, tarballPath('@acme/linked', version!)]) {
        const answer = await ask(npmUrl + path)
        expect(codeOf(answer)).toEqual([403, 'LINK_DENIED'])
        expect(answer.json.error).toContain(`@acme/linked@${version} depends on ${where}`)
      }
    }
    expect(versionsOf(await ask(`${npmUrl}@acme/large`))).toEqual(['1.1.0'])
    // Nobody limits where the others lead.
    expect(versionsOf(await ask(`${npmUrl}left-pad`))).toEqual(['1.0.0'])
  })

  it('has them served and noted where policy says so', async () => {
    const { npmUrl, url, logs, stdout } = servers.warn!
    expect(versionsOf(await ask(`${npmUrl}@acme/linked`))).toEqual(['1.0.0', '1.1.0', '1.2.0'])
    await ask(`${npmUrl}@acme/linked`)
    expect(versionsOf(await ask(`${npmUrl}@ours/linked`))).toEqual(['1.0.0'])
    await until('both packages are noted', () => logs().filter(({ noted }) => noted === 'link').length === 2)
    expect(logs().filter(({ noted }) => noted === 'link')).toMatchObject([
      { package: '@acme/linked', versions: 2, sentence: expect.stringContaining('"left-pad"') }, { versions: 1 },
    ])
    expect(stdout()).not.toContain('@ours')
    expect((await ask(`${url}metrics`)).text).toContain('registry_noted_versions_total{kind="link"} 3')
  })
})

describe('a tarball at a host that nobody configured', () => {
  it('is one incident, and named to nobody', async () => {
    const server = await serve({ registries: authorities(), delivery: 'redirect' })
    const name = 'cdn'
    for (const version of ['1.0.0', '1.1.0']) {
      await npm.publish({ name, version })
      npm.editManifest(name, version, ({ dist }) => dist.tarball = `http://169.254.169.254/${version}.tgz`)
    }
    const packument = await ask(server.npmUrl + name)
    expect(packument.text).not.toContain('169.254')
    expect(versionsOf(packument)).toEqual(['1.0.0', '1.1.0'])
    const tarball = await ask(server.npmUrl + tarballPath(name, '1.0.0'))
    expect([tarball.status, tarball.headers.location]).toEqual([403, undefined])
    await ask(server.npmUrl + name)
    expect(await rows(server, 'SELECT kind, subject, source FROM incidents')).toMatchObject([{ kind: 'foreign-host', subject: `pkg:npm/${name}`, source: 'npm' }])
  })
})
