import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCryptoPool } from '../../../server/crypto-pool.ts'
import type { IncidentReport } from '../../../server/incidents/index.ts'
import { parseRecord } from '../../../shared/record/index.ts'
import type { VersionSummary } from '../../../server/packument/index.ts'
import { createSignatures } from '../../../server/verify/signatures.ts'
import type { Look, Signatures, Signed } from '../../../server/verify/types.ts'
import { createSigningKey } from '../../fixtures/registry/index.ts'
import type { SigningKey } from '../../fixtures/registry/signing.ts'
import { createKeysBench, HOUR, serve, withId, type KeysBench } from '../registry/keys/bench.ts'
import { claim, createBench, sha512, summary, weak } from './bench.ts'

interface Vector {
  name: string
  version: string
  integrity: string
  published: string
  keyid: string
  sig: string
  why?: string
}
const vectors = JSON.parse(readFileSync(new URL('../../vectors/npm-signatures.json', import.meta.url), 'utf8')) as {
  keys: SigningKey['served'][]
  valid: Vector[]
  invalid: Vector[]
}

let keys: KeysBench
let signatures: Signatures
let incidents: IncidentReport[]
let now: number

beforeEach(async () => {
  keys = await createKeysBench()
  incidents = []
  now = keys.now
  signatures = createSignatures({
    keyring: { of: (...asked) => keys.keyring.of(...asked) },
    pool: createCryptoPool(),
    incidents: {
      async report(found) {
        incidents.push(...found)
        return new Set()
      },
    },
    trouble: (what, error) => { throw new Error(what, { cause: error }) },
    now: () => now,
  })
})
afterEach(() => keys.close())

/** Looks at versions of one package as authority `a` gives them. */
async function check(versions: Record<string, VersionSummary>, name = 'x', digests = digestsOf(versions)): Promise<Map<string, Signed>> {
  const upstream = { registry: keys.registries.a, request: () => Promise.reject(new Error('nothing is asked')) }
  const about = { name, subject: { name }, summary: summary(versions, { name }) }
  const look: Look = { ...about, isPrivate: false, upstream, open: new Map(Object.entries(versions)), standing: new Map() }
  return new Map(await signatures.check(look, digests))
}
function digestsOf(versions: Record<string, VersionSummary>): Map<string, string> {
  return new Map(Object.entries(versions).map(([version, { integrity }]) => [version, integrity]))
}

function ofVector({ integrity, published, keyid, sig }: Vector): VersionSummary {
  return claim('', { integrity, published, signatures: [{ keyid, signature: sig }] })
}
/** Signed as a registry does. */
function signed(key: SigningKey, version = '1.0.0', more: Partial<VersionSummary> = {}, integrity = sha512('a')): VersionSummary {
  const { keyid, sig } = key.sign(`x@${version}:${integrity}`)
  return claim('a', { published: '2025-06-01T00:00:00.000Z', signatures: [{ keyid, signature: sig }], ...more })
}
const refusal = (sentence: RegExp, code = 'NOT_VERIFIED', retryIn: unknown = 600_000) => expect.objectContaining({
  why: expect.objectContaining({ code, message: expect.stringMatching(sentence) as string }) as Error, retryIn,
}) as Signed

const [key, other] = [createSigningKey(), createSigningKey()]

describe('real signatures', () => {
  beforeEach(() => serve(keys.fixtures.a, ...vectors.keys))

  it('all verify, and go into the record as they are', async () => {
    expect(vectors.valid.length).toBeGreaterThan(50)
    for (const vector of vectors.valid) {
      const found = await check({ [vector.version]: ofVector(vector) }, vector.name)
      expect(found.get(vector.version)).toEqual({ keyid: vector.keyid, signature: vector.sig })
    }
    expect(incidents).toEqual([])
  })

  it.each(vectors.invalid)('with a change ($why) are refused: $name@$version', async (vector) => {
    const found = await check({ [vector.version]: ofVector(vector) }, vector.name)
    expect(found.get(vector.version)).toEqual(refusal(/ is withheld: .*"a" \(a\.example\)/))
  })
})

describe('a version of a registry that signs', () => {
  beforeEach(() => serve(keys.fixtures.a, key, other))

  it('is refused without a signature', async () => {
    const found = await check({ '1.0.0': claim('a'), '2.0.0': signed(key, '2.0.0') })
    expect(found.get('1.0.0')).toEqual(refusal(/^x@1\.0\.0 is withheld: registry "a" \(a\.example\) publishes signing keys, but did not sign it\. Install another version/))
    expect(found.get('2.0.0')).toEqual(signedBy(key))
    expect(incidents).toEqual([])
  })

  it('needs every one of its signatures', async () => {
    const [good] = signed(key).signatures
    const [second] = signed(other).signatures
    const bad = { ...second!, signature: signed(other, '9.9.9').signatures[0]!.signature }
    const versions = {
      '1.0.0': signed(key, '1.0.0', { signatures: [good!, second!] }),
      '1.0.1': signed(key, '1.0.1', { signatures: [...signed(key, '1.0.1').signatures, bad] }),
      '1.0.2': signed(key, '1.0.2', { signatures: [...signed(key, '1.0.2').signatures, { keyid: 'none', signature: '' }] }),
    }
    const found = await check(versions)
    expect(found.get('1.0.0')).toEqual(good)
    expect(found.get('1.0.1')).toEqual(refusal(/does not verify under key/))
    expect(found.get('1.0.2')).toEqual(refusal(/it is signed by key none, which registry "a" \(a\.example\) does not publish/))
  })

  it('with a bad signature is an incident that holds claim, signature and key; once', async () => {
    const bad = { '1.0.0': signed(key, '1.0.0', { integrity: sha512('evil') }) }
    await check(bad)
    await check(bad)
    expect(incidents).toEqual([{
      kind: 'invalid-signature', cause: expect.stringMatching(/^invalid-signature pkg:npm\/x@1\.0\.0 \S+ a$/) as string,
      subject: 'pkg:npm/x@1.0.0', source: 'a', isPrivate: false,
      sentence: expect.stringMatching(/^x@1\.0\.0 is withheld: its signature does not verify under key SHA256:.* of registry "a"/) as string,
      evidence: {
        claimed: expect.objectContaining({ integrity: sha512('evil'), sha512: sha512('evil'), signatures: bad['1.0.0'].signatures }) as object,
        keys: [{ keyid: key.served.keyid, key: key.served.key }],
        details: { message: `x@1.0.0:${sha512('evil')}` },
        asked: { source: 'a', registry: keys.registries.a.url, at: '2026-01-01T00:00:00.000Z' },
      },
    }])
  })

  it.each<[string, (good: string) => string]>([
    ['nothing', () => ''],
    ['no base64', good => `${good.slice(0, -4)}!!!!`],
    ['base64 in another spelling', good => `${good}\n`],
    ['a byte too many', good => Buffer.concat([Buffer.from(good, 'base64'), Buffer.from([0])]).toString('base64')],
    ['no DER', () => Buffer.alloc(64, 7).toString('base64')],
    ['DER in a longer form', (good) => {
      const der = Buffer.from(good, 'base64')
      return Buffer.concat([Buffer.from([0x30, 0x81]), der.subarray(1)]).toString('base64')
    }],
  ])('is refused with %s as signature', async (_, spoil) => {
    const [{ keyid, signature } = { keyid: '', signature: '' }] = signed(key).signatures
    const found = await check({ '1.0.0': signed(key, '1.0.0', { signatures: [{ keyid, signature: spoil(signature) }] }) })
    expect(found.get('1.0.0')).toEqual(refusal(/does not verify under key/))
  })

  it('by a key that the registry does not have is refused after asking once more', async () => {
    const young = createSigningKey()
    await check({ '1.0.0': signed(key) })
    expect((await check({ '1.0.0': signed(young) })).get('1.0.0')).toEqual(refusal(/is signed by key SHA256:\S+, which registry "a" \(a\.example\) does not publish/))
    serve(keys.fixtures.a, key, young)
    keys.now += 60_000
    expect((await check({ '1.0.0': signed(young) })).get('1.0.0')).toEqual(signedBy(young))
    expect(incidents).toEqual([])
  })

  it('by a key of another registry is refused', async () => {
    const foreign = createSigningKey()
    serve(keys.fixtures.b, foreign)
    await keys.keyring.all()
    expect((await check({ '1.0.0': signed(foreign) })).get('1.0.0')).toEqual(refusal(/does not publish/))
  })

  it('by a key that was refused under a taken id is not verified with it', async () => {
    await keys.keyring.all()
    const clashing = withId(createSigningKey(), key.served.keyid)
    serve(keys.fixtures.a, clashing, other)
    keys.now += HOUR
    expect((await check({ '1.0.0': signed(clashing) })).get('1.0.0')).toEqual(refusal(/does not verify under key/))
    expect((await check({ '1.0.0': signed(key) })).get('1.0.0')).toEqual(signedBy(key))
  })

  it('with another digest than one sha512 may be signed as it is written: then its evidence stays what it was', async () => {
    const text = `${sha512('a')} sha1-${Buffer.alloc(20).toString('base64')}`
    const found = (version: string, over: string, more: Partial<VersionSummary>) =>
      check({ [version]: { ...weak('a'), ...signed(key, version, { integrity: weak('a').integrity, isPlain: false, ...more }, over) } }, 'x', new Map([[version, sha512('a')]]))
    expect((await found('1.0.0', text, { claim: text })).get('1.0.0')).toBe('unsigned')
    expect((await found('1.0.1', weak('a').integrity, {})).get('1.0.1')).toBe('unsigned')
    expect((await found('1.0.2', sha512('a'), { claim: text })).get('1.0.2')).toEqual(signedBy(key))
    expect((await found('1.0.3', sha512('b'), { claim: text })).get('1.0.3')).toEqual(refusal(/does not verify/))
    expect(incidents).toMatchObject([{ evidence: { claimed: { integrity: text, sha512: sha512('a') } } }])
  })
})

describe('an expired key', () => {
  const expiring = createSigningKey('2025-07-01T00:00:00.000Z')
  beforeEach(() => serve(keys.fixtures.a, expiring))
  const at = async (published: string | undefined) => (await check({ '1.0.0': signed(expiring, '1.0.0', { published }) })).get('1.0.0')

  it('verifies what was published before, and nothing else', async () => {
    expect(await at('2025-06-30T23:59:59.999Z')).toEqual(signedBy(expiring))
    expect(await at('2025-07-01T00:00:00.000Z')).toEqual(refusal(/expired at 2025-07-01T00:00:00\.000Z, and it was published at 2025-07-01T00:00:00\.000Z\./))
  })

  it('goes by our clock where nobody says when it was', async () => {
    expect(await at(undefined)).toEqual(refusal(/expired at .*, and the registry does not say that it was published before\./))
    now = Date.parse('2025-06-30T23:59:59.999Z')
    expect(await at(undefined)).toEqual(signedBy(expiring))
  })
})

describe('a registry', () => {
  it('that never had keys signs nothing, and nobody expects it', async () => {
    expect([...await check({ '1.0.0': claim('a'), '1.1.0': signed(key, '1.1.0') })]).toEqual([['1.0.0', 'unsigned'], ['1.1.0', 'unsigned']])
  })

  it('that had keys and says it has none gets no new version served, signed or not', async () => {
    serve(keys.fixtures.a, key)
    await check({ '1.0.0': signed(key) })
    serve(keys.fixtures.a)
    keys.now += HOUR
    const found = await check({ '1.1.0': signed(key, '1.1.0'), '1.2.0': claim('a') })
    for (const version of ['1.1.0', '1.2.0']) {
      expect(found.get(version)).toEqual(refusal(/^New versions of x are withheld: registry "a" .* used to publish signing keys/, 'UPSTREAM_UNAVAILABLE', 60_000))
    }
    expect(keys.incidents).toMatchObject([{ kind: 'keys-vanished' }])
  })

  it('that cannot be asked holds up what nobody has keys for, and only that', async () => {
    await keys.fixtures.a.down()
    expect((await check({ '1.0.0': signed(key) })).get('1.0.0')).toEqual(refusal(/cannot be reached/, 'UPSTREAM_UNAVAILABLE', 5_000))
    await keys.fixtures.a.up()
    serve(keys.fixtures.a, key)
    keys.now += HOUR
    await check({ '1.0.0': signed(key) })
    await keys.fixtures.a.down()
    keys.now += HOUR
    const found = await check({ '1.0.0': signed(key), '1.1.0': signed(other, '1.1.0') })
    expect(found.get('1.0.0')).toEqual(signedBy(key))
    expect(found.get('1.1.0')).toEqual(refusal(/cannot be asked for it now/, 'UPSTREAM_UNAVAILABLE', 5_000))
  })
})

it('records what is signed as signed, and withholds the rest', async () => {
  serve(keys.fixtures.a, key)
  const { judge, log } = createBench({ signatures })
  const upstream = { registry: keys.registries.a, request: () => Promise.reject(new Error('nothing is asked')) }
  const one = signed(key)
  const { withheld, retryAt } = await judge(upstream, summary({ '1.0.0': one, '2.0.0': claim('b') }))
  expect([...withheld].map(([version, { code }]) => [version, code])).toEqual([['2.0.0', 'NOT_VERIFIED']])
  expect(retryAt).toBeGreaterThan(Date.now() + 60_000)
  expect(log.texts).toHaveLength(1)
  expect(parseRecord(log.texts[0]!)).toMatchObject({ evidence: 'signed', signature: one.signatures[0] })
})

it('checks a thousand versions while the event loop goes on', async () => {
  serve(keys.fixtures.a, key)
  const versions = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`1.${n}.0`, signed(key, `1.${n}.0`)]))
  await check({ '0.0.1': signed(key, '0.0.1') })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const found = await check(versions)
  delay.disable()
  expect([...found.values()].every(one => typeof one === 'object' && 'keyid' in one)).toBe(true)
  expect(found.size).toBe(1_000)
  expect(delay.percentile(99) / 1e6).toBeLessThan(100)
})

function signedBy({ served: { keyid } }: SigningKey): Signed {
  return { keyid, signature: expect.stringMatching(/^ME/) as string }
}
