import { createPublicKey, verify } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseRecord, signedMessage, type LogRecord } from '../../shared/record/index.ts'
import { decodeBundle } from '../../shared/tlog/index.ts'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { ask, versionsOf } from './ask.ts'

interface Dist {
  integrity: string
  signatures?: { keyid: string, sig: string }[]
}
interface ServedKey {
  keyid: string
  key: string
}

/** Two registries that sign, and one that does not. */
let first: FixtureRegistry
let second: FixtureRegistry
let plain: FixtureRegistry
let server: TestServer
let dataDir: string
const config = () => ({
  registries: [
    { id: 'first', url: first.url, role: 'authority' },
    { id: 'second', url: second.url, role: 'authority' },
    { id: 'plain', url: plain.url, role: 'authority' },
  ],
  routes: [{ match: ['@second/*'], registry: 'second' }, { match: ['@plain/*'], registry: 'plain' }],
  limits: { retries: 0 },
  cache: { fresh: 0, staleWhileRevalidate: 0 },
  signVersions: true,
})

beforeAll(async () => {
  first = await createFixtureRegistry({ sign: true })
  second = await createFixtureRegistry({ sign: true })
  plain = await createFixtureRegistry()
  await first.publish({ name: 'signed', version: '1.0.0' })
  await second.publish({ name: '@second/signed', version: '1.0.0' })
  await plain.publish({ name: '@plain/unsigned', version: '1.0.0' })
  dataDir = await mkdtemp(join(tmpdir(), 'registry-data-'))
  server = await startServer({ config: config(), dataDir })
})
afterAll(async () => {
  await server.stop()
  await Promise.all([first.close(), second.close(), plain.close()])
  await rm(dataDir, { recursive: true, force: true })
})

/** The same server, at the same address, with nothing in its cache. */
async function restart(): Promise<void> {
  const { port } = new URL(server.url)
  await server.kill()
  await rm(join(dataDir, 'cache'), { recursive: true, force: true })
  server = await startServer({ config: config(), dataDir, port: Number(port) })
}

const packument = (name: string) => ask(`${server.npmUrl}${name}`)
async function distOf(name: string, version: string): Promise<Dist> {
  return (await ask(`${server.npmUrl}${name}/${version}`)).json.dist as Dist
}
async function keys(): Promise<ServedKey[]> {
  return (await ask(`${server.npmUrl}-/npm/v1/keys`)).json.keys as ServedKey[]
}
async function incidents(kind: string): Promise<Record<string, unknown>[]> {
  const { json } = await ask(`${server.url}api/incidents?kind=${kind}`)
  return json.incidents as Record<string, unknown>[]
}
async function records(): Promise<LogRecord[]> {
  const size = Number((await ask(`${server.url}sumdb/checkpoint`)).text.split('\n')[1])
  const { body } = await ask(`${server.url}sumdb/tile/entries/000.p/${size}`)
  return decodeBundle(body, size).map(entry => parseRecord(new TextDecoder().decode(entry)))
}

describe('two registries that sign', () => {
  it('have their versions recorded as signed, and their keys too', async () => {
    for (const [name, { keys: [key] }] of [['signed', first], ['@second/signed', second]] as const) {
      expect(versionsOf(await packument(name))).toEqual(['1.0.0'])
      const all = await records()
      const { keyid, key: spki } = key!.served
      const [signature] = (await distOf(name, '1.0.0')).signatures!
      expect(all).toContainEqual(expect.objectContaining({
        kind: 'version', subject: expect.objectContaining({ name }) as object,
        evidence: 'signed', signature: { keyid, signature: signature!.sig },
      }))
      expect(all.filter(({ kind }) => kind === 'keys')).toContainEqual(expect.objectContaining({ keys: [{ keyid, key: spki }] }))
    }
  })

  it('are both in the list of keys, also while they are down', async () => {
    const ids = (await keys()).map(({ keyid }) => keyid)
    expect(ids).toEqual([first.keys[0]!.served.keyid, second.keys[0]!.served.keyid, expect.stringMatching(/^SHA256:/)])
    await Promise.all([first.down(), second.down()])
    expect((await keys()).map(({ keyid }) => keyid)).toEqual(ids)
    await Promise.all([first.up(), second.up()])
  })

  it('get nothing served that they did not sign, and an incident for what was changed', async () => {
    await first.publish({ name: 'changed', version: '1.0.0' })
    await first.publish({ name: 'changed', version: '1.1.0' })
    await first.publish({ name: 'changed', version: '1.2.0' })
    first.editManifest('changed', '1.1.0', ({ dist }) => {
      dist.signatures = first.manifest('changed', '1.0.0').dist.signatures
    })
    first.editManifest('changed', '1.2.0', ({ dist }) => {
      delete dist.signatures
    })
    expect(versionsOf(await packument('changed'))).toEqual(['1.0.0'])
    for (const version of ['1.1.0', '1.2.0']) {
      const refused = await ask(`${server.npmUrl}changed/${version}`)
      expect(refused.status).toBe(403)
      expect(refused.json).toMatchObject({ code: 'NOT_VERIFIED', error: expect.stringContaining(`changed@${version}`) as string })
      expect((await ask(`${server.npmUrl}changed/-/changed-${version}.tgz`)).status).toBe(403)
    }
    expect(await incidents('invalid-signature')).toMatchObject([{ source: 'first', subject: 'pkg:npm/changed@1.1.0' }])
  })
})

describe('a registry that does not sign', () => {
  it('gets our signature, the same after a restart, under a key that is in the list', async () => {
    const before = await packument('@plain/unsigned')
    const { integrity, signatures } = await distOf('@plain/unsigned', '1.0.0')
    expect(signatures).toHaveLength(1)
    const [{ keyid, sig } = { keyid: '', sig: '' }] = signatures!
    const { key } = (await keys()).find(one => one.keyid === keyid)!
    const object = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' })
    const message = signedMessage('@plain/unsigned', '1.0.0', integrity)
    expect(verify('sha256', Buffer.from(message), object, Buffer.from(sig, 'base64'))).toBe(true)
    expect(plain.manifest('@plain/unsigned', '1.0.0').dist.signatures).toBeUndefined()
    // The others have only their own.
    expect((await distOf('signed', '1.0.0')).signatures).toHaveLength(1)

    await restart()
    const after = await packument('@plain/unsigned')
    expect(after.headers.etag).toBe(before.headers.etag)
  })
})

it('whose keys vanish gets no new version served, and what is recorded stays', async () => {
  await second.publish({ name: '@second/signed', version: '2.0.0' })
  const mend = second.fault({ path: /\/keys$/ }, { status: 404 })
  await restart()
  expect(versionsOf(await packument('@second/signed'))).toEqual(['1.0.0'])
  const refused = await ask(`${server.npmUrl}@second/signed/2.0.0`)
  expect(refused.status).toBe(503)
  expect(refused.json).toMatchObject({
    code: 'UPSTREAM_UNAVAILABLE', error: expect.stringContaining('used to publish signing keys') as string,
  })
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  expect(await incidents('keys-vanished')).toMatchObject([{ source: 'second' }])
  expect((await keys()).map(({ keyid }) => keyid)).toContain(second.keys[0]!.served.keyid)
  mend()
})
