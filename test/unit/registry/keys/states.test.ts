import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RegistryError } from '../../../../server/errors.ts'
import { isOnlyPrivate } from '../../../../server/registry/index.ts'
import { createFixtureRegistry, createSigningKey } from '../../../fixtures/registry/index.ts'
import { createKeysBench, HOUR, serve, withId, type KeysBench } from './bench.ts'

let bench: KeysBench
beforeEach(async () => {
  bench = await createKeysBench()
})
afterEach(() => bench.close())

const of = async (id: 'a' | 'b' = 'a', wanted: string[] = []) => bench.keyring.of(bench.registries[id], wanted)
const idsOf = async (id: 'a' | 'b' = 'a', wanted: string[] = []) => {
  const keys = await of(id, wanted)
  return keys.state === 'known' ? [...keys.byId.keys()] : keys.state
}
const all = async (only?: string[]) => (await bench.keyring.all(only && new Set(only))).map(({ keyid }) => keyid)
const recorded = () => bench.records.map(({ namespace, keys }) => [namespace, keys.map(({ keyid }) => keyid)])
const asked = (id: 'a' | 'b' | 'm') => bench.fixtures[id].count('GET', '/-/npm/v1/keys')
const fault = (id: 'a' | 'b' | 'm', behaviour: object) => bench.fixtures[id].fault({ path: /keys/ }, behaviour)

const [one, two] = [createSigningKey(), createSigningKey()]

describe('a registry that never had keys', () => {
  it.each([400, 401, 403, 404, 405, 410, 501])('says so with status %i', async (status) => {
    fault('a', { status })
    expect(await of()).toEqual({ state: 'none' })
    bench.now += HOUR - 1
    expect(await of()).toEqual({ state: 'none' })
    expect(asked('a')).toBe(1)
    expect(bench.troubles).toEqual([])
    expect(bench.incidents).toEqual([])
  })

  it.each([
    ['an empty list', { raw: '{"keys":[]}' }, []],
    ['a page to sign in', { html: true }, ['reading the keys of "a"']],
    ['a status that means nothing', { status: 418 }, ['reading the keys of "a"']],
    ['more than anybody reads', { raw: ' '.repeat(300_000) }, ['reading the keys of "a"']],
  ])('may say so with %s', async (_, behaviour, troubles) => {
    fault('a', behaviour)
    expect(await of()).toEqual({ state: 'none' })
    expect(bench.troubles).toEqual(troubles)
  })

  it('is asked again within a minute if it has a signature by a key nobody knows, and gets keys like any other', async () => {
    expect(await of()).toEqual({ state: 'none' })
    serve(bench.fixtures.a, one)
    expect(await of('a', [one.served.keyid])).toEqual({ state: 'none' })
    bench.now += 60_000
    expect(await idsOf('a', [one.served.keyid])).toEqual([one.served.keyid])
  })
})

describe('a registry that does not answer', () => {
  it.each([{ status: 500 }, { status: 429 }, { drop: 'before' }, { stall: 'headers' }, { gzipBomb: 10, truncate: 5 }])('with %o, and was never heard, is unavailable; it is asked again soon', async (behaviour) => {
    const mend = fault('a', behaviour)
    await expect(of()).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', retryAfter: expect.any(Number) as number })
    mend()
    serve(bench.fixtures.a, one)
    bench.now += 5_000
    expect(await idsOf()).toEqual([one.served.keyid])
  })

  it('leads nobody to an address that is not public', async () => {
    const internal = await createFixtureRegistry()
    serve(internal, one)
    fault('a', { redirect: `${internal.url}-/npm/v1/keys` })
    await expect(of()).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    expect(internal.requests).toEqual([])
    await internal.close()
  })

  it('has the keys that it had, also after a restart of ours', async () => {
    serve(bench.fixtures.a, one)
    await of()
    await bench.fixtures.a.down()
    bench.restart()
    expect(await of()).toMatchObject({ state: 'known', isConfirmed: false })
    expect(await idsOf()).toEqual([one.served.keyid])
    // It is asked for more once a minute.
    await bench.fixtures.a.up()
    serve(bench.fixtures.a, one, two)
    expect(await idsOf('a', [two.served.keyid])).toEqual([one.served.keyid])
    bench.now += 60_000
    expect(await idsOf('a', [two.served.keyid])).toEqual([one.served.keyid, two.served.keyid])
  })

  it('keeps nobody waiting who has its keys already', async () => {
    serve(bench.fixtures.a, one)
    await of()
    fault('a', { stall: 'headers' })
    bench.now += HOUR
    const began = performance.now()
    expect(await idsOf('a', [one.served.keyid])).toEqual([one.served.keyid])
    expect(performance.now() - began).toBeLessThan(2_900)
  })
})

describe('a registry that had keys and says that it has none', () => {
  it.each<[string, object]>([
    ['404', { status: 404 }], ['401', { status: 401 }], ['an empty list', { raw: '{"keys":[]}' }], ['nonsense', { html: true }],
  ])('by %s has lost them; that is one incident, also after a restart, and no record', async (_, behaviour) => {
    serve(bench.fixtures.a, one)
    await of()
    const mend = fault('a', behaviour)
    bench.now += HOUR
    expect(await of()).toEqual({ state: 'vanished' })
    bench.now += 60_000
    expect(await of()).toEqual({ state: 'vanished' })
    bench.restart()
    expect(await of()).toEqual({ state: 'vanished' })
    expect(bench.incidents).toEqual([{
      kind: 'keys-vanished', cause: expect.stringMatching(/^keys-vanished a\.example \S+ a$/) as string, source: 'a', isPrivate: false,
      sentence: expect.stringMatching(/^Registry "a" \(a\.example\) published signing keys and no longer does\./) as string,
      evidence: {
        keys: [{ keyid: one.served.keyid, key: one.served.key }], details: expect.any(Object) as object,
        asked: { source: 'a', registry: bench.registries.a.url, at: '2026-01-01T01:00:00.000Z' },
      },
    }])
    expect(recorded()).toHaveLength(1)
    expect(await all()).toEqual([one.served.keyid])
    mend()
    bench.now += 60_000
    expect(await idsOf()).toEqual([one.served.keyid])
    expect(recorded()).toHaveLength(1)
  })
})

describe('the set of keys that a registry publishes', () => {
  it('is recorded once for each change, in the log before in the database', async () => {
    serve(bench.fixtures.a, one)
    await of()
    bench.now += HOUR
    await of()
    bench.restart()
    await of()
    expect(recorded()).toEqual([['a.example', [one.served.keyid]]])
    serve(bench.fixtures.a, { ...one.served, expires: '2026-06-01T00:00:00Z' }, two)
    bench.now += HOUR
    await of()
    expect(bench.records[1]!.keys).toEqual([
      { keyid: one.served.keyid, key: one.served.key, expires: '2026-06-01T00:00:00.000Z' }, { keyid: two.served.keyid, key: two.served.key },
    ])
    // What is no longer published stays known, and valid for what it signed.
    serve(bench.fixtures.a, two)
    bench.now += HOUR
    expect(await idsOf()).toEqual([one.served.keyid, two.served.keyid])
    expect(recorded()[2]).toEqual(['a.example', [two.served.keyid]])
    bench.restart()
    expect(await idsOf()).toEqual([one.served.keyid, two.served.keyid])
    expect(bench.records).toHaveLength(3)
  })

  it('is remembered while the log takes nothing, and recorded when it does', async () => {
    serve(bench.fixtures.a, one)
    bench.failure = new RegistryError('LOG_UNAVAILABLE', 'The log is read-only.')
    expect(await idsOf()).toEqual([one.served.keyid])
    expect(bench.troubles).toEqual(['recording signing keys'])
    await bench.fixtures.a.down()
    bench.restart()
    expect(await idsOf()).toEqual([one.served.keyid])
    await bench.fixtures.a.up()
    bench.failure = undefined
    bench.now += HOUR
    await of()
    expect(recorded()).toEqual([['a.example', [one.served.keyid]]])
  })

  it('is nobody\'s business where only private names lead to the registry', async () => {
    bench.isPrivate.add('b')
    serve(bench.fixtures.b, one)
    expect(await idsOf('b')).toEqual([one.served.keyid])
    bench.restart()
    expect(await idsOf('b')).toEqual([one.served.keyid])
    expect(bench.records).toEqual([])
    fault('b', { status: 404 })
    bench.now += HOUR
    await of('b')
    expect(bench.incidents).toMatchObject([{ kind: 'keys-vanished', isPrivate: true }])
  })

  it('cannot grow without an end', async () => {
    for (let n = 0; n < 11; n++) {
      serve(bench.fixtures.a, ...Array.from({ length: 100 }, () => createSigningKey()))
      bench.now += HOUR
      await of()
    }
    expect(await idsOf()).toHaveLength(1_000)
    expect(bench.troubles).toEqual(['keeping more than 1000 signing keys of "a"'])
  })
})

describe('another key under a key id that is taken', () => {
  const other = withId(two, one.served.keyid)

  it('is refused from the registry that had the first one', async () => {
    serve(bench.fixtures.a, one)
    await of()
    serve(bench.fixtures.a, other)
    for (let n = 0; n < 3; n++) {
      bench.now += HOUR
      const keys = await of()
      expect(keys.state === 'known' && keys.byId.get(one.served.keyid)?.key).toBe(one.served.key)
    }
    bench.restart()
    await of()
    expect(bench.incidents).toMatchObject([{
      kind: 'key-clash', source: 'a', isPrivate: false, sentence: expect.stringContaining(one.served.keyid) as string,
      evidence: {
        keys: [{ keyid: one.served.keyid, key: one.served.key }, { keyid: one.served.keyid, key: two.served.key }],
        details: { standing: 'a.example', refused: 'a.example' },
      },
    }])
    expect((await bench.keyring.all()).map(({ key }) => key)).toEqual([one.served.key])
  })

  it('is refused from any other registry, whose versions then have no key', async () => {
    serve(bench.fixtures.a, one)
    serve(bench.fixtures.b, other)
    await of('a')
    expect(await of('b')).toMatchObject({ state: 'known', isConfirmed: true })
    expect(await idsOf('b')).toEqual([])
    expect(bench.incidents).toMatchObject([{ kind: 'key-clash', source: 'b', evidence: { details: { standing: 'a.example', refused: 'b.example' } } }])
    expect((await bench.keyring.all()).map(({ key }) => key)).toEqual([one.served.key])
    expect(recorded()).toEqual([['a.example', [one.served.keyid]]])
  })

  it.each([['the second registry is asked first', false], ['all are asked', true]])('belongs to whom the configuration names first, when %s', async (_, isAll) => {
    serve(bench.fixtures.a, one)
    serve(bench.fixtures.b, other)
    fault('a', { delay: 100 })
    if (isAll) await all()
    else await of('b')
    expect(bench.incidents).toMatchObject([{ kind: 'key-clash', source: 'b' }])
    expect(await idsOf('a')).toEqual([one.served.keyid])
  })

  it('stays with the second registry if only that one could be heard', async () => {
    serve(bench.fixtures.b, other)
    await bench.fixtures.a.down()
    expect(await idsOf('b')).toEqual([one.served.keyid])
    await bench.fixtures.a.up()
    serve(bench.fixtures.a, one)
    bench.now += HOUR
    expect(await idsOf('a')).toEqual([])
    expect(bench.incidents).toMatchObject([{ kind: 'key-clash', source: 'a' }])
  })

  it('in one list is refused; the first one stands', async () => {
    serve(bench.fixtures.a, one, other)
    const keys = await of()
    expect(keys.state === 'known' && keys.byId.get(one.served.keyid)?.key).toBe(one.served.key)
    expect(bench.incidents).toHaveLength(1)
  })

  it('is none if it is the same key: several registries may list it', async () => {
    serve(bench.fixtures.a, one)
    serve(bench.fixtures.b, two, one)
    expect(await idsOf('a')).toEqual([one.served.keyid])
    expect(await idsOf('b')).toEqual([two.served.keyid, one.served.keyid])
    expect(bench.incidents).toEqual([])
    expect(await all()).toEqual([one.served.keyid, two.served.keyid])
  })

  it('is refused if the id is our own key\'s', async () => {
    bench.restart([{ keyid: one.served.keyid, key: one.served.key }])
    serve(bench.fixtures.a, other)
    expect(await idsOf('a')).toEqual([])
    expect((await bench.keyring.all()).map(({ key }) => key)).toEqual([one.served.key])
    expect(bench.incidents).toHaveLength(1)
  })

  it('does not fill the list of incidents, however many a registry makes up', async () => {
    serve(bench.fixtures.a, one)
    await of()
    serve(bench.fixtures.a, ...Array.from({ length: 50 }, () => withId(createSigningKey(), one.served.keyid)))
    bench.now += HOUR
    await of()
    expect(bench.incidents).toHaveLength(20)
  })
})

describe('a mirror', () => {
  it('defines nothing; another key under its authority\'s key id is an incident of the mirror', async () => {
    const [extra] = [createSigningKey()]
    serve(bench.fixtures.a, one)
    serve(bench.fixtures.m, withId(two, one.served.keyid), extra)
    expect(await idsOf()).toEqual([one.served.keyid])
    await bench.keyring.settled()
    expect(bench.incidents).toMatchObject([{
      kind: 'key-clash', source: 'm', evidence: { asked: { source: 'm' }, details: { standing: 'a.example', refused: 'm.example' } },
    }])
    expect(await all()).toEqual([one.served.keyid])
    expect(recorded()).toEqual([['a.example', [one.served.keyid]]])
  })

  it('keeps nobody waiting', async () => {
    serve(bench.fixtures.a, one)
    fault('m', { stall: 'headers' })
    const began = performance.now()
    await of()
    expect(performance.now() - began).toBeLessThan(900)
    expect(bench.incidents).toEqual([])
  })
})

describe('all keys', () => {
  it('are those of all registries, or of some', async () => {
    serve(bench.fixtures.a, one)
    serve(bench.fixtures.b, two)
    expect(await all()).toEqual([one.served.keyid, two.served.keyid])
    expect(await all(['b'])).toEqual([two.served.keyid])
    expect(await all([])).toEqual([])
    expect([asked('a'), asked('b')]).toEqual([1, 1])
  })

  it('wait for a registry that was never asked, but not for ever, and the next time not at all', async () => {
    serve(bench.fixtures.a, one)
    fault('b', { stall: 'headers' })
    expect(await all()).toEqual([one.served.keyid])
    const began = performance.now()
    bench.now += 5_000
    expect(await all()).toEqual([one.served.keyid])
    expect(performance.now() - began).toBeLessThan(900)
  })

  it('are there while every registry is down, and none are if none ever came', async () => {
    await Promise.all([bench.fixtures.a.down(), bench.fixtures.b.down()])
    expect(await all()).toEqual([])
    await bench.fixtures.a.up()
    serve(bench.fixtures.a, one)
    bench.now += HOUR
    expect(await idsOf()).toEqual([one.served.keyid])
    await bench.fixtures.a.down()
    bench.restart()
    expect(await all()).toEqual([one.served.keyid])
  })

  it('are given although the database is away', async () => {
    serve(bench.fixtures.a, one)
    await of()
    await bench.database.client.execute('DROP TABLE registry_keys')
    bench.now += HOUR
    serve(bench.fixtures.a, one, two)
    await all()
    await bench.keyring.settled()
    expect(await all()).toEqual([one.served.keyid, two.served.keyid])
    expect(bench.troubles).toContain('reading the signing keys')
    bench.restart()
    expect(await all()).toEqual([])
    await expect(of()).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
  })
})

describe('a registry is the public\'s business', () => {
  const registry = { id: 'b', url: '', namespace: 'b.example', role: 'authority', origin: '', tls: { rejectUnauthorized: true } } as const
  const is = (match: string[], hidden: string[], id: string | string[] = 'b') =>
    isOnlyPrivate(registry, { routes: [{ match, registry: id }, { match: ['*'], registry: 'a' }], private: hidden })

  it('unless every pattern that leads to it is private', () => {
    expect(is(['@b/*'], ['@b/*'])).toBe(true)
    expect(is(['@b/x', '@b/y-*'], ['@b/*'])).toBe(true)
    expect(is(['@b/*', 'b-*'], ['@b/*'])).toBe(false)
    expect(is(['@b/*'], ['@b/x'])).toBe(false)
    expect(is(['@b/*'], [], ['a', 'b'])).toBe(false)
    expect(is(['@b/*'], ['@b/*'], ['a', 'b'])).toBe(true)
    expect(isOnlyPrivate({ ...registry, id: 'm', role: 'mirror', of: 'b' }, { routes: [{ match: ['b-*'], registry: 'b' }], private: [] })).toBe(false)
  })
})
