import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSigningKey, type FixtureRegistry } from '../../../fixtures/registry/index.ts'
import type { SigningKey } from '../../../fixtures/registry/signing.ts'
import { createKeysBench, HOUR, serve as serveAt, type KeysBench } from './bench.ts'

interface Vector {
  name: string
  version: string
  integrity: string
  published: string
  keyid: string
  sig: string
  why?: string
}
const vectors = JSON.parse(readFileSync(new URL('../../../vectors/npm-signatures.json', import.meta.url), 'utf8')) as {
  keys: SigningKey['served'][]
  valid: Vector[]
  invalid: Vector[]
}

const INTEGRITY = `sha512-${Buffer.alloc(64, 1).toString('base64')}`

let bench: KeysBench
let fixture: FixtureRegistry
beforeEach(async () => {
  bench = await createKeysBench()
  fixture = bench.fixtures.a
})
afterEach(() => bench.close())

const serve = (keys: SigningKey['served'][]) => serveAt(fixture, ...keys)

function verify({ name, version, integrity, published, keyid, sig }: Vector, namespace?: string): Promise<void> {
  const subject = { name, version, ...(namespace && { namespace }) }
  return bench.keyring.verify({ subject, integrity, published, signature: { keyid, signature: sig } })
}

function signed(key: SigningKey, version = '1.0.0', published = '2025-06-01T00:00:00.000Z'): Vector {
  const { keyid, sig } = key.sign(`x@${version}:${INTEGRITY}`)
  return { name: 'x', version, integrity: INTEGRITY, published, keyid, sig }
}

const refused = (sentence: RegExp, code = 'NOT_VERIFIED'): Error =>
  expect.objectContaining({ code, message: expect.stringMatching(sentence) as string }) as Error

describe('signatures of a real registry', () => {
  beforeEach(() => serve(vectors.keys))

  it.each(vectors.valid)('$name@$version verifies', async (vector) => {
    await expect(verify(vector)).resolves.toBeUndefined()
  })

  it.each(vectors.invalid)('$why: $name@$version is refused', async (vector) => {
    await expect(verify(vector)).rejects.toThrow(refused(/^The signature of /))
  })

  it('hold until their key expires, for what was published before', async () => {
    const old = vectors.valid.find(({ keyid }) => keyid === vectors.keys[0]!.keyid)!
    await expect(verify({ ...old, published: '2025-01-28T23:59:59.999Z' })).resolves.toBeUndefined()
    await expect(verify({ ...old, published: vectors.keys[0]!.expires! })).rejects.toThrow(refused(/which expired before the version was published/))
  })

  it('need a time of publication only if their key has expired by now', async () => {
    const old = vectors.valid.find(({ keyid }) => keyid === vectors.keys[0]!.keyid)!
    const { name, version, integrity, keyid, sig } = old
    const untimed = { subject: { name, version }, integrity, signature: { keyid, signature: sig } }
    await expect(bench.keyring.verify(untimed)).rejects.toThrow(refused(/expired/))
    bench.now = Date.parse('2025-01-01T00:00:00.000Z')
    await expect(bench.keyring.verify(untimed)).resolves.toBeUndefined()
  })

  it('are asked of the registry that the subject names', async () => {
    await expect(verify(vectors.valid[0]!, 'a.example')).resolves.toBeUndefined()
    await expect(verify(vectors.valid[0]!, 'other.example')).rejects.toThrow(refused(/^The keys of registry other\.example are not known here/))
  })
})

describe('keys', () => {
  it('are asked for once an hour, by all at once', async () => {
    const key = createSigningKey()
    serve([key.served])
    await Promise.all([1, 2, 3].map(() => verify(signed(key))))
    bench.now += HOUR - 1
    await verify(signed(key))
    expect(fixture.count()).toBe(1)
    bench.now += 1
    await verify(signed(key))
    expect(fixture.count('GET', '/-/npm/v1/keys')).toBe(2)
  })

  it('that are new are found within a minute', async () => {
    const [old, young] = [createSigningKey(), createSigningKey()]
    serve([old.served])
    await verify(signed(old))
    serve([old.served, young.served])
    await expect(verify(signed(young))).rejects.toThrow(refused(/^The signature of x@1\.0\.0 is by key .*, which "a" \(a\.example\) does not have/))
    expect(fixture.count()).toBe(1)
    bench.now += 60_000
    await expect(verify(signed(young))).resolves.toBeUndefined()
    expect(fixture.count()).toBe(2)
  })

  it.each<[string, () => unknown]>([
    ['is down', () => fixture.down()],
    ['fails', () => fixture.fault({ path: /keys/ }, { status: 500 })],
    ['denies that it has keys', () => serve([])],
    ['talks nonsense', () => fixture.fault({ path: /keys/ }, { raw: '{"keys":' })],
  ])('once seen stand while the registry %s', async (_, happen) => {
    const key = createSigningKey()
    serve([key.served])
    await verify(signed(key))
    await happen()
    bench.now += HOUR
    await expect(verify(signed(key))).resolves.toBeUndefined()
    await expect(verify({ ...signed(key), integrity: INTEGRITY.replace('AQ', 'Ag') })).rejects.toThrow(refused(/does not verify under key/))
  })

  it('that a registry does not have verify nothing, and it is not asked over and over', async () => {
    for (const status of [undefined, 404, 501]) {
      if (status) fixture.fault({ path: /keys/ }, { status, body: 'no' })
      const before = fixture.count()
      await expect(verify(signed(createSigningKey()))).rejects.toThrow(refused(/^Registry "a" \(a\.example\) publishes no signing keys/))
      await expect(verify(signed(createSigningKey()))).rejects.toThrow(refused(/publishes no signing keys/))
      expect(fixture.count() - before).toBe(1)
      bench.now += 60_000
    }
  })

  it.each<[string, unknown]>([
    ['no list', { keys: {} }], ['nothing', null], ['a list', []], ['no key', { keys: [{ ...createSigningKey().served, key: 'AAAA' }] }],
    ['a key of another kind than it says', { keys: [{ ...createSigningKey().served, key: ed25519() }] }],
    ['no date', { keys: [{ ...createSigningKey().served, expires: 'soon' }] }],
    ['too many', { keys: Array.from({ length: 101 }, () => createSigningKey().served) }],
  ])('in a document with %s are none, and the operator hears of it', async (_, document) => {
    fixture.fault({ path: /keys/ }, { raw: JSON.stringify(document) })
    await expect(verify(signed(createSigningKey()))).rejects.toThrow(refused(/publishes no signing keys/))
    expect(bench.troubles).toEqual(['reading the keys of "a"'])
  })

  it('that are listed twice are one', async () => {
    const key = createSigningKey()
    serve([key.served, key.served])
    await expect(verify(signed(key))).resolves.toBeUndefined()
    expect(bench.incidents).toEqual([])
  })

  it('of a kind that we cannot use are left out', async () => {
    const key = createSigningKey()
    serve([{ ...createSigningKey().served, keytype: 'ed25519', scheme: 'ed25519', key: ed25519() }, key.served])
    await expect(verify(signed(key))).resolves.toBeUndefined()
  })

  it('that cannot be read are an outage, not a refusal', async () => {
    await fixture.down()
    await expect(verify(signed(createSigningKey()))).rejects.toThrow(refused(/cannot be reached/, 'UPSTREAM_UNAVAILABLE'))
  })
})

function ed25519(): string {
  return Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.alloc(32, 7)]).toString('base64')
}
