import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer, type TestServerOptions } from '../fixtures/server.ts'
import { ask, statusOf, until } from './ask.ts'

const LARGE = 4 * 1024 * 1024

let authority: FixtureRegistry
let honest: FixtureRegistry
let liar: FixtureRegistry
const cleanups: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  authority = await createFixtureRegistry()
  honest = await createFixtureRegistry()
  liar = await createFixtureRegistry()
  cleanups.push(() => authority.close(), () => honest.close(), () => liar.close())
})

afterAll(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup()
})

const registries = (...order: ('npm' | 'honest' | 'liar')[]) => order.map(id => id === 'npm'
  ? { id, url: authority.url, role: 'authority' }
  : { id, url: (id === 'honest' ? honest : liar).url, role: 'mirror', of: 'npm' })

async function serve(config: object, more: TestServerOptions = {}): Promise<TestServer> {
  const base = { cache: { fresh: '1h' }, limits: { retries: 0, bodyTimeout: 1000 }, probes: { interval: 0 } }
  const server = await startServer({ config: { ...base, ...config }, ...more })
  cleanups.push(() => server.kill())
  return server
}

const pathOf = (name: string, version = '1.0.0') => `${name}/-/${name}-${version}.tgz`
const asked = (registry: FixtureRegistry, name: string, method = 'GET') => registry.count(method, `/${pathOf(name)}`)
const metric = async (server: TestServer, line: string) => (await ask(`${server.url}metrics`)).text.includes(`\n${line}\n`)

/** The same version at all three. */
async function publish(name: string, where = [authority, honest, liar]): Promise<Buffer> {
  for (const registry of where) await registry.publish({ name, version: '1.0.0' })
  return authority.tarball(name, '1.0.0')
}

/** A version whose tarball is large, so that its beginning is delivered before its end is known. */
async function publishLarge(name: string): Promise<Buffer> {
  const bytes = randomBytes(LARGE)
  Buffer.from([0x1f, 0x8b]).copy(bytes)
  for (const registry of [authority, honest, liar]) {
    await registry.publish({ name, version: '1.0.0' })
    registry.setTarball(name, '1.0.0', bytes)
    registry.editManifest(name, '1.0.0', ({ dist }) => {
      dist.integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
      dist.shasum = createHash('sha1').update(bytes).digest('hex')
    })
  }
  return bytes
}

/** The liar's bytes differ from here on. */
function lieAbout(name: string, at: number): Buffer {
  const wrong = Buffer.from(liar.tarball(name, '1.0.0'))
  wrong[at]! ^= 1
  liar.setTarball(name, '1.0.0', wrong)
  return wrong
}

describe('serving', () => {
  it('survives a mirror that lies, whom nobody asks for that version again', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'sources-data-'))
    cleanups.push(() => rm(dataDir, { recursive: true, force: true }))
    const server = await serve({ delivery: 'serve', registries: registries('liar', 'honest', 'npm') }, { dataDir })
    const right = await publish('victim')
    lieAbout('victim', 20)
    const answer = await ask(server.npmUrl + pathOf('victim'))
    expect(answer.status).toBe(200)
    expect(answer.body.equals(right)).toBe(true)
    expect([asked(liar, 'victim'), asked(honest, 'victim'), asked(authority, 'victim')]).toEqual([1, 1, 0])
    await until('the lie is counted', () => metric(server, 'registry_tarball_lies_total{registry="liar"} 1'))
    expect(await metric(server, 'registry_tarball_failovers_total{registry="liar",code="INTEGRITY"} 1')).toBe(true)
    await until('the lie is an incident', () => metric(server, 'registry_incidents_total{kind="conflict"} 1'))
    await server.stop()

    // The next process remembers it, where nobody could notice the lie again.
    const redirecting = await serve({ registries: registries('liar', 'honest', 'npm') }, { dataDir })
    await publish('other')
    expect((await ask(redirecting.npmUrl + pathOf('victim'))).headers.location).toBe(honest.url + pathOf('victim'))
    expect((await ask(redirecting.npmUrl + pathOf('other'))).headers.location).toBe(liar.url + pathOf('other'))
  })

  it.each([
    ['stalls', { stall: 'body' }],
    ['hangs up', { drop: 'mid' }],
    ['ends early', { truncate: LARGE / 2 }],
    ['ends early and did not say how much it would be', { truncate: LARGE / 2, chunked: true }],
  ] as const)('goes on with the next source when one %s half-way, unnoticed', async (title, behaviour) => {
    const name = `half-${title.replaceAll(' ', '-')}`
    const server = await serve({ delivery: 'serve', registries: registries('liar', 'honest', 'npm') })
    const right = await publishLarge(name)
    const heal = liar.fault({ path: `/${pathOf(name)}`, method: 'GET' }, behaviour)
    const answer = await ask(server.npmUrl + pathOf(name))
    heal()
    expect(answer.status).toBe(200)
    expect(answer.body.equals(right)).toBe(true)
    expect([asked(liar, name), asked(honest, name), asked(authority, name)]).toEqual([1, 1, 0])
  })

  it('cuts off whoever has bytes that no other source has, and has the right ones for the next one', async () => {
    const server = await serve({ delivery: 'serve', registries: registries('liar', 'honest', 'npm') })
    const right = await publishLarge('cut-off')
    const wrong = lieAbout('cut-off', 5)
    // The liar hangs, so that some of the lie is delivered.
    const heal = liar.fault({ path: `/${pathOf('cut-off')}` }, { stall: 'body' })
    await expect(ask(server.npmUrl + pathOf('cut-off'))).rejects.toThrow()
    heal()
    await until('the right ones are stored', async () => (await statusOf(server)).cache.tarballBytes >= LARGE)
    const answer = await ask(server.npmUrl + pathOf('cut-off'))
    expect(answer.status).toBe(200)
    expect(answer.body.equals(right)).toBe(true)
    expect(answer.body.equals(wrong)).toBe(false)
  })

  it('says that a source failed too often, and asks it last', async () => {
    const failing = await serve({ delivery: 'serve', registries: registries('liar', 'honest', 'npm') })
    const heal = liar.fault({ path: /\.tgz$/ }, { status: 500 })
    for (const name of ['fails-1', 'fails-2', 'fails-3', 'fails-4']) {
      await publish(name)
      expect((await ask(failing.npmUrl + pathOf(name))).status).toBe(200)
    }
    heal()
    expect(['fails-1', 'fails-2', 'fails-3', 'fails-4'].map(name => asked(liar, name))).toEqual([1, 1, 1, 0])
    const { upstreams } = await statusOf(failing)
    expect(upstreams.map(({ id, circuit }) => [id, circuit])).toEqual([['liar', 'open'], ['honest', 'closed'], ['npm', 'closed']])
    expect(await metric(failing, 'registry_source_circuit{registry="liar"} 1')).toBe(true)
  })

  it('gives a source no more time than it has', async () => {
    const [slow, ...others] = registries('liar', 'honest', 'npm')
    const patient = await serve({ delivery: 'serve', registries: [{ ...slow, timeout: '300ms' }, ...others] })
    const right = await publish('slow')
    const heal = liar.fault({ path: `/${pathOf('slow')}` }, { stall: 'headers' })
    const answer = await ask(patient.npmUrl + pathOf('slow'))
    heal()
    expect(answer.body.equals(right)).toBe(true)
    expect(answer.ms).toBeLessThan(5_000)
  })
})

describe('redirecting', () => {
  it('leads to a mirror that has the tarball, after asking it once, and past one that lags', async () => {
    const server = await serve({ registries: registries('liar', 'honest', 'npm') })
    await publish('led', [authority, honest])
    for (let n = 0; n < 5; n++) {
      const answer = await ask(server.npmUrl + pathOf('led'))
      expect(answer.status).toBe(302)
      expect(answer.headers.location).toBe(honest.url + pathOf('led'))
    }
    expect([asked(liar, 'led', 'HEAD'), asked(honest, 'led', 'HEAD')]).toEqual([1, 1])
    expect(authority.count(undefined, /led-1\.0\.0\.tgz/)).toBe(0)
    await publish('only-here', [authority])
    expect((await ask(server.npmUrl + pathOf('only-here'))).headers.location).toBe(authority.url + pathOf('only-here'))
  })

  it('spreads packages over all sources, and those of a dead one over the others', async () => {
    const names = Array.from({ length: 60 }, (_, n) => `spread-${n}`)
    for (const name of names) await publish(name)
    const server = await serve({ strategy: 'spread', registries: registries('liar', 'honest', 'npm') })
    const targets = async () => {
      const answers = await Promise.all(names.map(name => ask(server.npmUrl + pathOf(name))))
      return answers.map(({ headers }) => new URL(headers.location!).origin)
    }
    const before = await targets()
    const origins = [authority, honest, liar].map(({ url }) => new URL(url).origin)
    for (const origin of origins) expect(before.filter(one => one === origin).length).toBeGreaterThan(8)
    await liar.down()
    try {
      // Nobody hears how it went for whom we sent there: we ask for ourselves.
      await until('nobody is led to the dead one', async () => !(await targets()).includes(origins[2]!), 30_000)
      const after = await targets()
      expect(after.filter((origin, n) => origin !== before[n]).length).toBe(before.filter(origin => origin === origins[2]).length)
    } finally {
      await liar.up()
    }
  }, 60_000)

  it('never leads to a mirror that needs a token', async () => {
    const guarded = await createFixtureRegistry({ token: 'a-token-nobody-may-see' })
    cleanups.push(() => guarded.close())
    for (const registry of [authority, guarded]) await registry.publish({ name: 'kept', version: '1.0.0' })
    const server = await serve({ registries: [
      { id: 'guarded', url: guarded.url, role: 'mirror', of: 'npm', token: 'a-token-nobody-may-see' }, ...registries('npm'),
    ] })
    const answer = await ask(server.npmUrl + pathOf('kept'))
    expect(answer.headers.location).toBe(authority.url + pathOf('kept'))
    expect(guarded.requests.filter(({ url }) => url.endsWith('.tgz'))).toEqual([])
  })
})
