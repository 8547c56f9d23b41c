import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { createToken } from '../fixtures/token.ts'
import { until } from './ask.ts'
import { askRaw, type RawAnswer, type RawAsk } from './raw.ts'

const TOKEN = 'npm_operator'
const MAX_DOCUMENT = 3_000_000
const CORGI = 'application/vnd.npm.install-v1+json'

/** The default authority, another configured registry, and a server in the operator's network that is neither. */
let main: FixtureRegistry
let other: FixtureRegistry
let internal: FixtureRegistry
const servers: Record<'redirect' | 'serve', TestServer> = {} as never
let packages = 0

beforeAll(async () => {
  main = await createFixtureRegistry({ token: TOKEN })
  other = await createFixtureRegistry()
  internal = await createFixtureRegistry()
  const start = (delivery: string, tarballs: string) => startServer({
    config: {
      registries: [{ id: 'npm', url: main.url, role: 'authority', token: TOKEN }, { id: 'other', url: other.url, role: 'authority' }],
      routes: [{ match: ['@other/*'], registry: 'other' }],
      private: ['@private/*'],
      // What a packument names is passed on wherever it may be: the harder case.
      tarballs, delivery, cache: { fresh: 0, staleWhileRevalidate: 0, staleIfError: 0, negative: 0 },
      limits: { maxPackumentSize: MAX_DOCUMENT, retries: 0, headersTimeout: 2000, bodyTimeout: 400, totalTimeout: 4000 },
    },
  })
  const [redirect, serve] = await Promise.all([start('redirect', 'upstream'), start('serve', 'upstream')])
  Object.assign(servers, { redirect, serve })
})

afterAll(async () => {
  await Promise.all(Object.values(servers).map(server => server.stop()))
  await Promise.all([main, other, internal].map(registry => registry.close()))
})

beforeEach(() => [main, other, internal].forEach(registry => registry.reset()))

afterEach(async () => {
  // Whatever a test sent: both still answer, and nothing went wrong that nobody had thought of.
  for (const server of Object.values(servers)) {
    expect((await askRaw(server.url, '/npm/-/ping')).status).toBe(200)
    expect(server.stderr()).not.toMatch(/TypeError|RangeError|unhandled|uncaught/i)
  }
})

const ask = (path: string, more: RawAsk & { server?: TestServer } = {}) => askRaw((more.server ?? servers.redirect).url, `/npm${path}`, more)

/** A new package's name: nothing is known of it yet. */
const fresh = (scope = '') => `${scope}hostile-${++packages}`

async function publish(scope = ''): Promise<string> {
  const name = fresh(scope)
  await (scope === '@other/' ? other : main).publish({ name, version: '1.0.0' })
  return name
}
const baseOf = (name: string) => name.slice(name.indexOf('/') + 1)
const tarballOf = (name: string, version = '1.0.0') => `/${name}/-/${baseOf(name)}-${version}.tgz`

function expectRefusal(answer: RawAnswer, status: number, code: string) {
  expect({ status: answer.status, code: answer.json.code }).toEqual({ status, code })
  expect(answer.json.error).toBe(answer.json.message)
  expect(answer.body.toString()).not.toMatch(/\bat .*\.(?:ts|mjs|js):|node_modules|npm_operator/)
  expect(answer.headers['cache-control']).toBe('no-store')
}

describe('of a client', () => {
  const IDENTITY = {
    'proxy-authorization': 'Basic eA==', 'cookie': 'session=client', 'referer': 'install @private/plans',
    'npm-command': 'ci', 'npm-session': 'client', 'npm-scope': '@private', 'npm-auth-type': 'web', 'npm-in-ci': 'true', 'npm-otp': '123456',
    'pacote-version': '21.0.0', 'pacote-req-type': 'packument', 'pacote-pkg-id': 'client', 'pacote-integrity': 'sha512-client', 'x-forwarded-for': '192.0.2.7',
    'x-forwarded-host': 'client.example', 'x-forwarded-proto': 'https', 'forwarded': 'for=192.0.2.7', 'x-real-ip': '192.0.2.7', 'from': 'client@mail.example',
    'origin': 'https://client.example', 'accept-language': 'de', 'user-agent': 'npm/11.6.1 client', 'if-none-match': '"client"', 'x-custom': 'client',
    'if-modified-since': 'Mon, 01 Jan 2024 00:00:00 GMT', 'cache-control': 'no-cache', 'pragma': 'no-cache', 'x-fetch-nothing': 'client',
  }
  /** All that our requests have. */
  const OURS = [
    'accept', 'accept-encoding', 'authorization', 'connection', 'content-length', 'content-type', 'host', 'if-modified-since', 'if-none-match', 'user-agent', 'via',
  ]

  it('nothing reaches an upstream but what it asks for', async () => {
    const [name, scoped] = [await publish(), await publish('@other/')]
    const paths = [name, scoped].flatMap(one => [
      `/${one}`, `/${one}?write=true&client=1`, `/${one}/latest`, tarballOf(one), `/-/package/${one}/dist-tags`, `/-/npm/v1/attestations/${one}@1.0.0`,
    ])
    const tokens: string[] = []
    for (const server of Object.values(servers)) {
      const token = await createToken(server)
      tokens.push(token)
      const headers = { ...IDENTITY, authorization: `Bearer ${token}` }
      for (const path of [...paths, '/-/npm/v1/keys', '/-/v1/search?text=x&client=1', '/-/whoami', '/-/ping', `/${fresh()}`, '/-/user/token/client']) {
        await ask(path, { server, headers })
      }
      await ask('/-/npm/v1/security/advisories/bulk', { server, method: 'POST', body: '{"x":["1.0.0"]}', headers })
    }
    const sent = [...main.requests, ...other.requests]
    expect(sent.length).toBeGreaterThan(20)
    expect([...new Set(sent.flatMap(({ headers }) => Object.keys(headers)))].filter(header => !OURS.includes(header))).toEqual([])
    const wire = JSON.stringify(sent.map(({ url, headers }) => [url, headers]))
    expect(wire).not.toMatch(/client|plans|192\.0\.2\.7|123456|sha512-/)
    for (const token of tokens) expect(wire).not.toContain(token)
    for (const { headers } of main.requests) expect(headers.authorization).toBe(`Bearer ${TOKEN}`)
    for (const { headers } of other.requests) expect(headers).not.toHaveProperty('authorization')
  })

  it('a path that is no name is never asked of anybody', async () => {
    for (const path of [
      '//x', '/..%2f..%2fetc', '/@other%2f..%2fx', '/a%252fb', '/%2e%2e/%2e%2e/', '/x/../../y', '/x%00', '/x/-/..%2f..%2fx.tgz', '/-/package/..%2fx/dist-tags',
      '/-/npm/v1/attestations/..%2fx@1.0.0', '/@other/x/-/%2e%2e%2fx-1.0.0.tgz', '/http://127.0.0.1/', '/http:%2f%2f127.0.0.1%2f', '/@127.0.0.1:80%2fx', '/x@1.0.0',
    ]) {
      const { status, json } = await ask(path)
      expect(status, path).toBe(404)
      expect(json.code).toBe('BAD_NAME')
    }
    expect([...main.requests, ...other.requests, ...internal.requests]).toEqual([])
  })

  it('no path at all is an error of ours', async () => {
    const piece = fc.oneof(
      fc.constantFrom('/', '//', '-/', '..', '%2f', '%2e', '%00', '%', '\\', '?', '#', '@s', 'npm/v1/', 'package/', 'dist-tags', '.tgz', '__proto__', '1.0.0'),
      fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map(code => String.fromCharCode(code)), maxLength: 6 }),
    )
    const path = fc.array(piece, { maxLength: 10 }).map(pieces => `/${pieces.join('')}`)
    await fc.assert(fc.asyncProperty(path, fc.constantFrom('GET', 'HEAD', 'PUT', 'DELETE'), async (path, method) => {
      const { status, headers } = await ask(path, { method })
      expect(headers['content-type']).toBe('application/json')
      expect([200, 401, 404, 405]).toContain(status)
    }), { numRuns: 300 })
  })

  it('a body that ends early harms nobody', async () => {
    const { hostname, port } = new URL(servers.redirect.url)
    for (const framing of ['content-length: 1000', 'transfer-encoding: chunked']) {
      const socket = connect(Number(port), hostname)
      socket.on('error', () => {})
      await new Promise(resolve => socket.once('connect', resolve))
      socket.write(`POST /npm/-/npm/v1/security/advisories/bulk HTTP/1.1\r\nhost: x\r\n${framing}\r\n\r\n10\r\n{"a":`)
      await new Promise(resolve => setTimeout(resolve, 50))
      socket.destroy()
    }
    await new Promise(resolve => setTimeout(resolve, 100))
    expect((await ask('/-/npm/v1/security/advisories/bulk', { method: 'POST', body: '{}' })).status).toBe(200)
  })

  it('a request that came from ourselves is answered with what is wrong', async () => {
    const name = await publish()
    await ask(`/${name}`)
    const via = String(main.requests[0]!.headers.via)
    main.reset()
    const answer = await ask(`/${name}`, { headers: { via: `1.0 somebody, ${via}` } })
    expectRefusal(answer, 508, 'LOOP_DETECTED')
    expect(main.requests).toEqual([])
  })
})

describe('a packument that is redirected', () => {
  const elsewhere: [where: string, to: () => string][] = [
    ['a server in our network', () => internal.url],
    ['the same by name', () => internal.url.replace('127.0.0.1', 'localhost')],
    ['the same as a number', () => internal.url.replace('127.0.0.1', '2130706433')],
    ['the same in IPv6 clothes', () => internal.url.replace('127.0.0.1', '[::ffff:127.0.0.1]')],
    ['this server\'s own port', () => servers.redirect.npmUrl],
    ['cloud metadata', () => 'http://169.254.169.254/latest/meta-data/'],
    ['a private network', () => 'http://192.168.0.1/'],
    ['nowhere', () => 'http://0.0.0.0/'],
    ['a file', () => 'file:///etc/passwd'],
    ['another scheme', () => 'gopher://127.0.0.1/'],
    ['somebody\'s account', () => 'https://user:password@npm.example/'],
    ['what is no URL', () => 'http://['],
  ]

  it.each(elsewhere)('to %s is refused', async (_, to) => {
    const name = await publish()
    await internal.publish({ name, version: '6.6.6' })
    main.fault({ path: `/${name}` }, { redirect: to() + (to().endsWith('/') ? name : '') })
    const answer = await ask(`/${name}`)
    expectRefusal(answer, 403, 'FORBIDDEN_URL')
    expect(answer.json.error).not.toContain('password')
    expect(internal.requests).toEqual([])
  })

  it('to another configured registry is followed, without the token', async () => {
    const name = await publish()
    await other.publish({ name, version: '2.0.0' })
    main.fault({ path: `/${name}` }, { redirect: `${other.url}${name}` })
    const { status, json } = await ask(`/${name}`)
    expect(status).toBe(200)
    expect(Object.keys(json.versions)).toEqual(['2.0.0'])
    expect(other.requests).toHaveLength(1)
    expect(other.requests[0]!.headers).not.toHaveProperty('authorization')
  })

  it('in a circle is given up', async () => {
    const name = await publish()
    main.fault({ path: `/${name}` }, { redirect: `/${name}` })
    expectRefusal(await ask(`/${name}`), 502, 'UPSTREAM_INVALID')
    expect(main.requests.length).toBeLessThanOrEqual(4)
  })
})

describe('a tarball that is said to be', () => {
  /** Each is what `dist.tarball` says; `internal` would have the bytes. */
  const places: [what: string, url: (path: string) => string][] = [
    ['in our network', path => internal.url + path],
    ['in our network, by name', path => internal.url.replace('127.0.0.1', 'localhost') + path],
    ['in our network, as a number', path => internal.url.replace('127.0.0.1', '0x7f.1') + path],
    ['in our network, in IPv6 clothes', path => internal.url.replace('127.0.0.1', '[::ffff:7f00:1]') + path],
    ['in our network, behind the authority\'s name', path => internal.url.replace('http://', `http://${main.host}@`) + path],
    ['at cloud metadata', () => 'http://169.254.169.254/latest/meta-data/iam/'],
    ['at a shared address', () => 'http://100.64.0.1/x.tgz'],
    ['nowhere', () => 'http://0.0.0.0/x.tgz'],
    ['on this machine, over IPv6', () => 'http://[::1]:1/x.tgz'],
    ['a file', () => 'file:///etc/passwd'],
    ['data', () => 'data:application/octet-stream,x'],
    ['at another port of the authority', path => main.url.replace(`:${main.port}`, `:${internal.port}`) + path],
    ['at somebody\'s account', () => 'https://user:password@npm.example/x.tgz'],
    ['no URL', () => 'x.tgz\r\nset-cookie: a=b'],
    ['nothing', () => ''],
    ['over no scheme', path => internal.url.replace('http:', '') + path],
  ]

  describe.each(['redirect', 'serve'] as const)('delivery: %s', (delivery) => {
    it.each(places)('%s is neither fetched nor named', async (_, url) => {
      const server = servers[delivery]
      const name = await publish()
      await internal.publish({ name, version: '1.0.0' })
      const said = url(`${name}/-/${name}-1.0.0.tgz`)
      main.editManifest(name, '1.0.0', manifest => manifest.dist.tarball = said)
      const ours = `${server.npmUrl}${name}/-/${name}-1.0.0.tgz`
      for (const accept of ['application/json', CORGI]) {
        expect((await ask(`/${name}`, { server, headers: { accept } })).json.versions['1.0.0'].dist.tarball).toBe(ours)
      }
      expect((await ask(`/${name}/latest`, { server })).json.dist.tarball).toBe(ours)
      for (const headers of [{}, { range: 'bytes=0-9' }] as Record<string, string>[]) {
        const answer = await ask(tarballOf(name), { server, headers })
        expect(answer.status).toBeGreaterThanOrEqual(400)
        expect(answer.headers).not.toHaveProperty('location')
        expect(answer.headers).not.toHaveProperty('set-cookie')
        expect(answer.json.code).toMatch(/^(?:FORBIDDEN_URL|NOT_FOUND)$/)
        expect(answer.json.error).not.toContain('password')
      }
      expect((await ask(tarballOf(name), { server, method: 'HEAD' })).status).toBeGreaterThanOrEqual(400)
      expect(internal.requests).toEqual([])
    })

    it('at another registry is not where anybody is sent to, and is fetched without the token if at all', async () => {
      const server = servers[delivery]
      const name = await publish()
      await other.publish({ name, version: '1.0.0' })
      main.editManifest(name, '1.0.0', manifest => manifest.dist.tarball = `${other.url}${name}/-/${name}-1.0.0.tgz`)
      const answer = await ask(tarballOf(name), { server })
      expect(answer.status).toBe(200)
      expect(answer.body.equals(main.tarball(name, '1.0.0'))).toBe(true)
      for (const { headers } of other.requests) expect(headers).not.toHaveProperty('authorization')
    })

    it('at the authority, with an account in it, comes with our token and no other', async () => {
      const server = servers[delivery]
      const name = await publish()
      main.editManifest(name, '1.0.0', manifest => manifest.dist.tarball = manifest.dist.tarball.replace('http://', 'http://user:password@'))
      expect((await ask(`/${name}`, { server })).body.toString()).not.toContain('password')
      const answer = await ask(tarballOf(name), { server })
      expect(answer.headers).not.toHaveProperty('location')
      for (const { headers } of main.requests) expect(headers.authorization).toBe(`Bearer ${TOKEN}`)
    })

    it('at the authority, which sends us into our network', async () => {
      const server = servers[delivery]
      const name = await publish()
      await internal.publish({ name, version: '1.0.0' })
      main.fault({ path: tarballOf(name) }, { redirect: `${internal.url}${name}/-/${name}-1.0.0.tgz` })
      expectRefusal(await ask(tarballOf(name), { server }), 403, 'FORBIDDEN_URL')
      expect(internal.requests).toEqual([])
    })

    it('at the authority, which sends us round and round', async () => {
      const server = servers[delivery]
      const name = await publish()
      main.fault({ path: tarballOf(name) }, { redirect: tarballOf(name) })
      expectRefusal(await ask(tarballOf(name), { server }), 502, 'UPSTREAM_INVALID')
    })
  })

  it('at a registry without a token is where clients are sent to, and only there', async () => {
    const name = await publish('@other/')
    const { status, headers } = await ask(tarballOf(name))
    expect(status).toBe(302)
    expect(headers.location).toBe(`${other.url}${name}/-/${baseOf(name)}-1.0.0.tgz`)
    for (const [, url] of places) {
      other.editManifest(name, '1.0.0', manifest => manifest.dist.tarball = url('x.tgz'))
      const answer = await ask(tarballOf(name))
      expect(answer.headers).not.toHaveProperty('location')
    }
    other.editManifest(name, '1.0.0', manifest => manifest.dist.tarball = `${main.url}x/-/x-1.0.0.tgz`)
    expect((await ask(tarballOf(name))).headers).not.toHaveProperty('location')
  })
})

describe('a document', () => {
  const NO_DIGEST = `sha512-${'A'.repeat(86)}==`
  const valid = (name: string, more: object = {}) => ({
    name, 'versions': { '1.0.0': { name, version: '1.0.0', dist: { tarball: `${main.url}x.tgz`, integrity: NO_DIGEST } } }, 'dist-tags': { latest: '1.0.0' }, ...more,
  })
  const text = (name: string, more?: object) => JSON.stringify(valid(name, more))

  it.each<[what: string, behaviour: (name: string) => object, status: number, code: string]>([
    ['about another package', () => ({ raw: text('other-package') }), 502, 'UPSTREAM_INVALID'],
    ['about another package, in other letters', name => ({ raw: text(name.toUpperCase()) }), 502, 'UPSTREAM_INVALID'],
    ['with a name that would be a header', () => ({ raw: text('x\r\nset-cookie: a=b\u0000\u65e5\u672c') }), 502, 'UPSTREAM_INVALID'],
    ['that is no object', () => ({ raw: '[]' }), 502, 'UPSTREAM_INVALID'],
    ['that is no JSON', () => ({ garbage: true }), 502, 'UPSTREAM_INVALID'],
    ['that is a portal\'s page', () => ({ html: true }), 502, 'UPSTREAM_INVALID'],
    ['that is empty', () => ({ raw: '' }), 502, 'UPSTREAM_INVALID'],
    ['that stops within', name => ({ raw: text(name).slice(0, -20) }), 502, 'UPSTREAM_INVALID'],
    ['that breaks off', () => ({ truncate: 50 }), 503, 'UPSTREAM_UNAVAILABLE'],
    ['that breaks off without having said its length', () => ({ truncate: 50, chunked: true }), 503, 'UPSTREAM_UNAVAILABLE'],
    ['that never ends', () => ({ stall: 'body', after: 20 }), 503, 'UPSTREAM_UNAVAILABLE'],
    ['without versions', name => ({ raw: JSON.stringify({ name }) }), 502, 'UPSTREAM_INVALID'],
    ['whose bytes are no text', name => ({ raw: Buffer.from(text(name, { readme: '\u00e9' }), 'latin1') }), 502, 'UPSTREAM_INVALID'],
    ['that is a compression bomb', () => ({ gzipBomb: MAX_DOCUMENT * 100 }), 502, 'UPSTREAM_TOO_LARGE'],
    ['that is too large', name => ({ raw: text(name, { readme: 'x'.repeat(MAX_DOCUMENT) }) }), 502, 'UPSTREAM_TOO_LARGE'],
    ['whose compression is broken', name => ({ raw: gzipSync(text(name)).subarray(0, -10), headers: { 'content-encoding': 'gzip' } }), 502, 'UPSTREAM_INVALID'],
    ['that is not compressed as it says', name => ({ raw: text(name), headers: { 'content-encoding': 'br' } }), 502, 'UPSTREAM_INVALID'],
    ['in an encoding nobody knows', name => ({ raw: text(name), headers: { 'content-encoding': 'toString' } }), 502, 'UPSTREAM_INVALID'],
    ['with a status nobody expects', () => ({ status: 299 }), 502, 'UPSTREAM_INVALID'],
    ['that says to be unchanged, though nobody had one', () => ({ status: 304 }), 502, 'UPSTREAM_INVALID'],
    ['that is for others', () => ({ status: 451 }), 403, 'UPSTREAM_REFUSED'],
  ])('%s is not used, and the next good one is', async (_, behaviour, status, code) => {
    const name = await publish()
    const undo = main.fault({ path: `/${name}` }, behaviour(name))
    for (const path of [`/${name}`, `/${name}/latest`, tarballOf(name), `/-/package/${name}/dist-tags`]) {
      const answer = await ask(path)
      expectRefusal(answer, status, code)
      expect(answer.headers).not.toHaveProperty('set-cookie')
      expect(answer.reason).toMatch(/^[\x20-\x7e]+$/)
      expect(answer.headers['npm-notice']).toBe(answer.reason)
      expect('retry-after' in answer.headers).toBe(status === 503)
    }
    undo()
    expect((await ask(`/${name}`)).json).toMatchObject({ name, 'dist-tags': { latest: '1.0.0' } })
  })

  it('nested deeper than a stack is no reason to fall', async () => {
    const name = await publish()
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    // With the right digest: what it says of its versions is recorded, even if nothing of it can be served.
    const raw = text(name).replace(NO_DIGEST, main.manifest(name, '1.0.0').dist.integrity!).replace(/\}$/, `,"x":${deep}}`)
    const undo = main.fault({ path: `/${name}` }, { raw })
    const answer = await ask(`/${name}`)
    expectRefusal(answer, 502, 'UPSTREAM_INVALID')
    undo()
    expect((await ask(`/${name}`)).status).toBe(200)
  })

  it('that contradicts itself loses what contradicts', async () => {
    const name = await publish()
    for (const version of ['1.1.0', '1.2.0', '2.0.0']) await main.publish({ name, version })
    main.editPackument(name, (document) => {
      document.versions['1.1.0']!.version = '1.0.0'
      document.versions['1.2.0']!.name = 'other-package'
      delete document.versions['2.0.0']!.dist.integrity
      document.versions['2.0.0']!.dist.shasum = 'none'
      document['dist-tags'] = { latest: '2.0.0', beta: '1.1.0', gone: '9.9.9' }
      return JSON.stringify(document).replace('"versions":{', `"versions":{"__proto__":${JSON.stringify({ ...document.versions['1.0.0'], polluted: 1 })},`)
    })
    for (const accept of ['application/json', CORGI]) {
      const { status, json } = await ask(`/${name}`, { headers: { accept } })
      expect(status).toBe(200)
      expect(Object.keys(json.versions)).toEqual(['1.0.0'])
      expect(json['dist-tags']).toEqual({ latest: '1.0.0' })
      expect(json.time).toHaveProperty('1.0.0')
    }
    for (const version of ['1.1.0', '1.2.0', '2.0.0', '9.9.9', '__proto__', 'gone']) {
      expect((await ask(`/${name}/${version}`)).status).toBe(404)
      expect((await ask(tarballOf(name, version))).status).toBe(404)
    }
    const dropped = () => servers.redirect.logs().filter(line => Array.isArray(line.dropped) && line.package === name)
    await until('the log says what was left out', () => dropped().length > 0)
    expect(dropped()[0]!.dropped).toEqual(['__proto__', '1.1.0', '1.2.0', '2.0.0', 'dist-tag latest', 'dist-tag beta', 'dist-tag gone'])
  })

  it('with a `__proto__` in every place is passed on as it is', async () => {
    const name = await publish()
    const raw = text(name).replace('"dist-tags":{', '"__proto__":{"a":1},"dist-tags":{"__proto__":"1.0.0",').replace('"integrity"', '"__proto__":{"b":1},"integrity"')
    main.fault({ path: `/${name}` }, { raw })
    const { status, body } = await ask(`/${name}`)
    expect(status).toBe(200)
    for (const part of ['"__proto__":{"a":1}', '"__proto__":"1.0.0"', '"__proto__":{"b":1}']) expect(body.toString()).toContain(part)
    expect((await ask(`/-/package/${name}/dist-tags`)).body.toString()).toContain('"__proto__":"1.0.0"')
    expect((await ask(`/${name}/__proto__`)).json.version).toBe('1.0.0')
  })

  it('that is large holds up nobody else', async () => {
    const name = await publish()
    for (let minor = 1; minor < 40; minor++) await main.publish({ name, version: `1.${minor}.0`, readme: 'lorem ipsum '.repeat(5000) })
    let asking = true
    const waits: number[] = []
    const pings = (async () => {
      while (asking) {
        const started = performance.now()
        await ask('/-/ping')
        waits.push(performance.now() - started)
      }
    })()
    const started = performance.now()
    const answers = await Promise.all(['gzip', 'br', 'zstd', 'identity'].map(encoding => ask(`/${name}`, { headers: { 'accept-encoding': encoding } })))
    const took = performance.now() - started
    asking = false
    await pings
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(new Set(answers.map(({ json }) => JSON.stringify(json))).size).toBe(1)
    expect(Math.max(...waits)).toBeLessThan(Math.max(50, took / 2))
  })
})

describe('what is passed on', () => {
  const paths = ['/-/v1/search?text=x', '/-/npm/v1/attestations/x@1.0.0']

  it.each(paths)('%s is JSON, or it is not passed on', async (path) => {
    const upstream = { path: new RegExp(path.split('?')[0]!.replaceAll('/', '\\/')) }
    for (const behaviour of [{ html: true }, { garbage: true }, { raw: '' }, { truncate: 5 }, { gzipBomb: 100 * 1024 * 1024 }]) {
      const undo = main.fault(upstream, behaviour)
      const answer = await ask(path)
      expect(answer.status).toBeGreaterThanOrEqual(502)
      expect(answer.json.code).toMatch(/^UPSTREAM_/)
      undo()
    }
    main.fault(upstream, { raw: '{"a":"<script>"}', type: 'text/html', headers: { 'set-cookie': 'a=b', 'location': 'http://evil.example/', 'npm-notice': 'evil' } })
    const { status, headers, body } = await ask(path)
    expect(status).toBe(200)
    expect(body.toString()).toBe('{"a":"<script>"}')
    expect(headers['content-type']).toBe('application/json')
    for (const header of ['set-cookie', 'location', 'npm-notice']) expect(headers).not.toHaveProperty(header)
  })

  it.each(paths)('%s is not fetched from our network', async (path) => {
    main.fault({ path: new RegExp(path.split('?')[0]!.replaceAll('/', '\\/')) }, { redirect: `${internal.url}-/ping` })
    expectRefusal(await ask(path), 403, 'FORBIDDEN_URL')
    expect(internal.requests).toEqual([])
  })
})

it('none of it is in a log: no token, no private name', async () => {
  const name = await publish('@private/')
  const token = await createToken(servers.redirect)
  for (const sent of [token, 'npm_client']) await ask(`/${name}`, { headers: { authorization: `Bearer ${sent}` } })
  await ask('/-/user/token/npm_client', { method: 'DELETE' })
  await until('the log has the request', () => servers.redirect.stdout().includes('"route":"account"'))
  for (const server of Object.values(servers)) {
    expect(server.stdout() + server.stderr()).not.toMatch(/npm_operator|npm_client|npmx_|@private/)
  }
})
