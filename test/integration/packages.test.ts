import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PackageDifferences, PackageRegistries, PackageReport } from '../../shared/types/packages.ts'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { ask } from './ask.ts'

let server: TestServer
let npm: FixtureRegistry
let near: FixtureRegistry
let dead: FixtureRegistry
let acme: FixtureRegistry

beforeAll(async () => {
  [npm, near, dead, acme] = [
    await createFixtureRegistry({ sign: true }), await createFixtureRegistry(),
    await createFixtureRegistry(), await createFixtureRegistry(),
  ]
  for (const version of ['1.0.0', '1.1.0', '1.10.0', '2.0.0']) {
    await npm.publish({ name: 'a', version, dependencies: { b: '^1.0.0' }, files: { 'index.js': version } })
  }
  await npm.publish({ name: '@secret/thing', version: '1.0.0' })
  await npm.publish({ name: 'late', version: '1.0.0' })
  await acme.publish({ name: '@acme/button', version: '1.0.0' })
  near.sync(npm)
  await dead.down()
  server = await startServer({
    config: {
      registries: [
        { id: 'npm', url: npm.url, role: 'authority', namespace: 'npm.example' },
        { id: 'near', url: near.url, role: 'mirror', of: 'npm' },
        { id: 'dead', url: dead.url, role: 'mirror', of: 'npm', timeout: 2_000 },
        { id: 'acme', url: acme.url, role: 'authority', namespace: 'npm.acme.example' },
      ],
      routes: [{ match: ['@acme/*'], registry: 'acme' }],
      private: ['@secret/*'],
      cache: { fresh: 0, staleWhileRevalidate: 0 },
    },
  })
  for (const name of ['a', '@acme/button', '@secret/thing']) await ask(server.npmUrl + name)
})

afterAll(async () => {
  await server?.stop()
  for (const registry of [npm, near, dead, acme]) await registry?.close()
})

async function get<T>(path: string): Promise<T> {
  const { status, text } = await ask(`${server.url}api/packages/${path}`)
  expect(status, text).toBe(200)
  return JSON.parse(text) as T
}

describe('what the log has of a package', () => {
  it('is told without asking anybody', async () => {
    const asked = npm.requests.length
    const report = await get<PackageReport>('a')
    expect(report).toMatchObject({
      name: 'a', authority: 'npm', order: 'version', total: 4, withdrawn: 0, next: null, conflicts: [], incidents: [], earlier: null,
      authorities: [{ id: 'npm', namespace: 'npm.example', isDefault: true, isRouted: true, versions: 4 }],
      sources: [{ id: 'npm', role: 'authority' }, { id: 'near', role: 'mirror' }, { id: 'dead', role: 'mirror' }],
    })
    expect(report.versions.map(({ version }) => version)).toEqual(['2.0.0', '1.10.0', '1.1.0', '1.0.0'])
    const [signature] = npm.manifest('a', '2.0.0').dist.signatures!
    expect(report.versions[0]).toMatchObject({ evidence: 'signed', keyid: signature!.keyid, isWithdrawn: false, conflicts: [], tags: ['latest'] })
    expect(report.changes.map(({ record }) => record.kind)).toContain('tags')
    expect(npm.requests).toHaveLength(asked)
  })

  it('comes in pages and in two orders', async () => {
    const page = await get<PackageReport>('a?order=record&limit=3')
    const indexes = page.versions.map(({ index }) => index)
    expect(indexes).toEqual(indexes.toSorted((a, b) => b - a))
    expect(page.next).toBe(3)
    expect((await get<PackageReport>('a?order=record&limit=3&skip=3')).versions).toHaveLength(1)
    expect((await get<PackageReport>('a?skip=100')).versions).toEqual([])
  })

  it('is found by both spellings of a scope, at the authority that owns it', async () => {
    for (const path of ['@acme/button', '%40acme%2fbutton', '@acme%2Fbutton']) {
      expect(await get<PackageReport>(path)).toMatchObject({
        name: '@acme/button', authority: 'acme', total: 1, authorities: [{ id: 'acme', isDefault: false }],
      })
    }
    expect(await get<PackageReport>('unheard-of')).toMatchObject({ total: 0, versions: [], authority: 'npm' })
  })

  it('refuses what is no name or no question, and says nothing of private names', async () => {
    for (const path of ['..%2f..%2fetc', 'a%20b', '%ff', '@acme', 'x'.repeat(3_000), '%3Cscript%3E', 'a%00']) {
      const answer = await ask(`${server.url}api/packages/${path}`)
      expect([path, answer.status, answer.json.code]).toEqual([path, 404, 'BAD_NAME'])
      expect(answer.headers['content-type']).toBe('application/json')
    }
    for (const query of ['order=x', 'limit=0', 'limit=101', 'skip=-1', 'skip=1&skip=2', 'nothing=1', 'before=x']) {
      expect((await ask(`${server.url}api/packages/a?${query}`)).status, query).toBe(400)
    }
    expect((await ask(`${server.url}api/packages/a?authority=acme`)).status).toBe(404)
    const asked = npm.requests.length
    for (const part of ['', '/-/registries', '/-/differences?left=npm&right=near']) {
      const answer = await ask(`${server.url}api/packages/@secret/thing${part}`)
      expect([answer.status, answer.json.code]).toEqual([404, 'NOT_FOUND'])
    }
    expect(npm.requests).toHaveLength(asked)
  })
})

describe('what registries have of a package', () => {
  it('is asked once for everybody within a minute, and one that is down is a state', async () => {
    const before = npm.count('GET', '/a')
    const [found, other] = await Promise.all([get<PackageRegistries>('a/-/registries'), get<PackageRegistries>('a/-/registries?limit=1')])
    expect(found.sources).toMatchObject([
      { id: 'npm', state: 'found', problem: null, versions: 4, latest: '2.0.0' }, { id: 'near', state: 'found' },
      { id: 'dead', state: 'failed', problem: expect.stringContaining('dead'), versions: null },
    ])
    expect(found.rows.map(({ cells }) => cells.map(({ state }) => state))).toEqual(Array.from({ length: 4 }, () => ['equal', 'equal', 'error']))
    expect(found).toMatchObject({ unrecorded: { total: 0 }, gone: { total: 0, unnoticed: 0 }, foreign: [] })
    expect(other.rows).toHaveLength(1)
    expect(npm.count('GET', '/a') - before).toBe(1)
  })

  it('tells what is not in the log', async () => {
    near.editManifest('late', '1.0.0', ({ dist }) => {
      dist.integrity = `sha512-${Buffer.alloc(64, 9).toString('base64')}`
    })
    const found = await get<PackageRegistries>('late/-/registries')
    expect(found).toMatchObject({ rows: [], unrecorded: { total: 1, rows: [{ version: '1.0.0', index: null }] } })
    expect(found.unrecorded.rows[0]!.cells.map(({ state }) => state)).toEqual(['listed', 'differs', 'error'])
    expect(await get<PackageReport>('late')).toMatchObject({ total: 0 })
  })

  it('is an incident where it contradicts the log, once for whoever looks', async () => {
    await npm.publish({ name: 'lied-about', version: '1.0.0' })
    near.sync(npm)
    await ask(`${server.npmUrl}lied-about`)
    const other = `sha512-${Buffer.alloc(64, 9).toString('base64')}`
    near.editManifest('lied-about', '1.0.0', ({ dist }) => {
      dist.integrity = other
    })
    for (let n = 0; n < 2; n++) {
      const { rows } = await get<PackageRegistries>('lied-about/-/registries')
      expect(rows[0]!.cells.map(({ state }) => state)).toEqual(['equal', 'differs', 'error'])
    }
    const { incidents, conflicts } = await get<PackageReport>('lied-about')
    expect(incidents).toMatchObject([{ kind: 'conflict', source: 'near' }])
    expect(conflicts).toMatchObject([{ version: '1.0.0', source: 'near', other }])
  })

  it('lays two documents side by side', async () => {
    near.editManifest('a', '1.1.0', (manifest) => {
      manifest.dependencies = { c: '*' }
    })
    const { left, right, found } = await get<PackageDifferences>('a/-/differences?left=npm&right=near')
    expect([left.id, right.id]).toEqual(['npm', 'near'])
    expect(found).toMatchObject({
      differing: 1, common: 4,
      versions: [{ version: '1.1.0', fields: [{ field: 'dependencies', left: '{"b":"^1.0.0"}', right: '{"c":"*"}' }] }],
    })
    expect(found!.noise).toContainEqual({ what: 'dist.tarball', count: 4 })
    expect(await get<PackageDifferences>('a/-/differences?left=npm&right=dead')).toMatchObject({ found: null, right: { state: 'failed' } })
    for (const query of ['', '?left=npm', '?left=npm&right=npm', '?left=npm&right=acme', '?left=npm&right=http://x']) {
      expect((await ask(`${server.url}api/packages/a/-/differences${query}`)).status, query).toBe(400)
    }
  })

  it('is not asked for as often as somebody likes', async () => {
    const statuses = new Set<number>()
    for (let n = 0; n < 31; n++) statuses.add((await ask(`${server.url}api/packages/@acme/none-${n}/-/registries`)).status)
    expect([...statuses]).toEqual([200, 429])
    // What was asked a moment ago costs nothing.
    expect((await ask(`${server.url}api/packages/a/-/registries`)).status).toBe(200)
    expect(acme.count('GET', /none-30/)).toBe(0)
  })
})
