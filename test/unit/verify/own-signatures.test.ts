import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createCryptoPool } from '../../../server/crypto-pool.ts'
import { openDatabase, type Database } from '../../../server/database/index.ts'
import { RegistryError } from '../../../server/errors.ts'
import { judgementOf } from '../../../server/packument/judgement.ts'
import type { AuthorityKeys } from '../../../server/registry/index.ts'
import { openOwnKey, type OwnKey } from '../../../server/verify/own-key.ts'
import { createOwnSignatures } from '../../../server/verify/own-signatures.ts'
import type { OwnSignatures } from '../../../server/verify/types.ts'
import { claim, createBench, sha512, summary, upstream, weak, type Bench } from './bench.ts'

let dir: string
let database: Database
let key: OwnKey
let state: AuthorityKeys['state'] | RegistryError
let own: OwnSignatures
let bench: Bench

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'own-'))
  database = await openDatabase(`file:${join(dir, 'registry.db')}`)
  key = await openOwnKey(dir)
})
beforeEach(() => {
  state = 'none'
  own = createOwn()
  bench = createBench({ ownSignatures: own })
})
afterAll(async () => {
  await database.close()
  await rm(dir, { recursive: true, force: true })
})

const createOwn = (with_ = key) => createOwnSignatures({
  database, key: with_, pool: createCryptoPool(),
  keyring: {
    async of() {
      if (state instanceof RegistryError) throw state
      return { state, byId: new Map(), isConfirmed: true } as AuthorityKeys
    },
  },
})

/** Whether our key made it over this. */
function isOurs(signature: string, message: string, { published }: OwnKey = key): boolean {
  const object = createPublicKey({ key: Buffer.from(published.key, 'base64'), format: 'der', type: 'spki' })
  return verify('sha256', Buffer.from(message), object, Buffer.from(signature, 'base64'))
}

describe('our own signatures', () => {
  it('are of every version that is recorded and served with one sha512, and verify', async () => {
    bench.bytes.set(weak('w').integrity, sha512('w'))
    const { signatures } = await bench.judge(upstream(), summary({ '1.0.0': claim('a'), '1.1.0': claim('b'), '0.9.0': weak('w'), '0.8.0': weak('away') }))
    expect([...signatures!.keys()]).toEqual(['1.0.0', '1.1.0'])
    expect(signatures!.get('1.0.0')!.keyid).toBe(key.published.keyid)
    expect(isOurs(signatures!.get('1.0.0')!.signature, `x@1.0.0:${sha512('a')}`)).toBe(true)
    expect(isOurs(signatures!.get('1.1.0')!.signature, `x@1.0.0:${sha512('a')}`)).toBe(false)
  })

  it('are made once: after a restart, in another process, and with new versions beside them', async () => {
    const name = 'stable'
    const first = (await bench.judge(upstream(), summary({ '1.0.0': claim('a') }, { name }))).signatures!
    const again = createBench({ log: bench.log, ownSignatures: createOwn() })
    const later = (await again.judge(upstream(), summary({ '1.0.0': claim('a'), '2.0.0': claim('b') }, { name }))).signatures!
    expect(later.get('1.0.0')).toEqual(first.get('1.0.0'))
    const racing = await Promise.all([1, 2, 3].map(async () => createOwn().of(lookAt('raced'), new Map([['1.0.0', sha512('a')], ['2.0.0', sha512('b')]]))))
    expect(racing[1]).toEqual(racing[0])
    expect(racing[2]).toEqual(racing[0])
  })

  it('hold for the next look at the same package, and change its state only with what is signed', async () => {
    const name = 'states'
    const document = summary({ '1.0.0': claim('a') }, { name })
    const verdict = await bench.judge(upstream(), document)
    const second = await bench.judge(upstream(), document, { summary: document, verdict })
    expect(second.signatures).toEqual(verdict.signatures)
    const stateOf = (of: typeof verdict) => judgementOf('id', document, of).state
    expect(stateOf(second)).toBe(stateOf(verdict))
    expect(stateOf({ ...verdict, signatures: undefined })).toBe('id')
    expect(stateOf(verdict)).not.toBe('id')
    const more = summary({ '1.0.0': claim('a'), '2.0.0': claim('b') }, { name })
    const third = await bench.judge(upstream(), more, { summary: document, verdict })
    expect([...third.signatures!.keys()]).toEqual(['1.0.0', '2.0.0'])
    expect(third.signatures!.get('1.0.0')).toEqual(verdict.signatures!.get('1.0.0'))
  })

  it.each(['known', 'vanished'] as const)('are never of a registry whose keys are %s', async (of) => {
    const name = `of-${of}`
    await bench.judge(upstream(), summary({ '1.0.0': claim('a') }, { name }))
    state = of
    expect((await bench.judge(upstream(), summary({ '1.0.0': claim('a') }, { name }))).signatures).toBeUndefined()
  })

  it('are not of what is in conflict, and not of private names, which no log has', async () => {
    const { record } = bench.log
    await record([{ kind: 'version', subject: { name: 'c', version: '1.0.0' }, integrity: sha512('first'), manifest: claim('').manifest, evidence: 'claimed' }])
    const { signatures, withheld } = await bench.judge(upstream(), summary({ '1.0.0': claim('other'), '2.0.0': claim('b') }, { name: 'c' }))
    expect([...withheld.keys()]).toEqual(['1.0.0'])
    expect([...signatures!.keys()]).toEqual(['2.0.0'])
    const pins = { versionsOf: async () => new Map([['1.0.0', { integrity: sha512('a'), record: {} as never }]]), record: async () => [] }
    const hidden = createBench({ pins, ownSignatures: own })
    expect((await hidden.judge(upstream(), summary({ '1.0.0': claim('a') }, { name: '@private/x' }))).signatures).toBeUndefined()
  })

  it('come later if they cannot be made now; nobody waits for them', async () => {
    state = new RegistryError('UPSTREAM_UNAVAILABLE', 'The registry is away.')
    const document = summary({ '1.0.0': claim('a') }, { name: 'later' })
    const verdict = await bench.judge(upstream(), document)
    expect(verdict.withheld.size).toBe(0)
    expect(verdict.signatures).toBeUndefined()
    expect(verdict.retryAt).toBeLessThan(Date.now() + 60_000)
    expect(bench.seen.trouble).toEqual(['signing versions'])
    state = 'none'
    const then = await bench.judge(upstream(), document, { summary: document, verdict })
    expect([...then.signatures!.keys()]).toEqual(['1.0.0'])
    expect(then.retryAt).toBe(Infinity)
  })

  it('are thousands at once', async () => {
    const versions = new Map(Array.from({ length: 2_500 }, (_, n) => [`1.${n}.0`, sha512(String(n))]))
    const made = await own.of(lookAt('many'), versions)
    expect(made.size).toBe(2_500)
    expect(isOurs(made.get('1.7.0')!.signature, `many@1.7.0:${sha512('7')}`)).toBe(true)
    expect(await createOwn().of(lookAt('many'), versions)).toEqual(made)
  })

  it('are others under another key', async () => {
    const other = await openOwnKey(dir, pem())
    const made = (await createOwn(other).of(lookAt('many'), new Map([['1.7.0', sha512('7')]]))).get('1.7.0')!
    expect(made.keyid).toBe(other.published.keyid)
    expect(isOurs(made.signature, `many@1.7.0:${sha512('7')}`, other)).toBe(true)
  })
})

describe('our own key', () => {
  it('is made once, for nobody else to read', async () => {
    expect((await stat(join(dir, 'registry.key'))).mode & 0o777).toBe(0o600)
    expect(await readFile(join(dir, 'registry.key'), 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n[\s\S]+-----END PRIVATE KEY-----\n$/)
    expect((await openOwnKey(dir)).published).toEqual(key.published)
    expect(key.published.keyid).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/)
  })

  it('may come from elsewhere, and then leaves no file', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'own-'))
    const text = pem()
    expect((await openOwnKey(empty, text)).published).toEqual((await openOwnKey(empty, text)).published)
    await expect(stat(join(empty, 'registry.key'))).rejects.toMatchObject({ code: 'ENOENT' })
    await rm(empty, { recursive: true })
  })

  it.each([['nothing', ''], ['no key', 'hello'], ['a key on another curve', pem('secp384r1')]])('is refused if its file holds %s, in words that show nothing of it', async (_, text) => {
    const other = await mkdtemp(join(tmpdir(), 'own-'))
    await writeFile(join(other, 'registry.key'), text)
    await expect(openOwnKey(other)).rejects.toThrow(/registry\.key does not hold a private key on P-256 \(PKCS #8 in PEM\), or a damaged one\. Restore it\.$/)
    await rm(other, { recursive: true })
  })
})

function lookAt(name: string): Parameters<OwnSignatures['of']>[0] {
  const about = { name, subject: { name }, summary: summary({}, { name }) }
  return { ...about, isPrivate: false, upstream: upstream(), open: new Map(), standing: new Map() }
}

function pem(namedCurve = 'prime256v1'): string {
  return String(generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type: 'pkcs8', format: 'pem' }))
}
