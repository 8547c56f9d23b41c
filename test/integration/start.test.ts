import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import npm from '@npmcli/config/lib/definitions/index.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { failToStart, freePort, startServer, type TestServer, type TestServerOptions } from '../fixtures/server.ts'
import { ask, statusOf, versionsOf } from './ask.ts'

const TOKEN = 'a-token-nobody-may-see'

let upstream: FixtureRegistry
const cleanups: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  upstream = await createFixtureRegistry()
  cleanups.push(() => upstream.close())
})

afterAll(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup()
})

async function start(options: TestServerOptions): Promise<TestServer> {
  const server = await startServer(options)
  cleanups.push(() => server.kill())
  return server
}

/** A home with an `.npmrc`, and the environment of a user who lives there and has nothing else. */
async function homeWith(npmrc: string): Promise<{ home: string, env: Record<string, string | undefined> }> {
  const home = await mkdtemp(join(tmpdir(), 'registry-home-'))
  cleanups.push(() => rm(home, { recursive: true, force: true }))
  await writeFile(join(home, '.npmrc'), npmrc)
  return { home, env: { HOME: home, npm_config_userconfig: undefined } }
}

const linesOf = (stderr: string) => stderr.split('\n').filter(line => line.trim() !== '')

describe('a configuration that cannot be used', () => {
  it.each([
    ['abc', /^✖ PORT: "abc" is not a port\. Use a number from 1 to 65535\.$/],
    ['99999', /^✖ PORT: "99999" is not a port\. Use a number from 1 to 65535\.$/],
  ])('ends the start when PORT is %s', async (PORT, sentence) => {
    const { code, stderr } = await failToStart({ env: { PORT } })
    expect(code).toBe(1)
    expect(linesOf(stderr)).toEqual([expect.stringMatching(sentence)])
  })

  it('ends the start when somebody else listens on the port', async () => {
    const { port } = new URL(upstream.url)
    const { code, stderr } = await failToStart({ env: { PORT: port } })
    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`✖ The server cannot listen on port ${port} \\(EADDRINUSE\\)\\. Choose another with PORT\\.`))
  })

  it('ends the start with 1 and one line for each problem, which names its place', async () => {
    const { code, stderr } = await failToStart({
      config: {
        registries: [
          { id: 'npm', url: 'ftp://registry.example/', role: 'authority' },
          { id: 'near', url: 'https://mirror.example/', role: 'mirrors', of: 'npm', token: TOKEN },
        ],
        cache: { fresh: 'soon', memory: '1 apple' },
        limits: { retries: 99, timeout: 5 },
      },
    })
    expect(code).toBe(1)
    const lines = linesOf(stderr)
    for (const place of ['registries[0].url', 'registries[1].role', 'cache.fresh', 'cache.memory', 'limits.retries', 'limits.timeout']) {
      expect(lines.filter(line => line.startsWith(`✖ registry.config.json: ${place}: `)), place).toHaveLength(1)
    }
    expect(lines).toHaveLength(6)
    expect(stderr).not.toContain(TOKEN)
  })

  it.each([
    ['a file that is not there', { env: { REGISTRY_CONFIG: 'nowhere.json' } }, /^✖ REGISTRY_CONFIG: nowhere\.json does not exist/],
    ['a public URL that is none', { env: { NUXT_PUBLIC_URL: 'example' } }, /^✖ NUXT_PUBLIC_URL: /],
    ['a Redis URL that is none', { env: { NUXT_REDIS_URL: `redis//:${TOKEN}@x` } }, /^✖ NUXT_REDIS_URL: /],
    ['a cache driver without its URL', { config: { cache: { driver: 'redis' } } }, /^✖ registry\.config\.json: cache\.driver: /],
    ['a data directory that is a file', { env: { NUXT_DATA_DIR: '/dev/null' } }, /^✖ NUXT_DATA_DIR: /],
  ] as const)('says so in one line: %s', async (_, options, expected) => {
    const { code, stderr } = await failToStart(options)
    expect(code).toBe(1)
    expect(linesOf(stderr)).toEqual([expect.stringMatching(expected)])
    expect(stderr).not.toContain(TOKEN)
  })
})

describe('without any configuration', () => {
  it('takes registries and tokens from npm\'s, and sends a token to its own registry only', async () => {
    const acme = await createFixtureRegistry({ token: TOKEN, prefix: '/npm/' })
    cleanups.push(() => acme.close())
    await upstream.publish({ name: 'open', version: '1.0.0' })
    await acme.publish({ name: '@acme/closed', version: '1.0.0' })
    // The default registry lures: a redirect to the other one, which would know the token.
    upstream.fault({ path: '/lure' }, { redirect: `${acme.url}@acme%2fclosed` })
    const { env } = await homeWith([
      `registry=${upstream.url}`, `@acme:registry=${acme.url}`, `//${acme.host}/npm/:_authToken=\${ACME_TOKEN}`, '',
    ].join('\n'))
    const server = await start({ env: { ...env, ACME_TOKEN: TOKEN } })

    expect((await ask(`${server.npmUrl}open`)).status).toBe(200)
    expect(upstream.requests.some(({ headers }) => headers.authorization !== undefined)).toBe(false)
    expect((await ask(`${server.npmUrl}@acme/closed`)).status).toBe(200)
    expect((await ask(`${server.npmUrl}@acme/closed/-/closed-1.0.0.tgz`)).status).toBe(200)
    expect(acme.requests.length).toBeGreaterThan(0)
    expect(acme.requests.every(({ headers }) => headers.authorization === `Bearer ${TOKEN}`)).toBe(true)

    acme.requests.length = 0
    const lured = await ask(`${server.npmUrl}lure`)
    expect(lured.status).toBeGreaterThanOrEqual(400)
    expect(acme.requests.some(({ headers }) => headers.authorization !== undefined)).toBe(false)

    const { upstreams } = await statusOf(server)
    expect(upstreams.map(({ id, routes }) => [id, routes])).toEqual([['npm', ['*']], ['acme', ['@acme/*']]])
    expect(server.stderr()).toContain(`${upstream.host} (authority, from ~/.npmrc)`)
    expect(server.stderr()).toContain(`npm config set registry ${server.npmUrl}`)
    expect(server.stdout() + server.stderr() + JSON.stringify(upstreams)).not.toContain(TOKEN)
  })

  it('falls back to npm\'s own default registry', async () => {
    const server = await start({})
    const { upstreams } = await statusOf(server)
    expect(upstreams.map(({ namespace }) => namespace)).toEqual([new URL(npm.definitions.registry.default).host])
  })
})

describe('when npm is configured to come to us', () => {
  it('goes on with the registry of the last start, and says so', async () => {
    await upstream.publish({ name: 'remembered', version: '1.0.0' })
    const port = await freePort()
    const { home, env } = await homeWith(`registry=${upstream.url}\n`)
    const dataDir = join(home, 'data')
    const first = await start({ env, dataDir, port })
    await first.stop()

    await writeFile(join(home, '.npmrc'), `registry=http://localhost:${port}/npm/\n`)
    const second = await start({ env, dataDir, port })
    expect(second.stderr()).toContain(`~/.npmrc: registry is this server (http://localhost:${port}/npm/). Packages come from ${upstream.url} instead`)
    expect(versionsOf(await ask(`${second.npmUrl}remembered`))).toEqual(['1.0.0'])
    await second.stop()
  })

  it('uses npm\'s default, and says so, when it knows no other', async () => {
    const port = await freePort()
    const { env } = await homeWith(`registry=http://127.0.0.1:${port}/npm/\n`)
    const server = await start({ env, port })
    const fallback = npm.definitions.registry.default
    expect(server.stderr()).toContain(`is this server (http://127.0.0.1:${port}/npm/). Packages come from ${fallback}`)
    const { upstreams } = await statusOf(server)
    expect(upstreams[0]?.namespace).toBe(new URL(fallback).host)
  })

  it('does not start with a file that names this server', async () => {
    const port = await freePort()
    const { code, stderr } = await failToStart({
      port, config: { registries: [{ id: 'npm', url: `http://127.0.0.1:${port}/npm/`, role: 'authority' }] },
    })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^✖ registry\.config\.json: registries\[0\]\.url: .* is this server/)
  })
})

describe('a circle of servers', () => {
  it.each([2, 3])('of %i is noticed quickly, without a storm', async (length) => {
    const ports = await Promise.all(Array.from({ length }, () => freePort()))
    const servers = await Promise.all(ports.map((port, n) => start({
      port,
      config: {
        registries: [{ id: 'npm', url: `http://127.0.0.1:${ports[(n + 1) % length]}/npm/`, role: 'authority' }],
        delivery: 'serve',
      },
    })))
    for (const path of ['circle', '@circle/scoped', 'circle-tarball/-/circle-tarball-1.0.0.tgz']) {
      const answer = await ask(servers[0]!.npmUrl + path)
      expect(answer.status, path).toBe(508)
      expect(answer.json.code).toBe('LOOP_DETECTED')
      expect(answer.ms).toBeLessThan(3000)
    }
    // Asked at all ends at once, each waits for the next one.
    const answers = await Promise.all(servers.flatMap(server => Array.from({ length: 20 }, () => ask(`${server.npmUrl}everywhere`))))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 508))
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(5000)
    const search = await ask(`${servers[0]!.npmUrl}-/v1/search?text=x`)
    expect(search.status).toBeGreaterThanOrEqual(500)
    expect(search.ms).toBeLessThan(10_000)
    for (const server of servers) {
      const total = (await statusOf(server)).requests.total
      expect(total).toBeGreaterThan(0)
      expect(total).toBeLessThan(80)
    }
  })
})

describe('a server in a directory with spaces', () => {
  it('keeps its data there', async () => {
    const { home } = await homeWith('')
    const dataDir = join(home, 'my data', 'größer')
    await mkdir(join(home, 'my data'))
    await upstream.publish({ name: 'spaced', version: '1.0.0' })
    const server = await start({ dataDir, config: { registries: [{ id: 'npm', url: upstream.url, role: 'authority' }], delivery: 'serve' } })
    expect((await ask(`${server.npmUrl}spaced/-/spaced-1.0.0.tgz`)).status).toBe(200)
    expect(await server.stop()).toBe(0)
  })
})
