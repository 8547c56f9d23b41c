import { createClient } from '@libsql/client'
import { createHash } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseRecord, type LogRecord } from '../../shared/record/index.ts'
import { decodeBundle, parseCheckpoint } from '../../shared/tlog/index.ts'
import { createProject } from '../clients/harness.ts'
import { CLIENTS } from '../clients/tools/clients.ts'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { ask, until, versionsOf, type Answer } from './ask.ts'

const CORGI = 'application/vnd.npm.install-v1+json'
const BUNDLE = 256
/** Every request asks the upstream. */
const NEVER_FRESH = { fresh: 0, staleWhileRevalidate: 0 }

let upstream: FixtureRegistry
let other: FixtureRegistry
/** What a test leaves behind, ended in reverse order. */
const cleanups: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  upstream = await createFixtureRegistry()
  other = await createFixtureRegistry()
  cleanups.push(() => upstream.close(), () => other.close())
})
afterAll(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup()
})

interface Options {
  cache?: object
  dataDir?: string
  env?: Record<string, string>
}

async function serve({ cache = NEVER_FRESH, dataDir, env }: Options = {}): Promise<TestServer> {
  const server = await startServer({
    config: {
      registries: [{ id: 'npm', url: upstream.url, role: 'authority' }, { id: 'other', url: other.url, role: 'authority' }],
      routes: [{ match: ['@other/*'], registry: 'other' }],
      private: ['@private/*'],
      limits: { retries: 0 },
      cache,
    },
    dataDir, env,
  })
  cleanups.push(() => server.kill())
  return server
}

async function temporaryDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'registry-data-'))
  cleanups.push(() => rm(dir, { recursive: true, force: true }))
  return dir
}

/** What is public of the log, read as anybody can. */
async function recordsOf({ url }: TestServer): Promise<LogRecord[]> {
  const { size } = parseCheckpoint((await ask(`${url}sumdb/checkpoint`)).text.split('\n\n')[0]! + '\n')
  const texts: string[] = []
  for (let start = 0; start < size; start += BUNDLE) {
    const width = Math.min(BUNDLE, size - start)
    const path = `${String(start / BUNDLE).padStart(3, '0')}${width < BUNDLE ? `.p/${width}` : ''}`
    const { body } = await ask(`${url}sumdb/tile/entries/${path}`)
    texts.push(...decodeBundle(new Uint8Array(body), width).map(entry => Buffer.from(entry).toString()))
  }
  return texts.map(parseRecord)
}
/** Its tags, which are recorded as well, are another story. */
async function recordsAbout(server: TestServer, name: string): Promise<LogRecord[]> {
  return (await recordsOf(server)).filter(record => 'subject' in record && record.subject.name === name && record.kind !== 'tags')
}

/** Rows of the server's own database. */
async function rows({ dataDir }: TestServer, sql: string): Promise<Record<string, unknown>[]> {
  const client = createClient({ url: `file:${join(dataDir, 'registry.db')}` })
  try {
    return (await client.execute(sql)).rows.map(row => ({ ...row }))
  } finally {
    client.close()
  }
}
const incidentsAbout = async (server: TestServer, name: string) =>
  (await rows(server, 'SELECT * FROM incidents')).filter(({ subject }) => String(subject).startsWith(`pkg:npm/${name.replace('@', '%40')}@`))

const packument = (server: TestServer, name: string, accept = 'application/json') => ask(server.npmUrl + name, { headers: { accept } })
const tarballPath = (name: string, version: string) => `${name}/-/${name.replace(/.*\//, '')}-${version}.tgz`
const tarball = (server: TestServer, name: string, version: string) => ask(server.npmUrl + tarballPath(name, version))
const integrityOf = (name: string, version: string, at = upstream) =>
  `sha512-${createHash('sha512').update(at.tarball(name, version)).digest('base64')}`
/** Publishes a version; once more, it is the same version with other bytes. */
const publish = (name: string, version: string, content = 'index') => upstream.publish({ name, version, files: { 'index.js': content } })
/** Publishes as registries did before there was an integrity. */
async function publishOld(name: string, version: string, content = 'index') {
  await publish(name, version, content)
  upstream.editManifest(name, version, ({ dist }) => delete dist.integrity)
}
const codeOf = ({ status, json }: Answer) => [status, json.code]

describe('a version', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await serve()
  })

  it('is in the checkpoint by the time anybody sees it, with what the registry claims', async () => {
    await upstream.publish({ name: 'first', version: '1.0.0', bin: 'cli.js', files: { 'cli.js': '' }, time: '2024-03-01T12:00:00.000Z' })
    await publish('first', '1.1.0')
    expect(versionsOf(await packument(server, 'first'))).toEqual(['1.0.0', '1.1.0'])
    const records = await recordsAbout(server, 'first')
    expect(records).toMatchObject([
      { kind: 'version', subject: { name: 'first', version: '1.0.0' }, integrity: integrityOf('first', '1.0.0'), evidence: 'claimed', published: '2024-03-01T12:00:00.000Z' },
      { kind: 'version', subject: { name: 'first', version: '1.1.0' }, integrity: integrityOf('first', '1.1.0'), evidence: 'claimed' },
    ])
  })

  it.each([
    ['its tarball', tarballPath('by-tarball', '1.0.0')], ['its manifest', 'by-manifest/1.0.0'], ['a tag', 'by-tag/latest'],
    ['the tags', '-/package/by-tags/dist-tags'], ['the abbreviated document', 'by-corgi'],
  ])('is recorded when it is asked for by %s', async (_, path) => {
    const name = /by-[a-z]+/.exec(path)![0]
    await publish(name, '1.0.0')
    expect((await ask(server.npmUrl + path, { headers: { accept: CORGI } })).status).toBeLessThan(400)
    expect(await recordsAbout(server, name)).toHaveLength(1)
  })

  it('is recorded when the checksum database is asked for it', async () => {
    await publish('looked-up', '1.0.0')
    const { status, text } = await ask(`${server.url}sumdb/lookup/npm/looked-up@1.0.0`)
    expect(status).toBe(200)
    expect(text).toContain(`\nversion pkg:npm/looked-up@1.0.0\nintegrity ${integrityOf('looked-up', '1.0.0')}\n`)
    expect((await ask(`${server.url}sumdb/lookup/npm/looked-up@2.0.0`)).json.code).toBe('VERSION_NOT_FOUND')
  })

  it('is recorded once, whoever asks and however often', async () => {
    await publish('once', '1.0.0')
    await Promise.all(Array.from({ length: 20 }, () => packument(server, 'once')))
    await publish('once', '1.1.0')
    await Promise.all(Array.from({ length: 20 }, () => packument(server, 'once', CORGI)))
    expect((await recordsAbout(server, 'once')).map(record => 'subject' in record && 'version' in record.subject && record.subject.version))
      .toEqual(['1.0.0', '1.1.0'])
  })

  it('of another authority carries its namespace', async () => {
    await other.publish({ name: '@other/x', version: '1.0.0' })
    expect((await packument(server, '@other/x')).status).toBe(200)
    expect(await recordsAbout(server, '@other/x')).toMatchObject([{ subject: { namespace: other.host }, integrity: integrityOf('@other/x', '1.0.0', other) }])
  })

  it('is counted', async () => {
    const { text } = await ask(`${server.url}metrics`)
    expect(text).toMatch(/^registry_recorded_versions_total\{evidence="claimed"\} \d+$/m)
  })
})

describe('a version whose digest changes', () => {
  const name = 'changing'
  let server: TestServer
  let before: Answer
  let standing: string

  beforeAll(async () => {
    server = await serve({ dataDir: await temporaryDir() })
    await publish(name, '1.0.0')
    await publish(name, '1.1.0')
    await upstream.publish({ name, version: '2.0.0', files: { 'index.js': 'good' } })
    upstream.setTag(name, 'next', '2.0.0')
    before = await packument(server, name)
    expect(before.json['dist-tags']).toEqual({ latest: '2.0.0', next: '2.0.0' })
    standing = integrityOf(name, '2.0.0')
    await upstream.publish({ name, version: '2.0.0', files: { 'index.js': 'evil' } })
    await Promise.all(Array.from({ length: 20 }, (_, n) => packument(server, name, n % 2 ? CORGI : undefined)))
  })

  it.each([['full', 'application/json'], ['abbreviated', CORGI]])('is left out of the %s document, with its time and its tags', async (_, accept) => {
    const answer = await packument(server, name, accept)
    expect(answer.status).toBe(200)
    expect(versionsOf(answer)).toEqual(['1.0.0', '1.1.0'])
    expect(answer.json['dist-tags']).toEqual({ latest: '1.1.0' })
    expect(Object.keys(answer.json.time as object)).not.toContain('2.0.0')
    expect(answer.headers.etag).not.toBe(before.headers.etag)
  })

  it.each(['2.0.0', 'next'])('is refused as a manifest by %s', async (selector) => {
    expect(codeOf(await ask(`${server.npmUrl}${name}/${selector}`))).toEqual([403, 'CONFLICT'])
  })

  it('is not what `latest` means', async () => {
    expect((await ask(`${server.npmUrl}${name}/latest`)).json.version).toBe('1.1.0')
    expect((await ask(`${server.npmUrl}-/package/${name}/dist-tags`)).json).toEqual({ latest: '1.1.0' })
  })

  it('is refused as a tarball, in a sentence that says what, since when, who and what to do', async () => {
    const answer = await tarball(server, name, '2.0.0')
    expect(codeOf(answer)).toEqual([403, 'CONFLICT'])
    const recorded = (await recordsAbout(server, name)).find(record => record.kind === 'version' && record.integrity === standing)!.recorded
    const { error } = answer.json as { error: string }
    for (const part of [`${name}@2.0.0`, standing.slice(0, 20), integrityOf(name, '2.0.0').slice(0, 20), recorded, '"npm"', 'Install another version']) {
      expect(error).toContain(part)
    }
    expect(answer.headers['npm-notice']).toBe(error)
    expect(answer.headers.location).toBeUndefined()
  })

  it('does not hold up the other versions', async () => {
    expect((await tarball(server, name, '1.1.0')).status).toBe(302)
    expect((await ask(`${server.npmUrl}${name}/1.1.0`)).status).toBe(200)
  })

  it('is not found under another version either', async () => {
    await publish('borrowed', '1.0.0')
    await publish('borrowed', '2.0.0')
    const odd = () => {
      for (const version of ['1.0.0', '2.0.0']) upstream.editManifest('borrowed', version, ({ dist }) => dist.tarball = `${upstream.url}borrowed/-/odd.tgz`)
    }
    odd()
    expect((await ask(`${server.npmUrl}borrowed/-/odd.tgz`)).status).toBe(302)
    await publish('borrowed', '1.0.0', 'evil')
    odd()
    expect((await packument(server, 'borrowed')).status).toBe(200)
    expect(codeOf(await ask(`${server.npmUrl}borrowed/-/odd.tgz`))).toEqual([403, 'CONFLICT'])
  })

  it('is one incident with both claims, and one record of it, also after a restart', async () => {
    const check = async (running: TestServer) => {
      const records = await recordsAbout(running, name)
      const conflict = { kind: 'conflict', integrity: standing, other: integrityOf(name, '2.0.0'), source: 'npm' }
      expect(records.filter(({ kind }) => kind === 'conflict')).toMatchObject([conflict])
      const incidents = await incidentsAbout(running, name)
      expect(incidents).toMatchObject([{ kind: 'conflict', subject: `pkg:npm/${name}@2.0.0` }])
      const all = await recordsOf(running)
      expect(all[Number(incidents[0]!.record)]).toMatchObject(conflict)
      interface Evidence { recorded: { index: number, text: string }, claimed: object, asked: object }
      const { recorded, claimed, asked } = JSON.parse(String(incidents[0]!.evidence)) as Evidence
      expect(parseRecord(recorded.text)).toMatchObject({ kind: 'version', integrity: standing })
      expect(all[recorded.index]).toEqual(parseRecord(recorded.text))
      expect(claimed).toMatchObject({ integrity: integrityOf(name, '2.0.0'), tarball: upstream.url + tarballPath(name, '2.0.0') })
      expect(asked).toMatchObject({ source: 'npm', registry: upstream.url })
    }
    await check(server)
    expect(server.logs().filter(line => line.incident === 'conflict' && String(line.subject).includes(name))).toHaveLength(1)
    expect((await ask(`${server.url}metrics`)).text).toMatch(/^registry_incidents_total\{kind="conflict"\} [12]$/m)
    await server.stop()
    server = await serve({ dataDir: server.dataDir })
    await Promise.all(Array.from({ length: 20 }, (_, n) => n % 2 ? packument(server, name) : tarball(server, name, '2.0.0')))
    expect(versionsOf(await packument(server, name))).toEqual(['1.0.0', '1.1.0'])
    expect(codeOf(await tarball(server, name, '2.0.0'))).toEqual([403, 'CONFLICT'])
    await check(server)
    expect(server.logs().filter(line => line.incident !== undefined)).toEqual([])
  })

  it('still stands in the checksum database with the first digest', async () => {
    const { text } = await ask(`${server.url}sumdb/lookup/npm/${name}@2.0.0`)
    expect(text).toContain(`\nintegrity ${standing}\n`)
  })

  it('is served again when its registry gives the first digest again', async () => {
    await upstream.publish({ name, version: '2.0.0', files: { 'index.js': 'good' } })
    expect(versionsOf(await packument(server, name))).toEqual(['1.0.0', '1.1.0', '2.0.0'])
    expect((await tarball(server, name, '2.0.0')).status).toBe(302)
  })

  it('and is the only one leaves nothing of the package', async () => {
    await publish('only', '1.0.0')
    expect((await packument(server, 'only')).status).toBe(200)
    await publish('only', '1.0.0', 'evil')
    for (const path of ['only', 'only/latest', 'only/1.0.0', '-/package/only/dist-tags', tarballPath('only', '1.0.0')]) {
      const answer = await ask(server.npmUrl + path)
      expect(codeOf(answer)).toEqual([403, 'CONFLICT'])
      expect(answer.json.error).toMatch(/^only@1\.0\.0 is withheld: registry "npm"/)
    }
  })

  it('stops an installation with the sentence', async () => {
    const client = CLIENTS.find(({ id }) => id === 'npm-11')!
    await publish('installed', '1.0.0')
    const project = await createProject(client, { registry: server.npmUrl, retries: false }, { dependencies: { installed: '1.0.0' } })
    cleanups.push(() => project.remove())
    await project.expectRun(['install'])
    await publish('installed', '1.0.0', 'evil')
    await publish('installed', '1.0.1')
    await packument(server, 'installed')
    await project.clean()
    const { error } = (await tarball(server, 'installed', '1.0.0')).json as { error: string }
    const { output } = await project.expectRun(['ci'], 1)
    expect(output).toContain('403')
    expect(output.replaceAll(/\s+/g, ' ')).toContain(error)
  })
})

describe('a version without a sha512', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await serve()
  })

  it('is downloaded and hashed first, and served by the sha512 that was found', async () => {
    await publishOld('old', '1.0.0')
    await publish('old', '1.1.0')
    expect(versionsOf(await packument(server, 'old'))).toEqual(['1.0.0', '1.1.0'])
    expect(await recordsAbout(server, 'old')).toMatchObject([
      { integrity: integrityOf('old', '1.0.0'), evidence: 'fetched' }, { integrity: integrityOf('old', '1.1.0'), evidence: 'claimed' },
    ])
    expect(upstream.count('GET', /old-1\.0\.0\.tgz/)).toBe(1)
    // A redirect would leave the client with the weaker digest.
    const answer = await tarball(server, 'old', '1.0.0')
    expect(answer.status).toBe(200)
    expect(answer.headers.etag).toBe(`"${integrityOf('old', '1.0.0')}"`)
    expect(answer.body.equals(upstream.tarball('old', '1.0.0'))).toBe(true)
    // Neither for this nor for the next state of the package is it fetched again.
    await publish('old', '1.2.0')
    expect(versionsOf(await packument(server, 'old'))).toHaveLength(3)
    expect(upstream.count('GET', /old-1\.0\.0\.tgz/)).toBe(1)
    expect((await ask(`${server.url}metrics`)).text).toMatch(/^registry_recorded_versions_total\{evidence="fetched"\} [1-9]/m)
  })

  it('alone is withheld while its bytes do not come, and served when they do', async () => {
    await publishOld('slow', '1.0.0')
    await publish('slow', '1.1.0')
    const undo = upstream.fault({ path: /slow-1\.0\.0\.tgz/ }, { status: 500 })
    const partial = await packument(server, 'slow')
    expect(versionsOf(partial)).toEqual(['1.1.0'])
    expect(partial.headers['cache-control']).toBe('private, no-cache')
    for (const path of ['slow/1.0.0', tarballPath('slow', '1.0.0')]) {
      const answer = await ask(server.npmUrl + path)
      expect(codeOf(answer)).toEqual([503, 'UPSTREAM_UNAVAILABLE'])
      expect(answer.json.error).toMatch(/^slow@1\.0\.0 is withheld: /)
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    }
    // Not for every request, although each asks for the document.
    for (let n = 0; n < 10; n++) await packument(server, 'slow')
    expect(upstream.count('GET', /slow-1\.0\.0\.tgz/)).toBe(1)
    undo()
    await until('the version is served', async () => versionsOf(await packument(server, 'slow')).length === 2, 15_000)
    expect(await recordsAbout(server, 'slow')).toMatchObject([{ evidence: 'claimed' }, { evidence: 'fetched' }])
  })

  it('is in conflict when other bytes stand behind its digest', async () => {
    await publishOld('swapped', '1.0.0')
    await publish('swapped', '1.1.0')
    expect(versionsOf(await packument(server, 'swapped'))).toHaveLength(2)
    const standing = integrityOf('swapped', '1.0.0')
    await publishOld('swapped', '1.0.0', 'evil')
    expect(versionsOf(await packument(server, 'swapped'))).toEqual(['1.1.0'])
    expect(codeOf(await tarball(server, 'swapped', '1.0.0'))).toEqual([403, 'CONFLICT'])
    expect((await recordsAbout(server, 'swapped')).at(-1)).toMatchObject({ kind: 'conflict', integrity: standing, other: integrityOf('swapped', '1.0.0') })
  })
})

describe('a private name', () => {
  it('is pinned under the same rules and leaves no trace in the log', async () => {
    const server = await serve()
    const name = '@private/secret-name'
    await publish(name, '1.0.0')
    await publish(name, '1.1.0')
    expect(versionsOf(await packument(server, name))).toHaveLength(2)
    expect((await rows(server, 'SELECT * FROM pins')).map(({ name, version }) => `${String(name)}@${String(version)}`)).toEqual([`${name}@1.0.0`, `${name}@1.1.0`])
    await publish(name, '1.0.0', 'evil')
    expect(versionsOf(await packument(server, name))).toEqual(['1.1.0'])
    expect(codeOf(await tarball(server, name, '1.0.0'))).toEqual([403, 'CONFLICT'])
    expect(await incidentsAbout(server, name)).toMatchObject([{ kind: 'conflict', record: null }])

    expect(await recordsOf(server)).toEqual([])
    for (const table of ['records', 'packages']) expect(JSON.stringify(await rows(server, `SELECT * FROM ${table}`))).toBe('[]')
    expect((await ask(`${server.url}sumdb/lookup/npm/${name}@1.1.0`)).status).toBe(404)
    await until('the incident is in the request log', () => server.logs().some(({ incident }) => incident === 'conflict'))
    expect(server.stdout()).not.toContain('secret-name')
  })
})

describe('a server that starts with what another one fetched', () => {
  it('records it before it serves it', async () => {
    const name = 'warm'
    const cache = { fresh: '1h' }
    const first = await serve({ cache, dataDir: await temporaryDir() })
    await publish(name, '1.0.0')
    await publishOld(name, '0.9.0')
    expect(versionsOf(await packument(first, name))).toHaveLength(2)
    await first.stop()

    // The same cache, another database, as servers that share a Redis have it.
    const dataDir = await temporaryDir()
    await cp(join(first.dataDir, 'cache'), join(dataDir, 'cache'), { recursive: true })
    const asked = upstream.count('GET', `/${name}`)
    const second = await serve({ cache, dataDir })
    expect(await recordsOf(second)).toEqual([])
    const answers = await Promise.all([packument(second, name), ask(`${second.npmUrl}${name}/latest`), tarball(second, name, '1.0.0')])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 302])
    expect(versionsOf(answers[0])).toHaveLength(2)
    expect(upstream.count('GET', `/${name}`)).toBe(asked)
    expect((await recordsAbout(second, name)).map(record => record.kind === 'version' && record.evidence).toSorted()).toEqual(['claimed', 'fetched'])
  })

  it('withholds what is in conflict with its own record', async () => {
    const name = 'disputed'
    const cache = { fresh: '1h' }
    const mine = await serve({ cache, dataDir: await temporaryDir() })
    await publish(name, '1.0.0')
    expect((await packument(mine, name)).status).toBe(200)
    await mine.stop()
    const theirs = await serve({ cache, dataDir: await temporaryDir() })
    await publish(name, '1.0.0', 'evil')
    await publish(name, '1.1.0')
    expect(versionsOf(await packument(theirs, name))).toHaveLength(2)
    await theirs.stop()

    await rm(join(mine.dataDir, 'cache'), { recursive: true })
    await cp(join(theirs.dataDir, 'cache'), join(mine.dataDir, 'cache'), { recursive: true })
    const again = await serve({ cache, dataDir: mine.dataDir })
    expect(versionsOf(await packument(again, name))).toEqual(['1.1.0'])
    expect(codeOf(await tarball(again, name, '1.0.0'))).toEqual([403, 'CONFLICT'])
  })
})

describe('a log that cannot take records', () => {
  it('has what is recorded served, and nothing else', async () => {
    const dataDir = await temporaryDir()
    const open = await serve({ cache: { fresh: 1 }, dataDir })
    for (const name of ['kept', 'grown']) {
      await publish(name, '1.0.0')
      expect((await packument(open, name)).status).toBe(200)
    }
    await open.stop()
    // Without the disk cache, the first look is at the registry.
    await rm(join(dataDir, 'cache'), { recursive: true })
    await publish('grown', '2.0.0')
    await publish('unseen', '1.0.0')
    const closed = await serve({ dataDir, env: { NUXT_SUMDB_ORIGIN: 'another.example' } })

    expect(versionsOf(await packument(closed, 'kept'))).toEqual(['1.0.0'])
    expect((await tarball(closed, 'kept', '1.0.0')).status).toBe(302)
    const grown = await packument(closed, 'grown')
    expect(versionsOf(grown)).toEqual(['1.0.0'])
    expect(grown.json['dist-tags']).toEqual({ latest: '1.0.0' })
    for (const path of ['unseen', 'unseen/latest', 'grown/2.0.0', tarballPath('grown', '2.0.0')]) {
      const answer = await ask(closed.npmUrl + path)
      expect(codeOf(answer)).toEqual([503, 'LOG_UNAVAILABLE'])
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    }
    // What is known and recorded stands while something new cannot be recorded.
    await publish('kept', '1.1.0')
    const kept = await packument(closed, 'kept')
    expect(versionsOf(kept)).toEqual(['1.0.0'])
    expect(kept.headers.warning).toContain('Stale')

    await closed.stop()
    const reopened = await serve({ dataDir })
    expect(versionsOf(await packument(reopened, 'kept'))).toEqual(['1.0.0', '1.1.0'])
    expect(versionsOf(await packument(reopened, 'grown'))).toEqual(['1.0.0', '2.0.0'])
    expect((await packument(reopened, 'unseen')).status).toBe(200)
    expect((await recordsOf(reopened)).filter(({ kind }) => kind === 'version')).toHaveLength(5)
  })
})
