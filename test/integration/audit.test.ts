import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createFixtureRegistry, type Advisory, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { createToken } from '../fixtures/token.ts'
import { askRaw, type RawAsk } from './raw.ts'

const BULK = '/-/npm/v1/security/advisories/bulk'
const QUICK = '/-/npm/v1/security/audits/quick'
const AUDITS = '/-/npm/v1/security/audits'
const ACME_TOKEN = 'npm_acme'
const MAX_BODY = 100_000

let main: FixtureRegistry
let acme: FixtureRegistry
let server: TestServer

const advisory = (id: number, vulnerable = '<2.0.0'): Advisory =>
  ({ id, url: `https://advisories.example/${id}`, title: `advisory ${id}`, severity: 'high', vulnerable_versions: vulnerable })

beforeAll(async () => {
  main = await createFixtureRegistry()
  acme = await createFixtureRegistry({ token: ACME_TOKEN })
  main.advisories.set('fx-lib', [advisory(1)])
  main.advisories.set('@s/n', [advisory(2)])
  acme.advisories.set('@acme/x', [advisory(3)])
  server = await startServer({
    config: {
      registries: [{ id: 'npm', url: main.url, role: 'authority' }, { id: 'acme', url: acme.url, role: 'authority', token: ACME_TOKEN }],
      routes: [{ match: ['@acme/*'], registry: 'acme' }],
      private: ['@acme/secret-*', 'secret', 'secret-*', '@hush/*'],
      limits: { maxRequestBody: MAX_BODY, retries: 0 },
    },
  })
})

afterAll(async () => {
  await server.stop()
  await Promise.all([main.close(), acme.close()])
})

beforeEach(() => {
  main.reset()
  acme.reset()
})

const post = (path: string, body: unknown, more: RawAsk = {}) => {
  const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  return askRaw(server.url, `/npm${path}`, { method: 'POST', body: bytes, ...more, headers: { 'content-type': 'application/json', ...more.headers } })
}
/** What a registry was sent, as it reads it. */
const sentTo = (registry: FixtureRegistry) => registry.requests.map(({ body, headers }) =>
  JSON.parse((headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString()) as unknown)

describe('the bulk audit', () => {
  const installed = {
    'fx-lib': ['1.0.0', '1.1.0'], '@s/n': ['1.0.0'], '@acme/x': ['1.0.0'], '@acme/secret-x': ['1.0.0'], 'secret': ['1.0.0'],
    'secret-plans': ['1.0.0'], '@hush/hush': ['1.0.0'], 'secretary': ['3.0.0'],
  }

  it.each<[how: string, encode: (text: string) => Buffer, headers: Record<string, string>]>([
    ['plain', Buffer.from, {}],
    ['gzipped, as npm and bun send it', gzipSync, { 'content-encoding': 'gzip' }],
  ])('asks each registry for its own names, and nobody for private ones (%s)', async (_, encode, headers) => {
    const { status, json } = await post(BULK, encode(JSON.stringify(installed)), { headers })
    expect(status).toBe(200)
    expect(json).toEqual({ 'fx-lib': [advisory(1)], '@s/n': [advisory(2)], '@acme/x': [advisory(3)] })
    expect(sentTo(main)).toEqual([{ 'fx-lib': ['1.0.0', '1.1.0'], '@s/n': ['1.0.0'], 'secretary': ['3.0.0'] }])
    expect(sentTo(acme)).toEqual([{ '@acme/x': ['1.0.0'] }])
    const wire = JSON.stringify([...main.requests, ...acme.requests].map(({ url, headers, body }) => [url, headers, body.toString('latin1')]))
    expect(wire).not.toMatch(/hush|secret-|"secret"/)
    expect(main.requests[0]!.headers).not.toHaveProperty('authorization')
    expect(acme.requests[0]!.headers.authorization).toBe(`Bearer ${ACME_TOKEN}`)
  })

  it('of private packages only leaves the house not at all', async () => {
    const { status, json } = await post(BULK, { 'secret': ['1.0.0'], '@acme/secret-x': ['1.0.0'] })
    expect(status).toBe(200)
    expect(json).toEqual({})
    expect([...main.requests, ...acme.requests]).toEqual([])
  })

  it('of nothing is nothing', async () => {
    expect((await post(BULK, {})).json).toEqual({})
    expect(main.requests).toEqual([])
  })

  it.each([404, 401, 500])('does without the advisories of a registry beside the default one that answers %i', async (status) => {
    acme.fault({ method: 'POST' }, { status })
    const answer = await post(BULK, installed)
    expect(answer.status).toBe(200)
    expect(answer.json).toEqual({ 'fx-lib': [advisory(1)], '@s/n': [advisory(2)] })
  })

  it.each<[status: number, code: string, answered: number]>([
    [404, 'NOT_FOUND', 404], [500, 'UPSTREAM_UNAVAILABLE', 503], [503, 'UPSTREAM_UNAVAILABLE', 503], [429, 'UPSTREAM_UNAVAILABLE', 503],
  ])('says so when the default registry answers %i', async (status, code, answered) => {
    main.fault({ method: 'POST' }, { status })
    const answer = await post(BULK, installed)
    expect(answer.status).toBe(answered)
    expect(answer.json.code).toBe(code)
    expect('retry-after' in answer.headers).toBe(answered === 503)
  })

  it('passes the default registry\'s own refusal on', async () => {
    main.fault({ method: 'POST' }, { status: 400, body: { error: 'Bad request, says the registry' } })
    const { status, json } = await post(BULK, installed)
    expect(status).toBe(400)
    expect(json).toEqual({ error: 'Bad request, says the registry' })
  })

  it('does not pass on what is not JSON', async () => {
    main.fault({ method: 'POST' }, { html: true })
    const { status, json } = await post(BULK, installed)
    expect(status).toBe(502)
    expect(json.code).toBe('UPSTREAM_INVALID')
  })

  it('is not led astray by a prototype', async () => {
    main.fault({ method: 'POST' }, { raw: '{"__proto__":[{"id":9}],"fx-lib":[]}' })
    const { status, body } = await post(BULK, '{"__proto__":["1.0.0"],"constructor":["1.0.0"],"fx-lib":["1.0.0"]}')
    expect(status).toBe(200)
    expect(body.toString()).toBe('{"__proto__":[{"id":9}],"fx-lib":[]}')
    expect(main.requests[0]!.body.toString()).toBe('{"__proto__":["1.0.0"],"constructor":["1.0.0"],"fx-lib":["1.0.0"]}')
  })
})

describe('a body that is none', () => {
  it.each<[what: string, body: Buffer | string, headers: Record<string, string>, status: number, code: string]>([
    ['nothing', '', {}, 400, 'BAD_REQUEST'],
    ['no JSON', '{"a":', {}, 400, 'BAD_REQUEST'],
    ['a list', '["fx-lib"]', {}, 400, 'BAD_REQUEST'],
    ['null', 'null', {}, 400, 'BAD_REQUEST'],
    ['a text', '"fx-lib"', {}, 400, 'BAD_REQUEST'],
    ['plain where gzip is said', '{}', { 'content-encoding': 'gzip' }, 400, 'BAD_REQUEST'],
    ['gzip that is cut short', gzipSync('{"fx-lib":["1.0.0"]}').subarray(0, -9), { 'content-encoding': 'gzip' }, 400, 'BAD_REQUEST'],
    ['gzip where nothing is said', gzipSync('{}'), {}, 400, 'BAD_REQUEST'],
    ['in another encoding', '{}', { 'content-encoding': 'br' }, 400, 'BAD_REQUEST'],
    ['too large', `{"a":"${'x'.repeat(MAX_BODY)}"}`, {}, 413, 'BODY_TOO_LARGE'],
    ['much too large', `{"a":"${'x'.repeat(MAX_BODY * 200)}"}`, {}, 413, 'BODY_TOO_LARGE'],
    ['too large without saying so', `{"a":"${'x'.repeat(MAX_BODY * 3)}"}`, { 'transfer-encoding': 'chunked' }, 413, 'BODY_TOO_LARGE'],
    ['a gzip bomb', gzipSync(Buffer.alloc(MAX_BODY * 500)), { 'content-encoding': 'gzip' }, 413, 'BODY_TOO_LARGE'],
  ])('%s is refused', async (_, body, headers, status, code) => {
    for (const path of [BULK, QUICK]) {
      const answer = await post(path, body, { headers })
      expect(answer.status).toBe(status)
      expect(answer.json.code).toBe(code)
    }
    expect([...main.requests, ...acme.requests]).toEqual([])
  })

  it('a tree without end is refused', async () => {
    const deep = (levels: number) => `${'{"dependencies":{"a":'.repeat(levels)}{}${'}}'.repeat(levels)}`
    expect((await post(QUICK, deep(1000))).status).toBe(400)
    expect((await post(BULK, '['.repeat(MAX_BODY / 2) + ']'.repeat(MAX_BODY / 2))).status).toBe(400)
    expect(main.requests).toEqual([])
    expect((await post(QUICK, deep(50))).status).toBe(200)
  })
})

describe.each([QUICK, AUDITS])('the older audit at %s', (path) => {
  it('is asked about a tree without private packages, and without those of other registries', async () => {
    const tree = {
      name: '@acme/secret-app',
      version: '1.0.0',
      install: ['fx-lib@^1.0.0', 'secret@^1.0.0', '@hush/a@latest', '@acme/x', 'secret'],
      remove: ['secret-plans', '@s/n'],
      metadata: { node_version: 'v24.11.0', platform: 'linux' },
      requires: { 'fx-lib': '^1.0.0', '@acme/x': '^1.0.0', 'secret': '1', '@hush/hush': '1', 'aliased': 'npm:secret@1' },
      dependencies: {
        'fx-lib': {
          version: '1.0.0', integrity: 'sha512-a', requires: { 'secret-x': '1', '@s/n': '1' },
          dependencies: {
            '@s/n': { version: '1.0.0', dependencies: { '@hush/deep': { version: '1.0.0', dependencies: { 'fx-lib': { version: '1.1.0' } } } } },
          },
        },
        '@acme/x': { version: '1.0.0', dependencies: { 'fx-lib': { version: '1.0.0' } } },
        'secret': { version: '1.0.0', dev: true },
        '@hush/hush': { version: '1.0.0', requires: { 'fx-lib': '1' } },
        'aliased': { version: 'npm:secret@1.0.0' },
        'aliased-scope': { version: 'npm:@acme/x@1.0.0', requires: {} },
        'renamed': { version: 'npm:fx-lib@1.0.0', dev: true },
      },
    }
    const { status, json } = await post(path, tree)
    expect(status).toBe(200)
    const found = Object.values(json.advisories as Record<string, Advisory & { module_name: string }>)
    expect(found.map(({ id, module_name }) => [id, module_name])).toEqual([[1, 'fx-lib'], [2, '@s/n']])
    expect(main.requests.map(({ url }) => url)).toEqual([path])
    expect(sentTo(main)).toEqual([{
      version: '1.0.0',
      install: ['fx-lib@^1.0.0'],
      remove: ['@s/n'],
      metadata: { node_version: 'v24.11.0', platform: 'linux' },
      requires: { 'fx-lib': '^1.0.0' },
      dependencies: {
        'fx-lib': {
          version: '1.0.0', integrity: 'sha512-a', requires: { '@s/n': '1' },
          dependencies: { '@s/n': { version: '1.0.0', dependencies: {} } },
        },
        'renamed': { version: 'npm:fx-lib@1.0.0', dev: true },
      },
    }])
    expect(acme.requests).toEqual([])
  })

  it('keeps what is public as it is', async () => {
    const tree = { name: 'my-app', version: '1.0.0', requires: true, dependencies: { 'fx-lib': { version: '1.0.0', dev: true, requires: {} } } }
    await post(path, gzipSync(JSON.stringify(tree)), { headers: { 'content-encoding': 'gzip' } })
    expect(sentTo(main)).toEqual([tree])
  })

  it('says so when the registry does not have it', async () => {
    main.fault({ method: 'POST' }, { status: 404 })
    const { status, json } = await post(path, { dependencies: {} })
    expect(status).toBe(404)
    expect(json.code).toBe('NOT_FOUND')
  })
})

it('nothing of a client\'s own headers goes with any of it', async () => {
  const identity = {
    'authorization': `Bearer ${await createToken(server)}`, 'cookie': 'a=b', 'referer': 'install secret', 'npm-command': 'audit', 'npm-session': '1', 'npm-scope': '@hush',
    'x-forwarded-for': '1.2.3.4', 'pacote-version': '21', 'user-agent': 'npm/11.6.1', 'accept-language': 'de', 'npm-in-ci': 'true',
  }
  for (const path of [BULK, QUICK, AUDITS]) await post(path, { 'fx-lib': ['1.0.0'], '@acme/x': ['1.0.0'] }, { headers: identity })
  const names = new Set([...main.requests, ...acme.requests].flatMap(({ headers }) => Object.keys(headers)))
  const ours = ['accept', 'accept-encoding', 'authorization', 'connection', 'content-length', 'content-type', 'host', 'user-agent', 'via']
  expect([...names].filter(name => !ours.includes(name))).toEqual([])
  for (const { headers } of main.requests) {
    expect(headers).not.toHaveProperty('authorization')
    expect(headers['user-agent']).toMatch(/^npmx-registry\//)
  }
})

describe('a search', () => {
  it.each(['secret', '@acme/secret-plans', 'fx-lib%20@hush/x', '@hush/x+fx-lib'])('for %s, which names something private, tells nobody', async (text) => {
    const { status, json } = await askRaw(server.url, `/npm/-/v1/search?text=${text}`)
    expect(status).toBe(200)
    expect(json).toMatchObject({ objects: [], total: 0 })
    expect([...main.requests, ...acme.requests]).toEqual([])
  })

  it('for anything else goes to the default authority', async () => {
    expect((await askRaw(server.url, '/npm/-/v1/search?text=secretary')).status).toBe(200)
    expect(main.requests.map(({ url }) => url)).toEqual(['/-/v1/search?text=secretary'])
  })
})
