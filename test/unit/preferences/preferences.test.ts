import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openDatabase, tables, type Database } from '../../../server/database/index.ts'
import type { HttpRequest } from '../../../server/http/index.ts'
import { createNpmSurface } from '../../../server/npm/index.ts'
import type { NpmServices } from '../../../server/npm/types.ts'
import { createPreferences, type Preferences } from '../../../server/preferences/index.ts'
import { createToken } from '../../../server/preferences/token.ts'
import { CONFIG, everybodysView } from './fixture.ts'

const HERE = everybodysView()
const THERE = everybodysView('http://there.example/')
const CLIENT = { address: '192.0.2.1', isOperator: false }

let dir: string
let database: Database
let preferences: Preferences
const wrongToken = vi.fn<(surface: string) => void>()
const trouble = vi.fn<(what: string, error: unknown) => void>()

function open(mostProfiles?: number): Preferences {
  const usual = (host: string | undefined) => host === 'there.example' ? THERE : HERE
  return createPreferences({ config: CONFIG, database, usual, wrongToken, trouble, mostProfiles })
}
const asker = (token: string, address = CLIENT.address) => ({ authorization: `Bearer ${token}`, address })
const create = async (content: object, who = CLIENT) => (await preferences.create({ content }, who)).token

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'preferences-'))
  database = await openDatabase(`file:${join(dir, 'registry.db')}`)
  preferences = open()
})
afterEach(async () => {
  await database.close()
  await rm(dir, { recursive: true })
  expect(trouble).not.toHaveBeenCalled()
  vi.clearAllMocks()
})

describe('a profile', () => {
  it('is made, read, changed and removed with its token, which is not kept', async () => {
    const made = await preferences.create({ content: { mirrors: ['m1'], scopes: { '@acme': { strategy: 'spread' } } } }, CLIENT)
    expect(made).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/) as string, token: expect.stringMatching(/^npmx_/) as string, ignored: [],
      content: { mirrors: ['m1'], scopes: { '@acme': { strategy: 'spread' } } }, created: expect.any(String) as string, updated: made.created,
    })
    const { token, ...shown } = made
    expect(await preferences.read(asker(token))).toEqual(shown)
    const rows = JSON.stringify(await database.orm.select().from(tables.profiles))
    expect(rows).not.toContain(token.slice(5))

    const changed = await preferences.change(asker(token), { content: { mirrors: null, tarballs: 'self', scopes: { '@acme': null, 'x': { disabled: ['m1'] } } } })
    expect(changed.content).toEqual({ tarballs: 'self', scopes: { x: { disabled: ['m1'] } } })
    expect(await preferences.read(asker(token))).toEqual(changed)

    await preferences.remove(asker(token))
    await expect(preferences.read(asker(token))).rejects.toMatchObject({ code: 'UNAUTHENTICATED', message: expect.stringMatching(/No profile has this token/) as string })
    await expect(preferences.remove(asker(token))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it.each([
    [[], 'The body must be an object'], [null, 'The body must be an object'], [{}, 'content: is missing.'],
    [{ content: {}, token: 'x' }, '"token" is an unknown key'], [{ content: { mirrors: ['m9'] } }, 'is no registry here'],
  ])('is not made of %j', async (body, sentence) => {
    await expect(preferences.create(body, CLIENT)).rejects.toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining(sentence) as string })
  })

  it('stays as it is when a change is not possible', async () => {
    const token = await create({ mirrors: ['m1'] })
    for (const patch of [{ content: { mirrors: ['nobody'] } }, { content: null }, { content: { disabled: ['npm', 'm1', 'm2', 'mirror-three'] } }, 'x', { id: 'me' }]) {
      await expect(preferences.change(asker(token), patch)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    }
    expect((await preferences.read(asker(token))).content).toEqual({ mirrors: ['m1'] })
  })

  it('loses no change of many at the same time, also of several processes', async () => {
    const token = await create({})
    const other = open()
    await Promise.all(Array.from({ length: 8 }, (_, n) =>
      (n % 2 ? preferences : other).change(asker(token), { content: { scopes: { [`x${n}`]: { strategy: 'spread' } } } })))
    expect(Object.keys((await preferences.read(asker(token))).content.scopes!).toSorted()).toEqual(['x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7'])
  })

  it('may have what is private to operators only from them, and keeps it', async () => {
    await expect(create({ mirrors: ['vault-copy'] })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    const token = await create({ mirrors: ['vault-copy'] }, { ...CLIENT, isOperator: true })
    const { content } = await preferences.change(asker(token), { content: { strategy: 'fastest' } })
    expect(content).toEqual({ mirrors: ['vault-copy'], strategy: 'fastest' })
    expect(JSON.stringify(preferences.options())).not.toContain('vault')
  })

  it('is one of so many; then no more are made, and it works all the same', async () => {
    preferences = open(2)
    const token = await create({})
    await create({})
    await expect(create({})).rejects.toMatchObject({ code: 'FORBIDDEN', message: expect.stringMatching(/keeps 2 profiles/) as string })
    await preferences.remove(asker(token))
    await create({})
    await vi.waitFor(() => expect(preferences.count()).toBe(2))
    const later = open()
    await vi.waitFor(() => expect(later.count()).toBe(2))
  })
})

describe('limits', () => {
  it('ten profiles an hour are made from one address; operators make as many as they like', async () => {
    for (let n = 0; n < 10; n++) await create({})
    await expect(create({})).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfter: expect.any(Number) as number })
    await create({}, { address: '192.0.2.2', isOperator: false })
    await create({}, { ...CLIENT, isOperator: true })
  })

  it('after 30 wrong tokens a minute there is 429 for that address, but not for who has a right one, nor for installing', async () => {
    const token = await create({ strategy: 'spread' })
    for (let n = 0; n < 30; n++) await expect(preferences.read(asker(createToken()))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(preferences.read(asker(createToken()))).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await expect(preferences.read(asker('nonsense'))).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await expect(preferences.read({ authorization: undefined, address: CLIENT.address })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(preferences.read(asker(createToken(), '192.0.2.9'))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect((await preferences.read(asker(token))).content.strategy).toBe('spread')
    await expect(preferences.of({ authorization: `Bearer ${createToken()}` })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(wrongToken.mock.calls.filter(([surface]) => surface === 'api')).toHaveLength(33)
    expect(wrongToken.mock.calls.filter(([surface]) => surface === 'npm')).toHaveLength(1)
  })
})

describe('the view of a request', () => {
  it('is everybody\'s without a token, at once', () => {
    expect(preferences.of({})).toBe(HERE)
    expect(preferences.of({ host: 'there.example', authorization: '' })).toBe(THERE)
  })

  it('is the holder\'s with one, made once for each host and version', async () => {
    const token = await create({ mirrors: ['m2'] })
    const headers = { authorization: `Bearer ${token}` }
    const other = open()
    const cold = other.of(headers)
    expect(cold).toBeInstanceOf(Promise)
    const view = await cold
    expect(other.of(headers)).toBe(view)
    expect(other.of({ authorization: `Basic ${Buffer.from(`me:${token}`).toString('base64')}` })).toBe(view)
    expect(view.choiceOf('x').order).toEqual(['m2'])
    expect(other.of({ ...headers, host: 'there.example' })).toMatchObject({ base: THERE.base, holder: view.holder })

    await preferences.change({ ...headers, address: undefined }, { content: { mirrors: ['m1'] } })
    expect(preferences.of(headers)).not.toBeInstanceOf(Promise)
    expect((await preferences.of(headers)).choiceOf('x').order).toEqual(['m1'])
    await preferences.remove({ ...headers, address: undefined })
    expect(() => preferences.of(headers)).toThrow(/Remove _authToken for it from your \.npmrc/)
  })
})

it('a warm packument is served without waiting for anything, with and without a token', async () => {
  const ready = { body: Buffer.from('{}'), etag: '"x"', encoding: 'identity' as const, state: 's', isPartial: false }
  const services = {
    packuments: { serve: () => ({ ready, tier: 'memory' }) }, upstream: () => ({}), owners: { of: () => CONFIG.registries[0], find: () => CONFIG.registries[0] },
    via: '1.1 npmx-registry-0000000000000000', trouble,
  } as unknown as NpmServices
  const surface = createNpmSurface(services, { usual: () => HERE, of: preferences.of })
  const token = await create({ mirrors: ['m2'] })
  const request = (authorization?: string) => ({ method: 'GET', path: '/x', headers: { authorization }, socket: {} }) as unknown as HttpRequest
  expect(surface(request())).toMatchObject({ status: 200 })
  expect(surface(request(`Bearer ${token}`))).toMatchObject({ status: 200 })
  const wrong = surface(request('Bearer npm_other'))
  expect(wrong).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer', 'cache-control': 'no-store' } })
  expect(await surface(request(`Bearer ${createToken()}`))).toMatchObject({ status: 401 })
})
