import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CreatedProfile, PreferenceOptions, ProfileAnswer, ProfileContent } from '../../shared/types/preferences.ts'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { ask, statusOf, until } from './ask.ts'
import { askRaw, type RawAsk } from './raw.ts'

const ADMIN = 'preferences-admin-token-0123456789'
const NPM = { 'accept': 'application/json', 'user-agent': 'npm/11.6.1 node/v24.11.0 linux x64 workspaces/false' }
const PACKAGES = Array.from({ length: 8 }, (_, n) => n < 6 ? `pkg-${n}` : `@acme/pkg-${n}`)

let main: FixtureRegistry
let m1: FixtureRegistry
let m2: FixtureRegistry
let vault: FixtureRegistry
let server: TestServer
/** All that were made. */
const tokens: string[] = []
const closing: (() => Promise<unknown>)[] = []

const mirrors = () => [main, m1, m2]
const configOf = (more: object = {}) => ({
  registries: [
    { id: 'npm', url: main.url, role: 'authority' },
    { id: 'm1', url: m1.url, role: 'mirror', of: 'npm' },
    { id: 'm2', url: m2.url, role: 'mirror', of: 'npm' },
    { id: 'vault', url: vault.url, role: 'authority' },
  ],
  routes: [{ match: ['@vault/*'], registry: 'vault' }],
  private: ['@vault/*'],
  defaultHost: main.host,
  probes: { interval: 0 },
  cache: { fresh: '1h' },
  ...more,
})

async function serve(more: object = {}): Promise<TestServer> {
  const started = await startServer({ config: configOf(more), env: { NUXT_ADMIN_TOKEN: ADMIN } })
  closing.push(() => started.stop())
  return started
}

beforeAll(async () => {
  // On another host than ours: a redirect to the same one would take the token there.
  const open = async () => {
    const registry = await createFixtureRegistry({ sign: true, hostname: 'localhost' })
    closing.push(() => registry.close())
    return registry
  }
  main = await open()
  m1 = await open()
  m2 = await open()
  vault = await open()
  for (const name of PACKAGES) await main.publish({ name, version: '1.0.0' })
  await vault.publish({ name: '@vault/plans', version: '1.0.0' })
  for (const mirror of [m1, m2]) mirror.sync(main)
  server = await serve()
  for (const name of PACKAGES) expect((await npm(`/${name}`)).status).toBe(200)
})

afterAll(async () => {
  for (const close of closing.reverse()) await close()
})

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const npm = (path: string, { headers, ...more }: RawAsk = {}, at = server) =>
  askRaw(at.url, `/npm${path}`, { ...more, headers: { ...NPM, ...headers } })
interface ApiAsk { token?: string, body?: unknown, at?: TestServer, path?: string }
const api = (method: string, { token, body, at = server, path = '' }: ApiAsk = {}) =>
  askRaw(at.url, `/api/preferences${path}`, { method, headers: token === undefined ? {} : bearer(token), body: body === undefined ? undefined : JSON.stringify(body) })
const tarballOf = (name: string) => `/${name}/-/${name.split('/').at(-1)}-1.0.0.tgz`

/** As an operator, who makes as many as needed. */
async function create(content: ProfileContent, at = server): Promise<string> {
  const { status, json } = await api('POST', { token: ADMIN, body: { content }, at })
  expect(status).toBe(201)
  const { token } = json as CreatedProfile
  tokens.push(token)
  return token
}

/** The registry that a redirect leads to. */
async function sentTo(name: string, token?: string): Promise<FixtureRegistry | undefined> {
  const { status, headers } = await npm(tarballOf(name), { headers: token === undefined ? {} : bearer(token) })
  expect(status).toBe(302)
  return mirrors().find(({ url }) => headers.location!.startsWith(url))
}

describe('the order of a token', () => {
  it('decides where tarballs come from, and nothing else', async () => {
    const one = await create({ mirrors: ['m1', 'm2'] })
    const other = await create({ mirrors: ['m2', 'm1'] })
    for (const name of PACKAGES) {
      expect(await sentTo(name)).toBe(main)
      expect(await sentTo(name, one)).toBe(m1)
      expect(await sentTo(name, other)).toBe(m2)
    }
    const { cache } = await statusOf(server)
    const [usual, first, second] = await Promise.all([
      npm('/pkg-0'), npm('/pkg-0', { headers: bearer(one) }), npm('/pkg-0', { headers: bearer(other) }),
    ])
    for (const answer of [first, second]) {
      expect(answer!.body.equals(usual!.body)).toBe(true)
      expect(answer!.headers.etag).toBe(usual!.headers.etag)
    }
    // What is rendered is kept once for all of them.
    expect((await statusOf(server)).cache.ready).toBe(cache.ready)
  })

  it('holds by scope, and where the operator strews by hash as well', async () => {
    const token = await create({ mirrors: ['m1'], scopes: { '@acme': { mirrors: ['m2'] }, 'pkg-3': { mirrors: ['npm'] } } })
    expect(await sentTo('pkg-0', token)).toBe(m1)
    expect(await sentTo('@acme/pkg-6', token)).toBe(m2)
    expect(await sentTo('pkg-3', token)).toBe(main)
    const strewn = await create({ mirrors: ['m2'], strategy: 'spread' })
    for (const name of PACKAGES) expect(await sentTo(name, strewn)).toBe(m2)
    const spread = await create({ strategy: 'spread' })
    expect(new Set(await Promise.all(Array.from({ length: 8 }, (_, n) => sentTo(PACKAGES[n]!, spread)))).size).toBeGreaterThan(1)
  })

  it('works as npm, pnpm and Bun send a token, and as Yarn and _auth do', async () => {
    const token = await create({ mirrors: ['m2'] })
    for (const authorization of [
      `Bearer ${token}`, `bearer ${token}`, `Basic ${Buffer.from(`anyone:${token}`).toString('base64')}`, `Basic ${Buffer.from(`:${token}`).toString('base64')}`,
    ]) {
      const { headers } = await npm(tarballOf('pkg-0'), { headers: { authorization } })
      expect(headers.location).toContain(m2.url)
      const whoami = await npm('/-/whoami', { headers: { authorization } })
      expect(whoami).toMatchObject({ status: 200, json: { username: expect.stringMatching(/^npmx-[0-9a-f]{16}$/) as string } })
    }
  })
})

it('a disabled source is asked for nothing', async () => {
  const token = await create({ mirrors: ['m1'], disabled: ['m1', 'npm'] })
  await main.publish({ name: 'narrow', version: '1.0.0' })
  for (const mirror of [m1, m2]) mirror.sync(main)
  for (const registry of mirrors()) registry.reset()
  const serving = await serve({ delivery: 'serve' })
  const narrow = await create({ mirrors: ['m1'], disabled: ['m1', 'npm'] }, serving)
  const tarball = await npm(tarballOf('narrow'), { headers: bearer(narrow) }, serving)
  expect(tarball.status).toBe(200)
  expect(tarball.body.equals(main.tarball('narrow', '1.0.0'))).toBe(true)
  expect(await sentTo('narrow', token)).toBe(m2)
  expect(m2.count('GET', /\.tgz$/)).toBe(1)
  expect(m1.count(undefined, /narrow/)).toBe(0)
  expect(main.count(undefined, /\.tgz$/)).toBe(0)
})

it('bytes come through us where a client would take its token to the source', async () => {
  const near = await createFixtureRegistry({ sign: true })
  closing.push(() => near.close())
  near.sync(main)
  const registries = configOf().registries.map(registry => registry.id === 'm1' ? { ...registry, url: near.url } : registry)
  const beside = await serve({ registries })
  const token = await create({ mirrors: ['m1'] }, beside)
  const mine = await npm(tarballOf('pkg-0'), { headers: bearer(token) }, beside)
  expect(mine.status).toBe(200)
  expect(mine.body.equals(main.tarball('pkg-0', '1.0.0'))).toBe(true)
  expect(near.count('GET', /\.tgz$/)).toBe(1)
  expect(near.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
  expect((await npm(tarballOf('pkg-0'), {}, beside)).status).toBe(302)
})

describe('the tarball mode of a token', () => {
  it('changes URLs in packuments, and is shared by all who chose it', async () => {
    const [one, other] = [await create({ tarballs: 'self' }), await create({ tarballs: 'self', mirrors: ['m1'] })]
    const urlOf = (json: Record<string, never>) => (json as never as { versions: Record<string, { dist: { tarball: string } }> }).versions['1.0.0']!.dist.tarball
    const usual = await npm('/pkg-1')
    expect(urlOf(usual.json)).toContain(main.url)
    const first = await npm('/pkg-1', { headers: bearer(one) })
    expect(urlOf(first.json)).toBe(`${server.npmUrl}pkg-1/-/pkg-1-1.0.0.tgz`)
    expect(first.headers.etag).not.toBe(usual.headers.etag)
    const { cache } = await statusOf(server)
    const second = await npm('/pkg-1', { headers: bearer(other) })
    expect(second.body.equals(first.body)).toBe(true)
    expect(second.headers.etag).toBe(first.headers.etag)
    expect((await statusOf(server)).cache.ready).toBe(cache.ready)
    // The others' document is none of its business, though it was asked for before.
    expect((await npm('/pkg-1', { headers: { ...bearer(one), 'if-none-match': usual.headers.etag! } })).status).toBe(200)
    expect((await npm('/pkg-1')).headers.etag).toBe(usual.headers.etag)
  })
})

describe('what may be kept', () => {
  it('is nobody else\'s, and does not name the token', async () => {
    const token = await create({ mirrors: ['m1'] })
    for (const path of ['/pkg-0', '/pkg-0/latest', tarballOf('pkg-0'), '/-/npm/v1/keys']) {
      const usual = await npm(path)
      expect(usual.headers.vary!.split(', ')).toContain('authorization')
      const mine = await npm(path, { headers: bearer(token) })
      expect(mine.headers['cache-control']).toBe('private, no-cache')
      // npm writes the value of every header that is named here to its cache on disk.
      expect(mine.headers.vary ?? '').not.toContain('authorization')
    }
    const unchanged = await npm('/pkg-0', { headers: { ...bearer(token), 'if-none-match': (await npm('/pkg-0')).headers.etag! } })
    expect(unchanged).toMatchObject({ status: 304, headers: { 'cache-control': 'private, no-cache', 'vary': 'accept, accept-encoding, user-agent' } })
  })
})

describe('a token that is nobody\'s', () => {
  it.each([
    ['of another registry', 'Bearer npm_0123456789'], ['well-formed', `Bearer npmx_${'x'.repeat(43)}`], ['a password', `Basic ${Buffer.from('me:secret').toString('base64')}`],
    ['not filled in', 'Bearer ${NPM_TOKEN}'], ['another scheme', 'Digest username="me"'],
  ])('is refused with a sentence that helps: %s', async (_, authorization) => {
    for (const path of ['/pkg-0', '/pkg-0/latest', tarballOf('pkg-0'), '/-/ping', '/-/whoami', '/-/npm/v1/keys', '/-/v1/search?text=x']) {
      const { status, reason, headers, json } = await npm(path, { headers: { authorization } })
      expect(status).toBe(401)
      expect(json).toMatchObject({ code: 'UNAUTHENTICATED', error: expect.stringMatching(/Remove _authToken for it from your \.npmrc.*make a new one/) as string })
      expect([json.message, reason, headers['npm-notice']]).toEqual([json.error, json.error, json.error])
      expect(headers).toMatchObject({ 'www-authenticate': 'Bearer', 'cache-control': 'no-store' })
    }
    expect((await npm('/-/npm/v1/security/advisories/bulk', { method: 'POST', body: '{}', headers: { authorization } })).status).toBe(401)
  })

  it('does not hide that nothing can be published here', async () => {
    const headers = bearer('npm_0123456789')
    expect((await npm('/pkg-0', { method: 'PUT', body: '{}', headers })).status).toBe(405)
    expect((await npm('/-/v1/login', { method: 'POST', body: '{}', headers })).status).toBe(501)
    expect((await npm('/-/npm/v1/tokens', { headers })).status).toBe(405)
  })

  it('is counted', async () => {
    const { text } = await ask(`${server.url}metrics`)
    expect(Number(/registry_wrong_tokens_total\{surface="npm"\} (\d+)/.exec(text)![1])).toBeGreaterThan(30)
    expect(Number(/registry_profiles (\d+)/.exec(text)![1])).toBeGreaterThan(0)
  })
})

describe('the API', () => {
  it('shows a token once, and everything else to whoever has it', async () => {
    const made = await api('POST', { token: ADMIN, body: { content: { mirrors: ['m1'] } } })
    expect(made).toMatchObject({ status: 201, headers: { 'cache-control': 'no-store' } })
    const { token, ...profile } = made.json as CreatedProfile
    tokens.push(token)
    expect(token).toMatch(/^npmx_[\w-]{43}$/)
    const shown = await api('GET', { token })
    expect(shown).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' }, json: profile })
    expect(shown.body.toString()).not.toContain(token)
  })

  it('changes apply to the very next request, and so does removing', async () => {
    const token = await create({ mirrors: ['m1'] })
    expect(await sentTo('pkg-2', token)).toBe(m1)
    for (const [id, registry] of [['m2', m2], ['npm', main], ['m1', m1], ['m2', m2]] as const) {
      const { status, json } = await api('PATCH', { token, body: { content: { mirrors: [id] } } })
      expect(status).toBe(200)
      expect((json as ProfileAnswer).content).toEqual({ mirrors: [id] })
      expect(await sentTo('pkg-2', token)).toBe(registry)
    }
    expect((await api('PATCH', { token, body: { content: { mirrors: ['m3'] } } }))).toMatchObject({
      status: 400, json: { code: 'BAD_REQUEST', error: expect.stringMatching(/^content\.mirrors\[0\]: "m3" is no registry here\. Did you mean "m[12]"\?$/) as string },
    })
    expect(await sentTo('pkg-2', token)).toBe(m2)
    const removed = await api('DELETE', { token })
    expect(removed).toMatchObject({ status: 204, headers: { 'cache-control': 'no-store' } })
    expect((await npm('/pkg-2', { headers: bearer(token) })).status).toBe(401)
    expect((await npm(tarballOf('pkg-2'), { headers: bearer(token) })).status).toBe(401)
    const gone = await api('GET', { token })
    expect(gone).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' }, json: { code: 'UNAUTHENTICATED' } })
  })

  it('answers nonsense with what is wrong', async () => {
    expect(await api('GET')).toMatchObject({ status: 401, json: { error: expect.stringMatching(/Send its token/) as string } })
    expect(await api('POST', { token: 'wrong', body: {} })).toMatchObject({ status: 401 })
    expect((await askRaw(server.url, '/api/preferences', { method: 'POST', body: '{' })).status).toBe(400)
    expect((await askRaw(server.url, '/api/preferences', { method: 'POST', body: JSON.stringify({ content: { scopes: { x: 'y'.repeat(17_000) } } }) })).status).toBe(413)
    expect(await api('POST', { body: { content: { disabled: ['npm', 'm1', 'm2'] } } })).toMatchObject({ status: 400, json: { error: expect.stringMatching(/leave nobody/) as string } })
  })

  it('offers what there is to choose from, and nothing that is private', async () => {
    const { status, json } = await api('GET', { path: '/options' })
    expect(status).toBe(200)
    expect(json as PreferenceOptions).toEqual({
      authorities: [{ id: 'npm', sources: [{ id: 'npm', role: 'authority' }, { id: 'm1', role: 'mirror', of: 'npm' }, { id: 'm2', role: 'mirror', of: 'npm' }] }],
      strategies: ['priority', 'fastest', 'spread'], tarballs: ['auto', 'upstream', 'self'], defaults: { strategy: 'priority', tarballs: 'auto' },
    })
    expect(await api('POST', { body: { content: { keys: ['vault'] } } })).toMatchObject({ status: 400, json: { error: expect.not.stringMatching(/"npm" or "vault"|There are.*vault/) as string } })
  })

  it('limits what one address does: profiles made, wrong tokens sent', async () => {
    const limited = await serve()
    for (let n = 0; n < 10; n++) expect((await api('POST', { body: { content: {} }, at: limited })).status).toBe(201)
    const eleventh = await api('POST', { body: { content: {} }, at: limited })
    expect(eleventh).toMatchObject({ status: 429, json: { code: 'RATE_LIMITED' } })
    expect(Number(eleventh.headers['retry-after'])).toBeGreaterThan(60)
    const token = await create({ mirrors: ['m1'] }, limited)
    for (let n = 0; n < 30; n++) expect((await api('GET', { token: `npm_${n}`, at: limited })).status).toBe(401)
    expect((await api('GET', { token: 'npm_30', at: limited })).status).toBe(429)
    expect((await api('GET', { token, at: limited })).status).toBe(200)
    // Installing is another matter.
    expect((await npm('/pkg-0', { headers: bearer('npm_31') }, limited)).status).toBe(401)
    expect((await npm('/pkg-0', { headers: bearer(token) }, limited)).status).toBe(200)
  })

  it('keeps profiles over a restart, and says what of them is gone', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'preferences-'))
    closing.push(() => rm(dataDir, { recursive: true }))
    const before = await startServer({ config: configOf(), env: { NUXT_ADMIN_TOKEN: ADMIN }, dataDir })
    const { json } = await api('POST', { token: ADMIN, body: { content: { mirrors: ['m2', 'm1'], disabled: ['npm'] } }, at: before })
    const { token } = json as CreatedProfile
    tokens.push(token)
    await before.stop()
    const registries = configOf().registries.filter(({ id }) => id !== 'm2')
    const after = await startServer({ config: configOf({ registries }), env: { NUXT_ADMIN_TOKEN: ADMIN }, dataDir })
    closing.push(() => after.stop())
    expect((await api('GET', { token, at: after })).json).toMatchObject({ content: { mirrors: ['m2', 'm1'], disabled: ['npm'] }, ignored: ['m2'] })
    const { headers } = await npm(tarballOf('pkg-0'), { headers: bearer(token) }, after)
    expect(headers.location).toContain(m1.url)
  })
})

it('a thousand requests of two tokens, in any order: none sees the other\'s view', async () => {
  const holders = [
    { token: await create({ mirrors: ['m1'], tarballs: 'self' }), registry: m1, mode: 'self' },
    { token: await create({ mirrors: ['m2'], tarballs: 'upstream' }), registry: m2, mode: 'upstream' },
    { token: undefined, registry: main, mode: 'upstream' },
  ] as const
  let seed = 4
  // Reproducible, and good enough to mix requests.
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
  const work = Array.from({ length: 1_000 }, () => (
    { holder: holders[random(3)]!, name: PACKAGES[random(PACKAGES.length)]!, wantsTarball: random(2) === 0 }
  ))
  let next = 0
  const wrong: string[] = []
  await Promise.all(Array.from({ length: 16 }, async () => {
    for (let item = work[next++]; item; item = work[next++]) {
      const { holder: { token, registry, mode }, name, wantsTarball } = item
      const headers = token === undefined ? {} : bearer(token)
      if (wantsTarball) {
        const { headers: { location } } = await npm(tarballOf(name), { headers })
        if (!location?.startsWith(registry.url)) wrong.push(`${name} leads to ${location}`)
      } else {
        const { json } = await npm(`/${name.replace('/', '%2f')}`, { headers })
        const { tarball } = json.versions['1.0.0'].dist as { tarball: string }
        if (!tarball.startsWith(mode === 'self' ? server.npmUrl : main.url)) wrong.push(`${name} names ${tarball}`)
      }
    }
  }))
  expect(wrong).toEqual([])
})

it('no token is in a log or goes to an upstream, nor does what is private', async () => {
  const token = await create({ mirrors: ['m1'] })
  for (const registry of [...mirrors(), vault]) registry.reset()
  for (const path of ['/@vault%2fplans', '/fresh-name', tarballOf('pkg-5'), '/-/npm/v1/keys', '/-/v1/search?text=x', '/-/whoami']) {
    await npm(path, { headers: bearer(token) })
    await npm(path, { headers: { authorization: `Basic ${Buffer.from(`me:${token}`).toString('base64')}` } })
  }
  await api('PATCH', { token, body: { content: { strategy: 'spread' } } })
  const asked = [...mirrors(), vault].flatMap(({ requests }) => requests)
  expect(asked.length).toBeGreaterThan(0)
  expect(asked.filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
  await until('the log has the requests', () => server.logs().some(({ route }) => route === 'whoami'))
  const written = server.stdout() + server.stderr() + (await ask(`${server.url}metrics`)).text
  expect(tokens.length).toBeGreaterThan(10)
  for (const one of tokens) expect(written).not.toContain(one.slice('npmx_'.length))
  expect(written).not.toMatch(/@vault|npm_0123456789/)
})
