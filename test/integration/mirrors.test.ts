import { createClient } from '@libsql/client'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseRecord, type LogRecord } from '../../shared/record/index.ts'
import { decodeBundle, parseCheckpoint } from '../../shared/tlog/index.ts'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { ask, until, versionsOf, type Answer } from './ask.ts'

const BUNDLE = 256
/** Every request asks the authority. */
const NEVER_FRESH = { fresh: 0, staleWhileRevalidate: 0, negative: 0 }

let upstream: FixtureRegistry
let m1: FixtureRegistry
let m2: FixtureRegistry
/** What a test leaves behind, ended in reverse order. */
const cleanups: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  upstream = await createFixtureRegistry({ sign: true })
  m1 = await createFixtureRegistry()
  m2 = await createFixtureRegistry()
  cleanups.push(...[upstream, m1, m2].map(registry => () => registry.close()))
})
beforeEach(async () => {
  await Promise.all([upstream, m1, m2].map(registry => registry.up()))
})
afterEach(() => {
  for (const registry of [upstream, m1, m2]) registry.reset()
})
afterAll(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup()
})

interface Options {
  cache?: object
  dataDir?: string
  delivery?: string
}

async function serve({ cache, dataDir, delivery = 'redirect' }: Options = {}): Promise<TestServer> {
  const server = await startServer({
    config: {
      registries: [
        { id: 'npm', url: upstream.url, role: 'authority' },
        { id: 'm1', url: m1.url, role: 'mirror', of: 'npm' },
        { id: 'm2', url: m2.url, role: 'mirror', of: 'npm' },
      ],
      private: ['@private/*'],
      delivery,
      limits: { retries: 0 },
      cache: { ...NEVER_FRESH, ...cache },
    },
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

/** A server that has recorded what the authority has, and then lost its cache and its authority. */
async function alone(names: string[], options: Options = {}): Promise<TestServer> {
  const dataDir = await temporaryDir()
  const before = await serve({ ...options, dataDir })
  for (const name of names) expect((await packument(before, name)).status).toBe(200)
  await before.stop()
  await rm(join(dataDir, 'cache'), { recursive: true, force: true })
  await upstream.down()
  return serve({ ...options, dataDir })
}

/** What is public of the log about a package, read as anybody can. */
async function recordsAbout({ url }: TestServer, name: string): Promise<LogRecord[]> {
  const { size } = parseCheckpoint((await ask(`${url}sumdb/checkpoint`)).text.split('\n\n')[0]! + '\n')
  const texts: string[] = []
  for (let start = 0; start < size; start += BUNDLE) {
    const width = Math.min(BUNDLE, size - start)
    const path = `${String(start / BUNDLE).padStart(3, '0')}${width < BUNDLE ? `.p/${width}` : ''}`
    const { body } = await ask(`${url}sumdb/tile/entries/${path}`)
    texts.push(...decodeBundle(new Uint8Array(body), width).map(entry => Buffer.from(entry).toString()))
  }
  return texts.map(parseRecord).filter(record => 'subject' in record && record.subject.name === name)
}
const kindsAbout = async (server: TestServer, name: string) => (await recordsAbout(server, name)).map(({ kind }) => kind)
const withdrawnOf = async (server: TestServer, name: string) =>
  (await recordsAbout(server, name)).flatMap(record => record.kind === 'withdrawn' ? [record.subject.version] : [])
const tagsOf = async (server: TestServer, name: string) =>
  (await recordsAbout(server, name)).flatMap(record => record.kind === 'tags' ? [Object.fromEntries(record.tags.map(tag => [tag.name, tag.version]))] : [])

async function incidentsAbout({ dataDir }: TestServer, name: string): Promise<Record<string, unknown>[]> {
  const client = createClient({ url: `file:${join(dataDir, 'registry.db')}` })
  try {
    const { rows } = await client.execute('SELECT kind, source, subject, is_private FROM incidents')
    return rows.map(row => ({ ...row })).filter(({ subject }) => new RegExp(`^pkg:npm/${name.replace('@', '%40')}(?:@|$)`).test(String(subject)))
  } finally {
    client.close()
  }
}

const packument = (server: TestServer, name: string) => ask(server.npmUrl + name)
const tarball = (server: TestServer, name: string, version: string) =>
  ask(`${server.npmUrl}${name}/-/${name.replace(/.*\//, '')}-${version}.tgz`)
/** Has the server fetch a version's bytes, and waits until they are stored: that comes after the answer. */
async function hold(server: TestServer, name: string, version: string): Promise<void> {
  expect((await tarball(server, name, version)).status).toBe(200)
  const stored = async () => Number(/^registry_tarball_bytes (\d+)$/m.exec((await ask(`${server.url}metrics`)).text)?.[1])
  await until('its bytes are stored', async () => await stored() > 0)
}
const publish = (name: string, version: string, more: object = {}, at = upstream) =>
  at.publish({ name, version, files: { 'index.js': `${name} ${version}` }, ...more })
const codeOf = ({ status, json }: Answer) => [status, json.code]
const sha512 = (bytes: Buffer) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`
const syncMirrors = () => [m1, m2].forEach(mirror => mirror.sync(upstream))
type Dist = { integrity: string, tarball: string, signatures?: { keyid: string, sig: string }[] }
const distOf = (answer: Answer, version: string) => (answer.json.versions as Record<string, { dist: Dist }>)[version]!.dist

describe('while the authority is away and nothing of it is cached', () => {
  it('a mirror that agrees with the log answers, with our URLs and a warning', async () => {
    await publish('honest', '1.0.0')
    await publish('honest', '1.1.0', { dependencies: { other: '1' } })
    upstream.setTag('honest', 'next', '1.1.0')
    syncMirrors()
    const fromAuthority = await packument(await serve(), 'honest')
    const server = await alone(['honest'], { delivery: 'serve' })
    await m2.down()
    const answer = await packument(server, 'honest')
    expect(answer.status).toBe(200)
    expect(versionsOf(answer)).toEqual(['1.0.0', '1.1.0'])
    expect(answer.json['dist-tags']).toEqual({ latest: '1.1.0', next: '1.1.0' })
    expect(answer.headers.warning).toContain('Stale')
    expect(distOf(answer, '1.0.0').tarball).toBe(`${server.npmUrl}honest/-/honest-1.0.0.tgz`)
    expect(distOf(answer, '1.0.0').signatures).toEqual(distOf(fromAuthority, '1.0.0').signatures)
    expect((await ask(`${server.npmUrl}honest/latest`)).json).toMatchObject({ version: '1.1.0' })
    expect((await ask(`${server.url}metrics`)).text).toMatch(/^registry_packument_lookups_total\{tier="mirror"\} [1-9]/m)
    expect(sha512((await tarball(server, 'honest', '1.0.0')).body)).toBe(distOf(answer, '1.0.0').integrity)

    await upstream.up()
    await publish('honest', '2.0.0')
    await until('the authority is asked again', async () => versionsOf(await packument(server, 'honest')).includes('2.0.0'))
    const again = await packument(server, 'honest')
    expect(again.headers.warning).toBeUndefined()
    expect(again.headers.etag).not.toBe(answer.headers.etag)
    expect(await withdrawnOf(server, 'honest')).toEqual([])
  })

  it('a mirror that strips signatures is given them back from the log', async () => {
    await publish('stripped', '1.0.0')
    syncMirrors()
    m1.editManifest('stripped', '1.0.0', ({ dist }) => delete dist.signatures)
    const server = await alone(['stripped'])
    const { signatures } = distOf(await packument(server, 'stripped'), '1.0.0')
    expect(signatures).toEqual(upstream.manifest('stripped', '1.0.0').dist.signatures)
    expect(signatures).toHaveLength(1)
  })

  it('what only a mirror knows is left out, with the tags at it, and never recorded', async () => {
    await publish('ahead', '1.0.0')
    syncMirrors()
    await publish('ahead', '6.6.6', {}, m1)
    const server = await alone(['ahead'])
    for (let n = 0; n < 3; n++) {
      const answer = await packument(server, 'ahead')
      expect(versionsOf(answer)).toEqual(['1.0.0'])
      expect(answer.json['dist-tags']).toEqual({ latest: '1.0.0' })
    }
    expect(codeOf(await ask(`${server.npmUrl}ahead/6.6.6`))).toEqual([503, 'UPSTREAM_UNAVAILABLE'])
    expect(codeOf(await tarball(server, 'ahead', '6.6.6'))).toEqual([503, 'UPSTREAM_UNAVAILABLE'])
    expect(codeOf(await ask(`${server.npmUrl}ahead/7.0.0`))).toEqual([503, 'UPSTREAM_UNAVAILABLE'])
    expect(await kindsAbout(server, 'ahead')).toEqual(['version', 'tags'])
    const noted = () => server.logs().filter(({ unrecorded }) => unrecorded)
    await until('it is in the request log', () => noted().length > 0)
    expect(noted()).toMatchObject([{ mirror: 'm1', package: 'ahead', unrecorded: ['6.6.6'] }])
    expect((await ask(`${server.url}metrics`)).text).toMatch(/^registry_mirror_only_versions_total\{registry="m1"\} 1$/m)
  })

  it('a mirror that gives another digest is caught, and the next one answers', async () => {
    await publish('lied', '1.0.0')
    await publish('lied', '1.1.0')
    syncMirrors()
    await publish('lied', '1.0.0', { files: { 'index.js': 'evil' } }, m1)
    const server = await alone(['lied'])
    const answer = await packument(server, 'lied')
    expect(versionsOf(answer).toSorted()).toEqual(['1.0.0', '1.1.0'])
    expect(distOf(answer, '1.0.0').integrity).toBe(sha512(upstream.tarball('lied', '1.0.0')))
    expect(await incidentsAbout(server, 'lied')).toMatchObject([{ kind: 'conflict', source: 'm1', subject: 'pkg:npm/lied@1.0.0' }])
    expect((await recordsAbout(server, 'lied')).filter(({ kind }) => kind === 'conflict')).toMatchObject([{ source: 'm1', other: sha512(m1.tarball('lied', '1.0.0')) }])
  })

  it('a mirror that gives other dependencies is caught, and without another one nothing is served', async () => {
    await publish('confused', '1.0.0')
    syncMirrors()
    for (const mirror of [m1, m2]) mirror.editManifest('confused', '1.0.0', manifest => Object.assign(manifest, { dependencies: { evil: '1' } }))
    const server = await alone(['confused'])
    expect(codeOf(await packument(server, 'confused'))).toEqual([503, 'UPSTREAM_UNAVAILABLE'])
    expect((await incidentsAbout(server, 'confused')).map(({ kind, source }) => [kind, source]))
      .toEqual([['manifest-mismatch', 'm1'], ['manifest-mismatch', 'm2']])
    expect(await kindsAbout(server, 'confused')).toEqual(['version', 'tags'])
  })

  it('a mirror that lags behind has what it has, and nothing becomes withdrawn by it', async () => {
    await publish('lagging', '1.0.0')
    syncMirrors()
    await publish('lagging', '1.1.0')
    const server = await alone(['lagging'])
    expect(versionsOf(await packument(server, 'lagging'))).toEqual(['1.0.0'])
    expect(codeOf(await ask(`${server.npmUrl}lagging/1.1.0`))).toEqual([503, 'UPSTREAM_UNAVAILABLE'])
    expect(await kindsAbout(server, 'lagging')).toEqual(['version', 'version', 'tags'])
  })

  it.each<[what: string, spoil: (name: string) => void]>([
    ['a page of HTML', name => m1.fault({ path: `/${name}` }, { html: true })],
    ['404', name => m1.fault({ path: `/${name}` }, { status: 404 })],
    ['half of a document', name => m1.fault({ path: `/${name}` }, { truncate: 100 })],
    ['another package\'s document', name => m1.fault({ path: `/${name}` }, { raw: JSON.stringify({ ...upstream.manifest(name, '1.0.0'), name: 'another', versions: {} }) })],
    ['a document that is too large', name => m1.fault({ path: `/${name}` }, { gzipBomb: 80 * 1024 * 1024 })],
    ['a hundred thousand versions', name => m1.editPackument(name, ({ versions }) => {
      const [model] = Object.values(versions)
      for (let n = 0; n < 100_000; n++) versions[`9.0.${n}`] = { name, version: `9.0.${n}`, dist: model!.dist }
    })],
    ['nothing at all', name => m1.fault({ path: `/${name}` }, { drop: 'before' })],
    ['nobody\'s versions', name => m1.editPackument(name, (document) => { document.versions = {} })],
  ])('a mirror that answers with %s is passed over, and nothing of it is kept', async (what, spoil) => {
    const name = `spoilt-${what.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}`
    await publish(name, '1.0.0')
    syncMirrors()
    const server = await alone([name])
    spoil(name)
    const answer = await packument(server, name)
    expect(answer.status).toBe(200)
    expect(versionsOf(answer)).toEqual(['1.0.0'])
    expect(m2.count('GET', `/${name}`)).toBeGreaterThan(0)
    expect(await kindsAbout(server, name)).toEqual(['version', 'tags'])
    expect(await incidentsAbout(server, name)).toEqual([])
    // As much as the other mirror's document takes.
    await m2.down()
    await until('its state stands', async () => (await packument(server, name)).status === 200)
    expect(versionsOf(await packument(server, name))).toEqual(['1.0.0'])
  })

  it('a package that nobody has asked for yet is not known by a mirror\'s word', async () => {
    await publish('unheard', '1.0.0')
    syncMirrors()
    const server = await alone([])
    expect(codeOf(await packument(server, 'unheard'))).toEqual([503, 'UPSTREAM_UNAVAILABLE'])
    expect(await recordsAbout(server, 'unheard')).toEqual([])
  })

  it('a private name is compared with what is pinned', async () => {
    await publish('@private/x', '1.0.0')
    syncMirrors()
    const server = await alone(['@private/x'])
    expect(versionsOf(await packument(server, '@private/x'))).toEqual(['1.0.0'])
    expect(await recordsAbout(server, '@private/x')).toEqual([])
    m1.editManifest('@private/x', '1.0.0', ({ dist }) => Object.assign(dist, { integrity: sha512(Buffer.from('evil')) }))
    await until('the lie is noted', async () => {
      await packument(server, '@private/x')
      return (await incidentsAbout(server, '@private/x')).length > 0
    })
    expect(await incidentsAbout(server, '@private/x')).toMatchObject([{ kind: 'conflict', source: 'm1', is_private: 1 }])
    expect(await recordsAbout(server, '@private/x')).toEqual([])
  })
})

describe('while the authority answers', () => {
  it('its 404 is final, and no mirror is asked', async () => {
    const server = await serve()
    await publish('only-there', '1.0.0', {}, m1)
    expect(codeOf(await packument(server, 'only-there'))).toEqual([404, 'NOT_FOUND'])
    expect(m1.count('GET', '/only-there') + m2.count('GET', '/only-there')).toBe(0)
  })

  it('a state of its own that is young enough goes before a mirror\'s', async () => {
    await publish('own-state', '1.0.0')
    syncMirrors()
    const server = await serve({ cache: { staleIfError: '1h' } })
    await packument(server, 'own-state')
    await upstream.down()
    const answer = await packument(server, 'own-state')
    expect(answer.headers.warning).toContain('Stale')
    expect((await ask(`${server.url}metrics`)).text).not.toContain('tier="mirror"')
  })
})

describe('a version that is gone', () => {
  it('is withdrawn once, and its pinned bytes are served if we hold them', async () => {
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) await publish('unpublished', version)
    const dataDir = await temporaryDir()
    let server = await serve({ delivery: 'serve', dataDir })
    await packument(server, 'unpublished')
    const bytes = upstream.tarball('unpublished', '1.0.0')
    await hold(server, 'unpublished', '1.0.0')

    upstream.unpublish('unpublished', '1.0.0')
    upstream.unpublish('unpublished', '1.1.0')
    expect(versionsOf(await packument(server, 'unpublished'))).toEqual(['1.2.0'])
    expect(await withdrawnOf(server, 'unpublished')).toEqual(['1.0.0', '1.1.0'])
    await server.stop()

    // Also after a restart, and by a server that redirects.
    server = await serve({ dataDir })
    await packument(server, 'unpublished')
    const held = await tarball(server, 'unpublished', '1.0.0')
    expect(held.status).toBe(200)
    expect(held.body.equals(bytes)).toBe(true)
    const lost = await tarball(server, 'unpublished', '1.1.0')
    expect(codeOf(lost)).toEqual([404, 'VERSION_NOT_FOUND'])
    expect(lost.json.error).toContain('was withdrawn')
    expect(codeOf(await ask(`${server.npmUrl}unpublished/1.0.0`))).toEqual([404, 'VERSION_NOT_FOUND'])
    expect((await tarball(server, 'unpublished', '9.9.9')).json.error).not.toContain('withdrawn')
    expect(await withdrawnOf(server, 'unpublished')).toEqual(['1.0.0', '1.1.0'])
  })

  it.each([['while the server runs', false], ['while the server was stopped', true]])('with its whole package, %s', async (_, isStopped) => {
    const name = `gone-${isStopped}`
    await publish(name, '1.0.0')
    await publish(name, '2.0.0')
    const dataDir = await temporaryDir()
    let server = await serve({ delivery: 'serve', dataDir, cache: { negative: '1h' } })
    await packument(server, name)
    const bytes = upstream.tarball(name, '1.0.0')
    await hold(server, name, '1.0.0')
    if (isStopped) await server.stop()
    upstream.unpublish(name)
    if (isStopped) server = await serve({ dataDir, cache: { negative: '1h' } })
    expect(codeOf(await packument(server, name))).toEqual([404, 'NOT_FOUND'])
    await until('it is recorded', async () => (await withdrawnOf(server, name)).length === 2)
    const held = await tarball(server, name, '1.0.0')
    expect([held.status, held.body.equals(bytes)]).toEqual([200, true])
    const lost = await tarball(server, name, '2.0.0')
    expect(codeOf(lost)).toEqual([404, 'NOT_FOUND'])
    expect(lost.json.error).toContain('was withdrawn')
    // A name that nobody ever had.
    expect((await tarball(server, 'never-there', '1.0.0')).json.error).not.toContain('withdrawn')
  })

  it('of a private name is recorded nowhere', async () => {
    await publish('@private/gone', '1.0.0')
    const server = await serve({ delivery: 'serve' })
    await packument(server, '@private/gone')
    await hold(server, '@private/gone', '1.0.0')
    upstream.unpublish('@private/gone')
    expect((await packument(server, '@private/gone')).status).toBe(404)
    expect((await tarball(server, '@private/gone', '1.0.0')).status).toBe(200)
    expect(await recordsAbout(server, '@private/gone')).toEqual([])
  })

  it('with the authority and all mirrors away, pinned bytes survive', async () => {
    await publish('frozen', '1.0.0')
    await publish('frozen', '1.1.0')
    const dataDir = await temporaryDir()
    const before = await serve({ delivery: 'serve', dataDir })
    await packument(before, 'frozen')
    const bytes = upstream.tarball('frozen', '1.0.0')
    await hold(before, 'frozen', '1.0.0')
    await before.stop()
    await rm(join(dataDir, 'cache'), { recursive: true })
    await Promise.all([upstream, m1, m2].map(registry => registry.down()))
    const server = await serve({ dataDir })
    expect(codeOf(await packument(server, 'frozen'))).toEqual([503, 'UPSTREAM_UNAVAILABLE'])
    const held = await tarball(server, 'frozen', '1.0.0')
    expect([held.status, held.body.equals(bytes)]).toEqual([200, true])
    expect(codeOf(await tarball(server, 'frozen', '1.1.0'))).toEqual([503, 'UPSTREAM_UNAVAILABLE'])
    expect(await withdrawnOf(server, 'frozen')).toEqual([])
  })
})

describe('tags and dates', () => {
  it('are in the log as they were at first sight; latest moved back is an incident', async () => {
    await publish('tagged', '1.0.0')
    await publish('tagged', '2.0.0')
    const server = await serve()
    await packument(server, 'tagged')
    expect(await tagsOf(server, 'tagged')).toEqual([{ latest: '2.0.0' }])
    upstream.setTag('tagged', 'latest', '1.0.0')
    upstream.setTag('tagged', 'old', '1.0.0')
    for (let n = 0; n < 3; n++) expect((await packument(server, 'tagged')).json['dist-tags']).toEqual({ latest: '1.0.0', old: '1.0.0' })
    expect(await incidentsAbout(server, 'tagged')).toMatchObject([{ kind: 'tag-moved-back', source: 'npm', subject: 'pkg:npm/tagged' }])
    // Not more than once in a minute.
    expect(await tagsOf(server, 'tagged')).toEqual([{ latest: '2.0.0' }])
  })

  it('a version that claims to be older than the last look is an incident, and served', async () => {
    await publish('dated', '1.0.0')
    const server = await serve()
    await packument(server, 'dated')
    await publish('dated', '1.1.0', { time: new Date().toISOString() })
    expect(versionsOf(await packument(server, 'dated'))).toEqual(['1.0.0', '1.1.0'])
    expect(await incidentsAbout(server, 'dated')).toEqual([])
    await publish('dated', '1.2.0', { time: '2020-01-01T00:00:00.000Z' })
    expect(versionsOf(await packument(server, 'dated'))).toEqual(['1.0.0', '1.1.0', '1.2.0'])
    expect(await incidentsAbout(server, 'dated')).toMatchObject([{ kind: 'backdated', subject: 'pkg:npm/dated@1.2.0' }])
  })
})
