import { createClient } from '@libsql/client'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFixtureRegistry, type Attestation, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { ask, until, versionsOf, type Answer } from './ask.ts'

let upstream: FixtureRegistry
let mirror: FixtureRegistry
let warning: TestServer
let denying: TestServer
const cleanups: (() => Promise<unknown>)[] = []

async function serve(manifests: 'warn' | 'deny', more: object = {}, dataDir?: string): Promise<TestServer> {
  const server = await startServer({ dataDir, config: {
    registries: [{ id: 'npm', url: upstream.url, role: 'authority' }, { id: 'm1', url: mirror.url, role: 'mirror', of: 'npm' }],
    private: ['@private/*'],
    delivery: 'serve',
    policy: { manifests },
    limits: { retries: 0 },
    // Every request asks the upstream.
    cache: { fresh: 0, staleWhileRevalidate: 0 },
    ...more,
  } })
  cleanups.push(() => server.kill())
  return server
}

beforeAll(async () => {
  upstream = await createFixtureRegistry()
  mirror = await createFixtureRegistry()
  cleanups.push(() => upstream.close(), () => mirror.close())
  ;[warning, denying] = await Promise.all([serve('warn'), serve('deny')])
})
afterAll(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup()
})

async function rows({ dataDir }: TestServer, sql: string): Promise<Record<string, unknown>[]> {
  const client = createClient({ url: `file:${join(dataDir, 'registry.db')}` })
  try {
    return (await client.execute(sql)).rows.map(row => ({ ...row }))
  } finally {
    client.close()
  }
}
interface Noticed {
  kind: string
  subject: string
  source: string
  sentence: string
  is_private: number
  evidence: Record<string, unknown>
}
async function incidentsAbout(server: TestServer, name: string): Promise<Noticed[]> {
  const found = await rows(server, 'SELECT kind, subject, source, sentence, is_private, evidence FROM incidents ORDER BY id')
  return found.filter(({ subject }) => String(subject).startsWith(`pkg:npm/${name.replace('@', '%40')}@`))
    .map(row => ({ ...row, evidence: JSON.parse(String(row.evidence)) as Record<string, unknown> }) as Noticed)
}
const inspectionsOf = (server: TestServer, name: string) => rows(server, `SELECT * FROM inspections WHERE subject LIKE 'pkg:npm/${name}@%'`)

const packument = (server: TestServer, name: string) => ask(server.npmUrl + name)
const tarball = (server: TestServer, name: string, version = '1.0.0', headers = {}) =>
  ask(`${server.npmUrl}${name}/-/${name.replace(/.*\//, '')}-${version}.tgz`, { headers })
const codeOf = ({ status, json }: Answer) => [status, json.code]

/** Publishes a package whose registry does not say what is in its tarball. */
async function publishHiding(name: string, hidden: object, more: object = {}) {
  const files = { 'package.json': JSON.stringify({ name, version: '1.0.0', ...hidden }) }
  await upstream.publish({ name, version: '1.0.0', ...more, files })
}
/** Publishes bytes with their right digest. */
async function publishBytes(name: string, bytes: Buffer) {
  await upstream.publish({ name, version: '1.0.0' })
  upstream.setTarball(name, '1.0.0', bytes)
  upstream.editManifest(name, '1.0.0', ({ dist }) => {
    dist.integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
    dist.shasum = createHash('sha1').update(bytes).digest('hex')
  })
}

describe('a packument that hides a dependency of its tarball', () => {
  it('is an incident, and served, where differences are warned of', async () => {
    await publishHiding('hides', { dependencies: { evil: '1.0.0' } })
    expect(versionsOf(await packument(warning, 'hides'))).toEqual(['1.0.0'])
    const { status, body } = await tarball(warning, 'hides')
    expect([status, body.equals(upstream.tarball('hides', '1.0.0'))]).toEqual([200, true])
    await until('the tarball is looked into', async () => (await inspectionsOf(warning, 'hides')).length > 0)
    expect(await incidentsAbout(warning, 'hides')).toMatchObject([{
      kind: 'manifest-mismatch', subject: 'pkg:npm/hides@1.0.0', source: 'npm', is_private: 0,
      sentence: expect.stringContaining('dependencies.evil'),
      evidence: { details: { findings: [{ field: 'dependencies.evil', severity: 'high', registry: '', tarball: '1.0.0' }] } },
    }])
    expect((await tarball(warning, 'hides')).status).toBe(200)
    expect(versionsOf(await packument(warning, 'hides'))).toEqual(['1.0.0'])
    expect(await incidentsAbout(warning, 'hides')).toHaveLength(1)
  })

  it('is refused in the tarball, then in the packument, where differences are denied', async () => {
    await publishHiding('hides-more', { scripts: { postinstall: 'evil' } })
    await upstream.publish({ name: 'hides-more', version: '0.9.0', tag: 'old' })
    expect(versionsOf(await packument(denying, 'hides-more'))).toEqual(['1.0.0', '0.9.0'])
    const refused = await Promise.all([tarball(denying, 'hides-more'), tarball(denying, 'hides-more', '1.0.0', { range: 'bytes=0-9' })])
    expect(refused.map(codeOf)).toEqual([[403, 'MANIFEST_MISMATCH'], [403, 'MANIFEST_MISMATCH']])
    expect(refused[0]!.json.error).toContain('scripts.postinstall')
    expect(refused[0]!.headers['npm-notice']).toContain('hides-more@1.0.0 is withheld')
    expect(await incidentsAbout(denying, 'hides-more')).toHaveLength(1)
    const { json } = await packument(denying, 'hides-more')
    expect(Object.keys(json.versions as object)).toEqual(['0.9.0'])
    expect(json['dist-tags']).toEqual({ old: '0.9.0', latest: '0.9.0' })
    expect(codeOf(await ask(`${denying.npmUrl}hides-more/1.0.0`))).toEqual([403, 'MANIFEST_MISMATCH'])
    expect((await tarball(denying, 'hides-more', '0.9.0')).status).toBe(200)
  })

  it('is refused by a server that starts later, before it has any bytes', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'registry-data-'))
    cleanups.push(() => rm(dataDir, { recursive: true, force: true, maxRetries: 3 }))
    const server = await serve('deny', {}, dataDir)
    await publishHiding('hides-later', { optionalDependencies: { evil: '1' } })
    expect(codeOf(await tarball(server, 'hides-later'))).toEqual([403, 'MANIFEST_MISMATCH'])
    await server.kill()
    const later = await serve('deny', {}, dataDir)
    const requests = upstream.count('GET', /\.tgz$/)
    expect(codeOf(await packument(later, 'hides-later'))).toEqual([403, 'MANIFEST_MISMATCH'])
    expect(codeOf(await tarball(later, 'hides-later'))).toEqual([403, 'MANIFEST_MISMATCH'])
    expect(upstream.count('GET', /\.tgz$/)).toBe(requests)
  })

  it('is noticed as well when its bytes come to be hashed', async () => {
    await publishHiding('hides-old', { dependencies: { evil: '1.0.0' } })
    upstream.editManifest('hides-old', '1.0.0', ({ dist }) => delete dist.integrity)
    expect(versionsOf(await packument(warning, 'hides-old'))).toEqual(['1.0.0'])
    await until('the incident is there', async () => (await incidentsAbout(warning, 'hides-old')).length === 1)
  })

  it('with a private name is an incident for operators only', async () => {
    await publishHiding('@private/hides', { dependencies: { evil: '1' } })
    expect(codeOf(await tarball(denying, '@private/hides'))).toEqual([403, 'MANIFEST_MISMATCH'])
    expect(await incidentsAbout(denying, '@private/hides')).toMatchObject([{ is_private: 1 }])
    expect(JSON.stringify(denying.logs())).not.toContain('@private/hides')
  })
})

describe('a tarball', () => {
  it('that says what its registry says is served, by either server, and written down once', async () => {
    await upstream.publish({
      name: '@s/honest', version: '1.0.0', bin: './cli.js', scripts: { postinstall: 'x' }, dependencies: { a: '1' }, optionalDependencies: { b: '1' },
      files: { 'cli.js': '' },
    })
    for (const server of [warning, denying]) {
      for (let n = 0; n < 3; n++) expect((await tarball(server, '@s/honest')).status).toBe(200)
      await until('it is looked into', async () => (await inspectionsOf(server, '%40s/honest')).length === 1)
      expect(await inspectionsOf(server, '%40s/honest')).toMatchObject([{ findings: '[]' }])
      expect(await incidentsAbout(server, '@s/honest')).toEqual([])
    }
  })

  it.each([
    ['other-name', { name: 'somebody-else', version: '1.0.0' }], ['other-version', { name: 'other-version', version: '1.0.1' }],
  ])('of another package is refused: %s', async (name, own) => {
    await upstream.publish({ name, version: '1.0.0', files: { 'package.json': JSON.stringify(own) } })
    const refused = await tarball(denying, name)
    expect(codeOf(refused)).toEqual([403, 'MANIFEST_MISMATCH'])
    expect(refused.json.error).toMatch(/: (?:name|version) \(registry: /)
  })

  it.each([
    ['bomb', gzipSync(Buffer.alloc(300 * 1024 ** 2), { level: 9 })], ['text', Buffer.from('no tarball'.repeat(1_000))],
  ])('that cannot be read (%s) is refused, and does the server no harm', async (what, bytes) => {
    await publishBytes(`unreadable-${what}`, bytes)
    const started = performance.now()
    const [refused] = await Promise.all([tarball(denying, `unreadable-${what}`), ask(`${denying.url}health`)])
    expect(codeOf(refused)).toEqual([403, 'MANIFEST_MISMATCH'])
    expect(performance.now() - started).toBeLessThan(20_000)
    expect(await incidentsAbout(denying, `unreadable-${what}`)).toMatchObject([{
      kind: 'manifest-mismatch', evidence: { details: { findings: [{ field: 'unreadable' }] } },
    }])
    // The digest is right: nobody sent other bytes.
    expect((await tarball(warning, `unreadable-${what}`)).body.equals(bytes)).toBe(true)
    expect((await ask(`${denying.url}health`)).status).toBe(200)
  })

  it('that is redirected to is not looked into', async () => {
    const redirecting = await serve('warn', { delivery: 'redirect' })
    await publishHiding('redirected', { dependencies: { evil: '1' } })
    expect((await tarball(redirecting, 'redirected')).status).toBe(302)
    expect(await inspectionsOf(redirecting, 'redirected')).toEqual([])
  })
})

describe('a manifest that is not the recorded one any more', () => {
  const change = (name: string) => upstream.editManifest(name, '1.0.0', (manifest) => {
    manifest.dependencies = { evil: '1' }
  })

  it('is an incident, and served, where differences are warned of', async () => {
    await upstream.publish({ name: 'changes', version: '1.0.0' })
    await packument(warning, 'changes')
    change('changes')
    for (let n = 0; n < 2; n++) expect((await packument(warning, 'changes')).text).toContain('"evil"')
    const [record] = await rows(warning, 'SELECT text FROM records WHERE text LIKE \'version pkg:npm/changes@%\'')
    expect(await incidentsAbout(warning, 'changes')).toMatchObject([{
      kind: 'manifest-mismatch', source: 'npm', evidence: { recorded: { text: record!.text }, claimed: { manifest: expect.stringMatching(/^sha256-/) } },
    }])
  })

  it('is refused where differences are denied, until it is the recorded one again', async () => {
    await upstream.publish({ name: 'changes-back', version: '1.0.0' })
    expect((await packument(denying, 'changes-back')).status).toBe(200)
    change('changes-back')
    expect(codeOf(await packument(denying, 'changes-back'))).toEqual([403, 'MANIFEST_MISMATCH'])
    expect(codeOf(await tarball(denying, 'changes-back'))).toEqual([403, 'MANIFEST_MISMATCH'])
    upstream.editManifest('changes-back', '1.0.0', manifest => delete manifest.dependencies)
    expect((await packument(denying, 'changes-back')).status).toBe(200)
    expect((await tarball(denying, 'changes-back')).status).toBe(200)
    expect(await incidentsAbout(denying, 'changes-back')).toHaveLength(1)
  })
})

describe('attestations', () => {
  const attestation = (name: string, sha512: string, version = '1.0.0'): Attestation => {
    const statement = { subject: [{ name: `pkg:npm/${name.replace('@', '%40')}@${version}`, digest: { sha512 } }] }
    return { predicateType: 'https://slsa.dev/provenance/v1', bundle: { dsseEnvelope: { payload: Buffer.from(JSON.stringify(statement)).toString('base64') } } }
  }
  const hexOf = (name: string, registry = upstream) => createHash('sha512').update(registry.tarball(name, '1.0.0')).digest('hex')
  const attestations = (name: string, version = '1.0.0') => ask(`${warning.npmUrl}-/npm/v1/attestations/${name}@${version}`)
  /** The bytes are known only once they are published. */
  async function publish(name: string, wrong: Partial<{ sha512: string, version: string }> = {}, registry = upstream) {
    const attested: Attestation[] = []
    await registry.publish({ name, version: '1.0.0', attestations: attested })
    attested.push(attestation(name, wrong.sha512 ?? hexOf(name, registry), wrong.version))
    return attested
  }

  it('of the recorded bytes are passed on, under both spellings of a name', async () => {
    const attested = await publish('@s/attested')
    for (const spelling of ['@s%2fattested', '@s/attested']) {
      const { status, json } = await attestations(spelling)
      expect([status, json]).toEqual([200, { attestations: attested }])
    }
    expect(await incidentsAbout(warning, '@s/attested')).toEqual([])
  })

  it('of other bytes, or another version, count as none and are an incident', async () => {
    await publish('misattested', { sha512: 'ab'.repeat(64) })
    await publish('misversioned', { version: '1.0.1' })
    for (const name of ['misattested', 'misversioned']) {
      for (let n = 0; n < 2; n++) expect(codeOf(await attestations(name))).toEqual([403, 'ATTESTATION_MISMATCH'])
      expect(await incidentsAbout(warning, name)).toMatchObject([{ kind: 'attestation-mismatch', source: 'npm', subject: `pkg:npm/${name}@1.0.0` }])
      // The package is what it was.
      expect((await packument(warning, name)).status).toBe(200)
    }
  })

  it('are 404 where there are none, and need no record', async () => {
    await upstream.publish({ name: 'unattested', version: '1.0.0' })
    expect((await attestations('unattested')).status).toBe(404)
    expect((await attestations('unattested', '9.0.0')).status).toBe(404)
    expect((await attestations('nobody-published-this')).status).toBe(404)
  })

  it('come from a mirror while the authority is away, if they are about the recorded bytes', async () => {
    for (const [name, sha512] of [['copied', undefined], ['miscopied', 'ab'.repeat(64)]] as const) {
      await publish(name)
      await publish(name, { sha512 }, mirror)
      expect((await attestations(name)).status).toBe(200)
    }
    const heal = upstream.fault({ path: /attestations/ }, { status: 503 })
    expect((await attestations('copied')).status).toBe(200)
    expect((await attestations('miscopied')).status).toBe(503)
    expect(await incidentsAbout(warning, 'miscopied')).toMatchObject([{ kind: 'attestation-mismatch', source: 'm1' }])
    heal()
    expect((await attestations('miscopied')).status).toBe(200)
  })
})
