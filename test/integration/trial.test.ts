import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CreatedProfile, PreferencesTrial } from '../../shared/types/preferences.ts'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { askRaw } from './raw.ts'

const ADMIN = 'trial-admin-token-0123456789'

let main: FixtureRegistry
/** Honest; lagging; lying; and private to the operator. */
let m1: FixtureRegistry
let m2: FixtureRegistry
let m3: FixtureRegistry
let vault: FixtureRegistry
let server: TestServer

beforeAll(async () => {
  main = await createFixtureRegistry()
  m1 = await createFixtureRegistry()
  m2 = await createFixtureRegistry()
  m3 = await createFixtureRegistry()
  vault = await createFixtureRegistry()
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) await main.publish({ name: 'probe', version })
  await vault.publish({ name: '@vault/plans', version: '1.0.0' })
  for (const mirror of [m1, m2, m3]) mirror.sync(main)
  m2.freeze()
  await main.publish({ name: 'probe', version: '2.0.0' })
  for (const mirror of [m1, m3]) mirror.sync(main)
  m3.editManifest('probe', '1.1.0', ({ dist }) => {
    dist.integrity = `sha512-${Buffer.alloc(64, 7).toString('base64')}`
  })
  server = await start()
  for (const name of ['probe', '@vault/plans']) expect((await askRaw(server.url, `/npm/${name}`)).status).toBe(200)
})

afterAll(async () => {
  await server.stop()
  await Promise.all([main, m1, m2, m3, vault].map(registry => registry.close()))
})

function start() {
  return startServer({
    config: {
      registries: [
        { id: 'npm', url: main.url, role: 'authority' }, { id: 'm1', url: m1.url, role: 'mirror', of: 'npm' },
        { id: 'm2', url: m2.url, role: 'mirror', of: 'npm' }, { id: 'm3', url: m3.url, role: 'mirror', of: 'npm' },
        { id: 'vault', url: vault.url, role: 'authority' },
      ],
      routes: [{ match: ['@vault/*'], registry: 'vault' }],
      private: ['@vault/*'],
    },
    env: { NUXT_ADMIN_TOKEN: ADMIN },
  })
}

async function test(body: unknown, { token, at = server }: { token?: string, at?: TestServer } = {}) {
  return askRaw(at.url, '/api/preferences/test', {
    method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })
}

describe('a test of preferences', () => {
  it('says of each source that would be asked whether it answers and agrees with the log, in the order chosen', async () => {
    const { status, headers, json } = await test({ content: { mirrors: ['m3', 'm2'] } })
    expect(status).toBe(200)
    expect(headers['cache-control']).toBe('no-store')
    const { sources, untried, at } = json as PreferencesTrial
    expect(untried).toEqual([])
    expect(Math.abs(Date.now() - Date.parse(at))).toBeLessThan(60_000)
    expect(sources.map(({ id, tried }) => [id, tried?.state, tried?.versions])).toEqual([
      ['m3', 'equal', { count: 4, equal: 3, differs: 1, unclear: 0, absent: 0 }],
      ['m2', 'absent', { count: 4, equal: 3, differs: 0, unclear: 0, absent: 1 }],
      ['npm', 'equal', { count: 4, equal: 4, differs: 0, unclear: 0, absent: 0 }],
      ['m1', 'equal', { count: 4, equal: 4, differs: 0, unclear: 0, absent: 0 }],
    ])
    for (const { isReachable, latency, tried, error } of sources) {
      expect({ isReachable, error, name: tried?.name, version: tried?.version }).toEqual({ isReachable: true, error: null, name: 'probe', version: '2.0.0' })
      expect(latency).toBeGreaterThan(0)
    }
  })

  it('asks nobody that the profile does not ask, unless a scope does', async () => {
    for (const registry of [main, m1, m2, m3, vault]) registry.reset()
    const idsOf = async (content: object) => ((await test({ content })).json as PreferencesTrial).sources.map(({ id }) => id)
    expect(await idsOf({ disabled: ['m1', 'm3'] })).toEqual(['npm', 'm2'])
    expect([m1, m3, vault].map(registry => registry.requests.length)).toEqual([0, 0, 0])
    expect(main.requests.map(({ headers }) => headers.authorization)).toEqual(main.requests.map(() => undefined))
    expect(await idsOf({ disabled: ['m1', 'm3'], scopes: { '@paper': { disabled: ['m1'] } } })).toEqual(['npm', 'm2', 'm3'])
    expect(vault.requests).toEqual([])
  })

  it('says that a source does not answer, and goes on with the others', async () => {
    await m1.down()
    try {
      const { sources } = (await test({ content: { mirrors: ['m1'] } })).json as PreferencesTrial
      expect(sources[0]).toMatchObject({ id: 'm1', isReachable: false, tried: null, error: expect.stringMatching(/m1/) as string })
      expect(sources.slice(1).every(({ isReachable }) => isReachable)).toBe(true)
    } finally {
      await m1.up()
    }
  })

  it.each([
    ['nothing', ''], ['no JSON', '{'], ['no content', {}], ['more than content', { content: {}, url: 'http://x.example/' }],
    ['an id that is not here', { content: { mirrors: ['m9'] } }], ['an address', { content: { mirrors: ['http://x.example/'] } }],
    ['what is private', { content: { mirrors: ['vault'] } }], ['all of them switched off', { content: { disabled: ['npm', 'm1', 'm2', 'm3'] } }],
    ['a name that is none', { content: { scopes: { '../x': {} } } }],
  ])('refuses %s with one sentence, and asks nobody', async (_, body) => {
    for (const registry of [main, m1, m2, m3, vault]) registry.reset()
    expect(await test(body)).toMatchObject({ status: 400, json: { code: 'BAD_REQUEST', error: expect.stringMatching(/^.{10,}[.?]$/) as string } })
    expect([main, m1, m2, m3, vault].flatMap(({ requests }) => requests)).toEqual([])
  })

  it('refuses what is too large, and tokens that are nobody\'s', async () => {
    expect((await test({ content: { mirrors: ['x'.repeat(20_000)] } })).status).toBe(413)
    expect((await test({ content: {} }, { token: `npmx_${'x'.repeat(43)}` })).status).toBe(401)
  })
})

it('is limited for each address', async () => {
  const limited = await start()
  try {
    const made = await askRaw(limited.url, '/api/preferences', { method: 'POST', body: JSON.stringify({ content: { mirrors: ['m1'] } }) })
    const { token } = made.json as CreatedProfile
    for (let n = 0; n < 10; n++) expect((await test({ content: {} }, { token, at: limited })).status).toBe(200)
    const refused = await test({ content: {} }, { at: limited })
    expect(refused).toMatchObject({ status: 429, json: { code: 'RATE_LIMITED', error: expect.stringMatching(/try again in \d+ seconds/) as string } })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  } finally {
    await limited.stop()
  }
})
