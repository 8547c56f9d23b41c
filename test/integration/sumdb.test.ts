import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goLookupPath, manifestDigest, parseRecord } from '../../shared/record/index.ts'
import {
  createVerifier, decodeBase64, decodeBundle, encodeBase64, leafHash, nodeHash, openCheckpoint, openNote, parseGoTree, rootOf,
  verifyEd25519, verifyTlogProof, type Hash,
} from '../../shared/tlog/index.ts'
import type { LogCheckpointPage, LogEntryDetail, LogEntryPage, LogOverview } from '../../shared/types/log.ts'
import { createFixtureRegistry, createSigningKey, publishTree, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { askRaw, type RawAnswer, type RawAsk } from './raw.ts'

const IMMUTABLE = 'public, max-age=31536000, immutable'
const TEXT = 'text/plain; charset=utf-8'
const BYTES = 'application/octet-stream'
const ALIAS = 'sum.proxy.example'
const VERSIONS = 300

let upstream: FixtureRegistry
let acme: FixtureRegistry
let server: TestServer
const closing: (() => Promise<unknown>)[] = []

async function serve(): Promise<TestServer> {
  const started = await startServer({
    config: {
      registries: [
        { id: 'npm', url: upstream.url, role: 'authority' },
        { id: 'acme', url: acme.url, role: 'authority', namespace: 'npm.acme.example' },
      ],
      routes: [{ match: ['@acme/*'], registry: 'acme' }],
      private: ['@private/*'],
    },
    env: { NUXT_SUMDB_HOSTS: ALIAS, NUXT_SUMDB_ORIGIN: 'sum.example' },
  })
  closing.push(() => started.stop())
  return started
}

beforeAll(async () => {
  upstream = await createFixtureRegistry({ sign: true })
  acme = await createFixtureRegistry()
  closing.push(() => upstream.close(), () => acme.close())
  await publishTree(upstream)
  for (let patch = 0; patch < VERSIONS; patch++) await upstream.publish({ name: 'many', version: `1.0.${patch}` })
  for (const version of ['1.0.0', '2.0.0-rc.1+build.5', '2.0.0-RC2']) await upstream.publish({ name: '@s/n', version })
  await upstream.publish({ name: '@private/x', version: '1.0.0' })
  await acme.publish({ name: '@acme/x', version: '1.0.0' })
  server = await serve()
  expect((await ask('/lookup/npm/many@1.0.0')).status).toBe(200)
})

afterAll(async () => {
  for (const close of closing.reverse()) await close()
})

const ask = (path: string, more?: RawAsk) => askRaw(server.url, `/sumdb${path}`, more)
const textOf = async (path: string) => (await ask(path)).body.toString()
const keyAt = async (path: string) => createVerifier((await textOf(path)).trim(), verifyEd25519)
const head = async () => openCheckpoint(await textOf('/checkpoint'), await keyAt('/vkey'))
const bytesOf = (text: string) => new TextEncoder().encode(text)

/** All entries, as anybody can read them. */
async function entries(): Promise<Uint8Array[]> {
  const { size } = await head()
  const all: Uint8Array[] = []
  for (let index = 0; index * 256 < size; index++) {
    const width = Math.min(256, size - index * 256)
    const { body } = await ask(`/tile/entries/${String(index).padStart(3, '0')}${width < 256 ? `.p/${width}` : ''}`)
    all.push(...decodeBundle(body, width))
  }
  return all
}

function expectRefused(answer: RawAnswer, code: string | RegExp, statuses: number[], head = false): void {
  const { status, reason, headers, body } = answer
  expect(statuses).toContain(status)
  expect(headers['content-type']).toBe('application/json')
  expect(headers['cache-control']).toBe('no-store')
  expect(headers['access-control-allow-origin']).toBe('*')
  if (head) return expect(body).toHaveLength(0)
  const { json } = answer
  expect(json.code).toMatch(code)
  expect(json.error).toMatch(/^\S.{10,}\.$/)
  expect(json.error).not.toContain('\n')
  expect(json).toEqual({ error: json.error, message: json.error, code: json.code })
  expect(reason).toBe(headers['npm-notice'])
}

/** Runs what must not change anything: no record, and nobody upstream asked. */
async function storesNothing(work: () => Promise<unknown>): Promise<void> {
  const before = await textOf('/checkpoint')
  upstream.reset()
  acme.reset()
  await work()
  expect(await textOf('/checkpoint')).toBe(before)
  expect([...upstream.requests, ...acme.requests].map(({ url }) => url)).toEqual([])
}

describe('what is served', () => {
  it.each<[path: string, type: string, caching: string]>([
    ['/checkpoint', TEXT, 'public, max-age=2'], ['/vkey', TEXT, 'public, max-age=60'], ['/go/vkey', TEXT, 'public, max-age=60'],
    ['/go/latest', TEXT, 'public, max-age=2'], ['/go/supported', TEXT, 'public, max-age=60'],
    ['/tile/0/000', BYTES, IMMUTABLE], ['/tile/0/000.p/7', BYTES, IMMUTABLE], ['/tile/0/001.p/1', BYTES, IMMUTABLE], ['/tile/1/000.p/1', BYTES, IMMUTABLE],
    ['/tile/entries/000', BYTES, IMMUTABLE], ['/tile/entries/000.p/255', BYTES, IMMUTABLE], ['/tile/entries/001.p/3', BYTES, IMMUTABLE],
    ['/go/tile/8/0/000', BYTES, IMMUTABLE], ['/go/tile/8/1/000.p/1', BYTES, IMMUTABLE], ['/go/tile/8/data/000', TEXT, IMMUTABLE], ['/go/tile/8/data/001.p/2', TEXT, IMMUTABLE],
    ['/lookup/npm/many@1.0.7', TEXT, 'public, max-age=60'], ['/proof/npm/many@1.0.7', TEXT, 'public, max-age=60'],
    ['/go/lookup/npm.npmx.dev/many@1.0.7', TEXT, 'public, max-age=60'],
  ])('%s says what it is, for how long, and to everybody', async (path, type, caching) => {
    for (const at of [path, `${path}?query`]) {
      const got = await ask(at)
      expect(got.status).toBe(200)
      expect(got.headers).toMatchObject({
        'content-type': type, 'cache-control': caching, 'access-control-allow-origin': '*', 'content-length': String(got.body.length),
      })
      expect(got.headers).not.toHaveProperty('content-encoding')
      const { status, headers, body } = await ask(at, { method: 'HEAD' })
      expect([status, body.length]).toEqual([200, 0])
      expect({ ...headers, date: '' }).toEqual({ ...got.headers, date: '' })
    }
  })

  it('is the tree of its entries, byte for byte', async () => {
    const all = await entries()
    const { size, root, origin } = await head()
    expect([origin, all.length]).toEqual(['sum.example', size])
    let level = all.map(leafHash)
    expect(encodeBase64(rootOf(level))).toBe(encodeBase64(root))
    const { text } = openNote(await textOf('/go/latest'), [await keyAt('/go/vkey')])
    expect(parseGoTree(text)).toEqual({ size, root })

    for (let height = 0; level.length > 0; height++) {
      const above: Hash[] = []
      for (let index = 0; index * 256 < level.length; index++) {
        const hashes = level.slice(index * 256, index * 256 + 256)
        for (const width of new Set([hashes.length, 1, Math.ceil(hashes.length / 2)])) {
          const path = `${height}/${String(index).padStart(3, '0')}${width < 256 ? `.p/${width}` : ''}`
          const expected = Buffer.concat(hashes.slice(0, width))
          expect((await ask(`/tile/${path}`)).body.equals(expected)).toBe(true)
          expect((await ask(`/go/tile/8/${path}`)).body.equals(expected)).toBe(true)
        }
        if (hashes.length === 256) above.push(perfect(hashes))
      }
      level = above
    }
  })

  it('as entries is the same for Go, and gzipped where that is read', async () => {
    const texts = (await entries()).map(entry => Buffer.from(entry).toString())
    for (const text of texts) expect(parseRecord(text).kind).toBeTypeOf('string')
    expect(await textOf('/go/tile/8/data/000')).toBe(texts.slice(0, 256).map(text => `${text}\n`).join(''))
    for (const path of ['/tile/entries/000', '/go/tile/8/data/000']) {
      const [plain, packed] = await Promise.all(['identity', 'gzip'].map(encoding => ask(path, { headers: { 'accept-encoding': encoding } })))
      expect(packed!.headers).toMatchObject({ 'content-encoding': 'gzip', 'vary': 'accept-encoding' })
      expect(gunzipSync(packed!.body).equals(plain!.body)).toBe(true)
    }
  })

  it('has the clients\' host name to itself', async () => {
    const alias = (path: string) => askRaw(server.url, path, { headers: { host: ALIAS } })
    expect((await alias('/tile/0/000')).body.equals((await ask('/tile/0/000')).body)).toBe(true)
    expect((await alias('/checkpoint')).headers['content-type']).toBe(TEXT)
    expect((await alias('/lookup/npm/@s%2fn@1.0.0')).status).toBe(200)
    expectRefused(await alias('/npm/many'), 'BAD_NAME', [404])
  })
})

describe('a version', () => {
  const spellings = ['@s/n', '@s%2fn', '@s%2Fn', '%40s%2Fn', '%40s/n']

  it('is found by every spelling of its name', async () => {
    const key = await keyAt('/vkey')
    for (const version of ['1.0.0', '2.0.0-rc.1+build.5', '2.0.0-rc.1%2Bbuild.5', '2.0.0-RC2']) {
      const seen = new Set<string>()
      for (const name of spellings) {
        const [lookup, proof] = await Promise.all([textOf(`/lookup/npm/${name}@${version}`), textOf(`/proof/npm/${name}@${version}`)])
        const [, index, record, checkpoint] = /^(\d+)\n((?:.+\n)+)\n([^]+)$/.exec(lookup)!
        const dist = upstream.manifest('@s/n', decodeURIComponent(version)).dist
        expect(parseRecord(record!)).toMatchObject({
          kind: 'version', subject: { name: '@s/n', version: decodeURIComponent(version) }, integrity: dist.integrity,
          manifest: manifestDigest(upstream.manifest('@s/n', decodeURIComponent(version))),
        })
        expect(openCheckpoint(checkpoint!, key).size).toBeGreaterThan(Number(index))
        expect(verifyTlogProof(proof, bytesOf(record!), key).index).toBe(Number(index))
        seen.add(`${index}\n${record}`)
      }
      expect(seen.size).toBe(1)
    }
  })

  it('is found by Go\'s name for it', async () => {
    const key = await keyAt('/go/vkey')
    for (const version of ['1.0.0', '2.0.0-rc.1+build.5', '2.0.0-RC2']) {
      const [, index, record, note] = /^(\d+)\n((?:.+\n)+)\n([^]+)$/.exec(await textOf(`/go/lookup/${goLookupPath('@s/n', version)}`))!
      expect((await textOf(`/lookup/npm/@s/n@${encodeURIComponent(version)}`)).startsWith(`${index}\n${record}\n`)).toBe(true)
      expect(parseGoTree(openNote(note!, [key]).text).size).toBeGreaterThan(Number(index))
    }
  })

  it('of another authority says which', async () => {
    expect(await textOf('/lookup/npm/@acme/x@1.0.0')).toMatch(/^\d+\nversion pkg:npm\/%40acme\/x@1\.0\.0\?repository_url=npm\.acme\.example\n/)
  })

  it('that was never asked for is recorded by the first lookup, once', async () => {
    const { size } = await head()
    await upstream.publish({ name: 'asked-first-here', version: '1.0.0' })
    const answers = await Promise.all(['lookup', 'proof', 'lookup'].map(route => ask(`/${route}/npm/asked-first-here@1.0.0`)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(upstream.count('GET', '/asked-first-here')).toBe(1)
    expect((await textOf('/lookup/npm/asked-first-here@1.0.0')).split('\n', 1)[0]).toBe(String(size))
    expect((await entries()).filter(entry => Buffer.from(entry).includes('version pkg:npm/asked-first-here@'))).toHaveLength(1)
  })

  it('that there is not is 404, and not kept', async () => {
    for (const path of ['/lookup/npm/many@9.9.9', '/proof/npm/many@9.9.9', '/go/lookup/npm.npmx.dev/many@9.9.9', '/lookup/npm/nobody@1.0.0']) {
      for (const method of ['GET', 'HEAD']) expectRefused(await ask(path, { method }), /^(VERSION_)?NOT_FOUND$/, [404], method === 'HEAD')
    }
  })

  it('of a private name is 404, and nobody hears of it', async () => {
    await storesNothing(async () => {
      for (const path of ['/lookup/npm/@private/x@1.0.0', '/proof/npm/@private%2fx@1.0.0', '/go/lookup/npm.npmx.dev/private/x@1.0.0']) {
        expectRefused(await ask(path), 'NOT_FOUND', [404])
      }
    })
  })
})

describe('a signed record', () => {
  async function draftOf(name: string, version: string, key?: ReturnType<typeof createSigningKey>): Promise<string> {
    const manifest = upstream.manifest(name, version)
    const { integrity, signatures } = manifest.dist
    const { time } = await (await fetch(upstream.url + name)).json() as { time: Record<string, string> }
    const { keyid, sig } = key?.sign(`${name}@${version}:${integrity}`) ?? signatures![0]!
    return [
      `version pkg:npm/${name}@${version}`, `integrity ${integrity}`, `manifest ${manifestDigest(manifest)}`, `published ${time[version]}`,
      'evidence signed', `signature ${keyid} ${sig}`, '',
    ].join('\n')
  }
  const add = (body: string | Buffer) => ask('/add', { method: 'POST', body })

  it('gets its index', async () => {
    await upstream.publish({ name: 'added', version: '1.0.0' })
    const draft = await draftOf('added', '1.0.0')
    const { status, headers, body } = await add(draft)
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([200, TEXT, 'no-store'])
    expect((await textOf('/lookup/npm/added@1.0.0')).split('\n', 1)[0]).toBe(body.toString())
    expect((await add(draft)).body.toString()).toBe(body.toString())
  })

  it('is refused with another signature, key or digest, and leaves no trace', async () => {
    await upstream.publish({ name: 'forged', version: '1.0.0' })
    const good = await draftOf('forged', '1.0.0')
    const strange = await draftOf('forged', '1.0.0', createSigningKey())
    const before = await textOf('/checkpoint')
    expectRefused(await add(strange), 'NOT_VERIFIED', [403])
    expectRefused(await add(good.replace(/integrity .*/, `integrity sha512-${Buffer.alloc(64).toString('base64')}`)), 'NOT_VERIFIED', [403])
    expectRefused(await add(good.replace('forged@1.0.0', 'forged@1.0.1')), 'NOT_VERIFIED', [403])
    expect(await textOf('/checkpoint')).toBe(before)
    // Its signature says nothing of the manifest: a stranger's word for it must not stand.
    expectRefused(await add(good.replace(/manifest .*/, `manifest sha256-${Buffer.alloc(32).toString('base64')}`)), 'CONFLICT', [403])
    expect((await add(good)).status).toBe(200)
    expect(await textOf('/lookup/npm/forged@1.0.0')).toContain(/manifest .*/.exec(good)![0])
  })

  it('that is none is refused, whatever it is', async () => {
    const good = await draftOf('many', '1.0.0')
    await storesNothing(async () => {
      for (const body of [
        '', 'x', '{}', good.slice(0, -1), `${good}\n`, good.replaceAll('\n', '\r\n'), good.replace('many', 'm\u0000ny'), good.replace('many', '..%2fmany'), `\ufeff${good}`,
        good.replace('evidence signed', 'evidence claimed'), good.replace(/signature .*\n/, ''), good.replace('evidence', 'recorded 2026-01-01T00:00:00.000Z\nevidence'),
        Buffer.concat([Buffer.from(good), Buffer.from([0xc3, 0x28, 0x0a])]), good.replace(/SHA256:\S+/, 'k'.repeat(60_000)), good.replace('pkg:npm', 'pkg:pypi'),
      ]) expectRefused(await add(body), 'BAD_REQUEST', [400])
      expectRefused(await add('x'.repeat(1_000_000)), 'BODY_TOO_LARGE', [413])
      expectRefused(await add(good.replace('many@1.0.0', '%40private/x@1.0.0')), 'NOT_FOUND', [404])
      expectRefused(await add(good.replace('many@1.0.0', 'many@1.0.0?repository_url=evil.example')), 'NOT_FOUND', [404])
    })
  })
})

describe('what there is not', () => {
  const MALFORMED = [
    '/tile/', '/tile/0', '/tile/0/0', '/tile/00/000', '/tile/64/000', '/tile/0/x000/001', '/tile/0/000.p/0', '/tile/0/000.p/256', '/tile/0/000.p/01', '/tile/0/000.p/1/',
    '/tile/0/x999/x999/x999/x999/x999/999', '/tile/entries/0', '/tile/entries/000.p/256', '/tile/entries/x000/000', '/go/tile/8/0/000.p/256', '/go/tile/7/0/000',
    '/go/tile/8/data/00', '/tile/0/%30%30%30', '/tile/-1/000', '/tile/data/000', '/lookup/npm/', '/lookup/npm/x', '/lookup/npm/x@', '/lookup/npm/x@latest', '/lookup/x@1.0.0',
    '/lookup/npm/a%252fb@1.0.0', '/lookup/npm/@s%252fn@1.0.0', '/lookup/npm/..%2fx@1.0.0', '/lookup/npm//x@1.0.0', '/lookup/npm/../x@1.0.0', '/lookup/npm/%2e%2e/x@1.0.0',
    '/lookup/npm/x%00@1.0.0', '/lookup/npm/x@1.0.0%0a', '/lookup/npm/x%0d%0aset-cookie:a@1.0.0', '/lookup/npm/x%20y@1.0.0', '/lookup/npm/x\\y@1.0.0', '/lookup/npm/%@1.0.0',
    '/lookup/npm/%c3%28@1.0.0', '/lookup/npm/.x@1.0.0', '/lookup/npm/x@1.0.0/y', '/proof/npm/@s/n/@1.0.0', '/proof/npm/@s@1.0.0', '/proof/npm/x@%00', '/lookup/npm/x@__proto__',
    '/go/lookup/x@1.0.0', '/go/lookup/npm.npmx.dev/JSONStream@1.0.0', '/go/lookup/golang.org/x/mod@v0.1.0', '/go/lookup/npm.npmx.dev/x@%00', '/go/lookup/%2e%2e/x@1.0.0',
    `/lookup/npm/x@1.0.0-${'a'.repeat(500)}`,
  ]
  const BEYOND = [
    '/tile/0/999', '/tile/0/x009/x007/x199/x254/x740/991', '/tile/63/000.p/1', '/tile/2/000.p/1', '/tile/0/001.p/255', '/tile/entries/999.p/1', '/tile/6/x009/x007/x199/x254/x740/991',
    '/go/tile/8/0/x999/999', '/go/tile/8/63/999.p/1', '/go/tile/8/data/x009/x007/x199/x254/x740/991',
  ]
  const UNKNOWN = ['/', '', '//', '/x', '/checkpoint/', '/Checkpoint', '/%63heckpoint', '/go', '/latest', '/__proto__', '/tile', `/${'x'.repeat(5000)}`, '/go/checkpoint']

  it.each([
    ['malformed', MALFORMED, 'BAD_REQUEST', 400], ['beyond the tree', BEYOND, 'NOT_FOUND', 404], ['unknown', UNKNOWN, 'BAD_NAME', 404],
  ] as const)('%s is refused, and nobody is asked', async (_, paths, code, status) => {
    await storesNothing(async () => {
      for (const path of paths) {
        for (const method of ['GET', 'HEAD']) expectRefused(await ask(path, { method }), code, [status], method === 'HEAD')
      }
    })
  })

  it('methods are told which there are', async () => {
    await storesNothing(async () => {
      for (const path of ['/checkpoint', '/tile/0/000', '/tile/entries/000', '/lookup/npm/nobody@1.0.0', '/proof/npm/nobody@1.0.0', '/go/latest', '/x']) {
        for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
          const answer = await ask(path, { method, ...(method === 'POST' && { body: 'x'.repeat(1_000_000) }) })
          expectRefused(answer, 'METHOD_NOT_ALLOWED', [405])
          expect(answer.headers.allow).toBe('GET, HEAD, OPTIONS')
        }
        const { status, headers, body } = await ask(path, { method: 'OPTIONS', headers: { 'origin': 'https://page.example', 'access-control-request-method': 'GET' } })
        expect([status, body.length]).toEqual([204, 0])
        expect(headers).toMatchObject({ 'access-control-allow-origin': '*', 'access-control-allow-methods': 'GET, HEAD' })
      }
      expect((await ask('/add')).headers.allow).toBe('POST, OPTIONS')
    })
  })
})

describe('the log for web pages', () => {
  const api = (path: string) => askRaw(server.url, `/api/log${path}`)
  const read = async <T>(path: string): Promise<T> => {
    const { status, headers, json } = await api(path)
    expect(status).toBe(200)
    expect(headers['content-type']).toMatch(/^application\/json/)
    expect(headers['cache-control']).toBe('public, max-age=2')
    return json as T
  }

  it('describes itself', async () => {
    const { size, root } = await head()
    const overview = await read<LogOverview>('')
    expect(overview).toMatchObject({ origin: 'sum.example', size, root: encodeBase64(root), state: 'ok', vkey: (await textOf('/vkey')).trim(), goVkey: (await textOf('/go/vkey')).trim() })
    expect(Math.abs(Date.now() - Date.parse(overview.time!))).toBeLessThan(600_000)
  })

  it('lists entries, newest first, and finds them', async () => {
    const all = (await entries()).map(entry => Buffer.from(entry).toString())
    const seen: string[] = []
    for (let before: number | null | undefined; before !== null;) {
      const page: LogEntryPage = await read(`/entries?limit=200${before === undefined ? '' : `&before=${before}`}`)
      for (const { index, text, record } of page.entries) {
        expect(record).toEqual(parseRecord(text))
        expect(all[index]).toBe(text)
        seen.push(text)
      }
      before = page.next
    }
    expect(seen).toEqual(all.toReversed())
    const { entries: found, next } = await read<LogEntryPage>('/entries?package=@s%2fn&kind=version')
    expect([found.length, next]).toEqual([3, null])
    expect((await read<LogEntryPage>('/entries?q=man&limit=1')).entries).toHaveLength(1)
    expect((await read<LogEntryPage>('/entries?package=@acme/x')).entries.map(({ record: { kind } }) => kind)).toEqual(['tags', 'version'])
    expect((await read<LogEntryPage>('/entries?q=@private')).entries).toEqual([])
  })

  it('proves an entry', async () => {
    const entry = await read<LogEntryDetail>('/entries/7')
    const { size } = openCheckpoint(entry.checkpoint, await keyAt('/vkey'))
    expect(entry.proof).toMatchObject({ size })
    expect([entry.previous, entry.next]).toEqual([6, 8])
    expect(decodeBase64(entry.leafHash)).toEqual(leafHash(bytesOf(entry.text)))
    const folded = verifyTlogProof(
      ['c2sp.org/tlog-proof@v1', 'index 7', ...entry.proof.hashes, '', entry.checkpoint].join('\n'), bytesOf(entry.text), await keyAt('/vkey'),
    )
    expect(encodeBase64(folded.root)).toBe(entry.proof.root)
  })

  it('lists what was published', async () => {
    const { checkpoints } = await read<LogCheckpointPage>('/checkpoints?limit=200')
    expect(checkpoints.map(({ size }) => size)).toEqual(checkpoints.map(({ size }) => size).toSorted((a, b) => b - a))
    expect(checkpoints[0]!.checkpoint).toBe(await textOf('/checkpoint'))
    for (const { size, root, checkpoint } of checkpoints) {
      expect(openCheckpoint(checkpoint, await keyAt('/vkey'))).toMatchObject({ size, root: decodeBase64(root) })
    }
  })

  it.each([
    ['/entries?limit=0', 400], ['/entries?limit=201', 400], ['/entries?limit=x', 400], ['/entries?before=-1', 400], ['/entries?before=01', 400], ['/entries?kind=none', 400],
    ['/entries?package=..%2fx', 400], ['/entries?package=x%00', 400], ['/entries?q=', 400], ['/entries?q=%c3%28', 400], ['/entries?limit=1&limit=2', 400], ['/entries?x=1', 400],
    ['/entries/x', 400], ['/entries/01', 400], ['/entries/-1', 400], ['/entries/1%2f2', 400], ['/entries/%00', 400], ['/entries/9007199254740991', 404], ['/entries/99999999999999999999', 400],
    ['/checkpoints?limit=0', 400], ['/checkpoints?kind=version', 400],
  ])('%s is %i, in one sentence', async (path, status) => {
    const answer = await api(path)
    expect(answer.status).toBe(status)
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' })
    expect(answer.json).toMatchObject({ code: status === 404 ? 'NOT_FOUND' : 'BAD_REQUEST', error: expect.stringMatching(/^\S.{10,}\.$/) as string })
  })
})

it('books are kept: routes label metrics, names do not', async () => {
  const metrics = (await askRaw(server.url, '/metrics')).body.toString()
  for (const route of ['checkpoint', 'tile', 'entries', 'lookup', 'proof', 'add', 'go-latest', 'go-tile', 'go-data', 'go-lookup', 'malformed', 'unknown']) {
    expect(metrics).toMatch(new RegExp(`registry_requests_total\\{route="sumdb-${route}",status="\\d+"\\} [1-9]`))
  }
  expect(metrics).not.toMatch(/many|%40|@s/)
  expect(server.stdout()).not.toContain('@private')
  expect(server.logs().some(({ route, package: name }) => route === 'sumdb-lookup' && name === '@s/n')).toBe(true)
})

it('who has too much recorded has to wait', async () => {
  const answers = new Map<number, number>()
  for (let n = 0; n < 700; n += 25) {
    const batch = await Promise.all(Array.from({ length: 25 }, (_, i) => ask(`/lookup/npm/many@9.9.${n + i}`)))
    for (const { status } of batch) answers.set(status, (answers.get(status) ?? 0) + 1)
  }
  expect([...answers.keys()].toSorted()).toEqual([404, 429])
  expect(answers.get(404)).toBeLessThanOrEqual(600)
  expect(answers.get(404)).toBeGreaterThan(400)
  const limited = await ask('/lookup/npm/many@9.9.9')
  expectRefused(limited, 'RATE_LIMITED', [429])
  expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0)
  expect((await ask('/lookup/npm/many@1.0.9')).status).toBe(200)
  expect((await ask('/tile/0/000')).status).toBe(200)
})

function perfect(hashes: Hash[]): Hash {
  if (hashes.length === 1) return hashes[0]!
  const half = hashes.length / 2
  return nodeHash(perfect(hashes.slice(0, half)), perfect(hashes.slice(half)))
}
