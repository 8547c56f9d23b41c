import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFixtureRegistry, publishTree, type Attestation, type FixtureRegistry, type Packument } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { askRaw, type RawAnswer, type RawAsk } from './raw.ts'

const CORGI = 'application/vnd.npm.install-v1+json'
const ACME_TOKEN = 'npm_acme'
const ALIAS = 'registry.proxy.example'
const NPM = { 'accept': 'application/json', 'user-agent': 'npm/11.6.1 node/v24.11.0 linux x64 workspaces/false' }
const PNPM = { 'accept': `${CORGI}; q=1.0, application/json; q=0.8, */*`, 'user-agent': 'pnpm/11.28.11 npm/? node/v24.11.0 linux x64' }

let main: FixtureRegistry
let acme: FixtureRegistry
let server: TestServer
const closing: (() => Promise<unknown>)[] = []

/** A server in front of both registries: `main` is npm's own default host for its clients, `acme` is not. */
async function serve(config: object = {}, env: Record<string, string> = {}): Promise<TestServer> {
  const started = await startServer({
    config: {
      registries: [
        { id: 'npm', url: main.url, role: 'authority' },
        { id: 'acme', url: acme.url, role: 'authority', token: ACME_TOKEN },
      ],
      routes: [{ match: ['@acme/*'], registry: 'acme' }],
      defaultHost: main.host,
      cache: { fresh: '1h' },
      ...config,
    },
    env: { NUXT_REGISTRY_HOSTS: ALIAS, ...env },
  })
  closing.push(() => started.stop())
  return started
}

beforeAll(async () => {
  main = await createFixtureRegistry({ sign: true })
  acme = await createFixtureRegistry({ token: ACME_TOKEN, prefix: '/repository/npm/' })
  closing.push(() => main.close(), () => acme.close())
  await publishTree(main)
  for (const version of ['1.0.0', '1.1.0', '2.0.0-rc.1+build.5']) {
    // The bytes are known only once they are published.
    const attestations: Attestation[] = []
    const { dist } = await main.publish({
      name: '@s/n', version, tag: version.startsWith('2') ? 'next' : 'latest', libc: ['glibc'], scripts: { postinstall: 'x', test: 'y' },
      attestations,
    })
    attestations.push(attestationOf(version, dist.integrity!))
  }
  await acme.publish({ name: '@acme/x', version: '1.0.0' })
  server = await serve()
})

afterAll(async () => {
  for (const close of closing.reverse()) await close()
})

/** As npm has it: a statement about a package URL and its bytes, in an envelope. */
function attestationOf(version: string, integrity: string): Attestation {
  const digest = { sha512: Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex') }
  const payload = Buffer.from(JSON.stringify({ subject: [{ name: `pkg:npm/%40s/n@${version}`, digest }] })).toString('base64')
  return { predicateType: 'https://slsa.dev/provenance/v1', bundle: { of: version, dsseEnvelope: { payload } } }
}

const ask = (path: string, more: RawAsk = {}) => askRaw(server.url, `/npm${path}`, more)
const upstreamDocument = async (name: string) => await (await fetch(main.url + name.replace('/', '%2f'))).json() as Packument

describe('packuments', () => {
  const FORMS = { full: 'application/json', corgi: CORGI }
  const ENCODINGS = ['identity', 'gzip', 'br', 'zstd']
  const variants = Object.entries(FORMS).flatMap(([form, accept]) => ENCODINGS.map(encoding => ({ form, accept, encoding })))
  const headersOf = ({ accept, encoding }: { accept: string, encoding: string }) =>
    ({ accept, 'accept-encoding': encoding, 'user-agent': NPM['user-agent'] })

  it('are what the authority says, but for the URL of tarballs', async () => {
    for (const name of ['@s/n', 'fx-lib', 'fx-deprecated', 'FxUpper', 'fx-app']) {
      const { status, json, headers } = await ask(`/${name.replace('/', '%2f')}`, { headers: { ...PNPM, accept: 'application/json' } })
      expect(status).toBe(200)
      expect(headers['content-type']).toBe('application/json')
      const expected = await upstreamDocument(name)
      for (const { dist } of Object.values(expected.versions)) dist.tarball = dist.tarball.replace(main.url, server.npmUrl)
      expect(json).toEqual(expected)
    }
  })

  it('are abbreviated by us, with all times, platforms and scripts in them', async () => {
    main.reset()
    await main.publish({
      name: 'abbreviated', version: '1.0.0', libc: ['musl'], os: ['linux'], scripts: { install: 'x' }, deprecated: 'old', description: 'd', bin: 'x.js',
    })
    const { json, headers } = await ask('/abbreviated', { headers: PNPM })
    // One kind of document for all: what we compute does not depend on what the upstream can.
    expect(main.requests.map(({ headers }) => headers.accept)).toEqual(['application/json'])
    expect(headers['content-type']).toBe(CORGI)
    const full = await upstreamDocument('abbreviated')
    expect(Object.keys(json).toSorted()).toEqual(['dist-tags', 'modified', 'name', 'time', 'versions'])
    expect(json).toMatchObject({ 'name': 'abbreviated', 'time': full.time, 'modified': full.time!.modified, 'dist-tags': { latest: '1.0.0' } })
    const { dist, ...manifest } = full.versions['1.0.0']!
    expect(json.versions['1.0.0']).toEqual({
      name: 'abbreviated', version: '1.0.0', deprecated: 'old', bin: manifest.bin, directories: {}, os: ['linux'], libc: ['musl'],
      _hasShrinkwrap: false, hasInstallScript: true, dist: { ...dist, tarball: `${server.npmUrl}abbreviated/-/abbreviated-1.0.0.tgz` },
    })
  })

  it('have one strong ETag for each form and encoding, and say what they depend on', async () => {
    const answers = await Promise.all(variants.map(variant => ask('/@s%2fn', { headers: headersOf(variant) })))
    expect(new Set(answers.map(({ headers }) => headers.etag)).size).toBe(variants.length)
    for (const [n, { form, accept, encoding }] of variants.entries()) {
      const { status, headers, body, json } = answers[n]!
      expect(status).toBe(200)
      expect(headers.etag).toMatch(/^"[\w-]{20,}"$/)
      expect(headers.vary!.split(', ').toSorted()).toEqual(['accept', 'accept-encoding', 'authorization', 'user-agent'])
      expect(headers['cache-control']).toMatch(/^private, max-age=\d+$/)
      expect(headers['content-type']).toBe(accept)
      expect(headers['content-encoding']).toBe(encoding === 'identity' ? undefined : encoding)
      expect(Number(headers['content-length'])).toBe(body.length)
      expect(json).toEqual(answers[form === 'full' ? 0 : ENCODINGS.length]!.json)
    }
  })

  it('have different ETags for both forms even when both say the same', async () => {
    const { dist } = main.manifest('fx-lib', '1.0.0')
    const signatures = [main.keys[0]!.sign(`same@1.0.0:${dist.integrity}`)]
    const manifest = { name: 'same', version: '1.0.0', dist: { ...dist, signatures } }
    const raw = JSON.stringify({ 'name': 'same', 'dist-tags': { latest: '1.0.0' }, 'versions': { '1.0.0': manifest } })
    main.fault({ path: '/same' }, { raw })
    const [full, corgi] = await Promise.all([ask('/same', { headers: { accept: 'application/json' } }), ask('/same', { headers: { accept: CORGI } })])
    expect(corgi.json).toEqual(full.json)
    expect(corgi.headers['content-type']).not.toBe(full.headers['content-type'])
    expect(corgi.headers.etag).not.toBe(full.headers.etag)
  })

  it('are 304 for the ETag of the same variant, and of no other', async () => {
    const etags = await Promise.all(variants.map(async variant => (await ask('/@s%2fn', { headers: headersOf(variant) })).headers.etag!))
    for (const [n, variant] of variants.entries()) {
      for (const [m, etag] of etags.entries()) {
        const answer = await ask('/@s%2fn', { headers: { ...headersOf(variant), 'if-none-match': etag } })
        expect(answer.status).toBe(n === m ? 304 : 200)
        expect(answer.headers.etag).toBe(etags[n])
        if (n !== m) continue
        expect(answer.body).toHaveLength(0)
        expect(answer.headers).not.toHaveProperty('content-length')
        expect(answer.headers.vary).toContain('accept-encoding')
        expect(answer.headers['cache-control']).toMatch(/^private/)
      }
    }
  })

  it.each<[what: string, tags: (etag: string) => string, status: number]>([
    ['in a list', etag => `"a", ${etag} , "b"`, 304],
    ['weakened on the way', etag => `W/${etag}`, 304],
    ['any', () => '*', 304],
    ['without quotes', etag => etag.slice(1, -1), 200],
    ['none', () => '', 200],
    ['a prefix', etag => `${etag.slice(0, -4)}"`, 200],
  ])('compare the client\'s ETag %s', async (_, tags, status) => {
    const { etag } = (await ask('/fx-lib')).headers
    expect((await ask('/fx-lib', { headers: { 'if-none-match': tags(etag!) } })).status).toBe(status)
  })

  it('answer HEAD as GET, without the body', async () => {
    for (const variant of variants) {
      const [got, head] = await Promise.all(['GET', 'HEAD'].map(method => ask('/@s%2fn', { method, headers: headersOf(variant) }))) as [RawAnswer, RawAnswer]
      const withoutDate = ({ date: _date, connection: _connection, ...headers }: RawAnswer['headers']) => headers
      expect(head.status).toBe(200)
      expect(head.body).toHaveLength(0)
      expect(withoutDate(head.headers)).toEqual(withoutDate(got.headers))
      const unchanged = await ask('/@s%2fn', { method: 'HEAD', headers: { ...headersOf(variant), 'if-none-match': got.headers.etag! } })
      expect(unchanged.status).toBe(304)
    }
  })

  it.each<[accept: string | undefined, type: string]>([
    [undefined, 'application/json'], ['*/*', 'application/json'], ['application/json', 'application/json'], ['text/html', 'application/json'],
    [PNPM.accept, CORGI], [CORGI, CORGI], [`${CORGI};q=0.1, application/json`, 'application/json'], [`${CORGI};q=0, */*`, 'application/json'],
  ])('for accept %j are %s', async (accept, type) => {
    const { status, headers } = await ask('/fx-lib', { headers: accept === undefined ? {} : { accept } })
    expect(status).toBe(200)
    expect(headers['content-type']).toBe(type)
  })

  it('are one for all spellings of a name, and asked for once', async () => {
    await main.publish({ name: '@spelled/once', version: '1.0.0' })
    const spellings = ['/@spelled%2fonce', '/@spelled%2Fonce', '/@spelled/once', '/%40spelled%2fonce', '/%40spelled/once', '/@spelled%2fonce?write=true']
    const answers = await Promise.all(spellings.map(path => ask(path, { headers: NPM })))
    expect(answers.map(({ status }) => status)).toEqual(spellings.map(() => 200))
    expect(new Set(answers.map(({ body }) => body.toString())).size).toBe(1)
    expect(new Set(answers.map(({ headers }) => headers.etag)).size).toBe(1)
    expect(main.count('GET', '/@spelled/once')).toBe(1)
  })

  it('tell apart names by their case', async () => {
    expect((await ask('/FxUpper')).status).toBe(200)
    expect((await ask('/fxupper')).status).toBe(404)
  })

  it('come from a registry with a path and a token as from any other', async () => {
    const { status, json } = await ask('/@acme%2fx', { headers: NPM })
    expect(status).toBe(200)
    expect(json.versions['1.0.0'].dist.tarball).toBe(`${server.npmUrl}@acme/x/-/x-1.0.0.tgz`)
    expect(acme.requests.map(({ url }) => url)).toEqual(['/repository/npm/@acme%2fx', '/repository/npm/-/npm/v1/keys'])
  })
})

describe('manifests', () => {
  it.each([['1.0.0', '1.0.0'], ['latest', '1.1.0'], ['next', '2.0.0-rc.1+build.5'], ['2.0.0-rc.1%2bbuild.5', '2.0.0-rc.1+build.5'], ['2.0.0-rc.1+build.5', '2.0.0-rc.1+build.5']])(
    'by %s are version %s, with signatures and all', async (selector, version) => {
      for (const name of ['@s/n', '@s%2fn']) {
        const { status, json, headers } = await ask(`/${name}/${selector}`, { headers: NPM })
        expect(status).toBe(200)
        expect(json).toEqual(main.manifest('@s/n', version))
        expect(json.dist.signatures).toHaveLength(1)
        expect(headers['content-type']).toBe('application/json')
        const unchanged = await ask(`/${name}/${selector}`, { headers: { ...NPM, 'if-none-match': headers.etag! } })
        expect(unchanged.status).toBe(304)
      }
    })

  it('answer HEAD, compress, and name tarballs as packuments do', async () => {
    expect((await ask('/fx-lib/latest', { method: 'HEAD' })).status).toBe(200)
    const { json, headers } = await ask('/fx-lib/1.0.0', { headers: { ...PNPM, 'accept-encoding': 'gzip' } })
    expect(headers['content-encoding']).toBe('gzip')
    expect(json.dist.tarball).toBe(`${server.npmUrl}fx-lib/-/fx-lib-1.0.0.tgz`)
  })

  it.each(['9.9.9', 'nothing', '%5E1.0.0', '__proto__', 'constructor', 'toString'])('that are not there are 404: %s', async (selector) => {
    const { status, json } = await ask(`/fx-lib/${selector}`)
    expect(status).toBe(404)
    expect(json).toMatchObject({ code: 'VERSION_NOT_FOUND', error: `fx-lib has no version or tag "${decodeURIComponent(selector)}".` })
  })

  it('that are younger than what we know are found all the same', async () => {
    await main.publish({ name: 'fresh', version: '1.0.0' })
    expect((await ask('/fresh')).status).toBe(200)
    await main.publish({ name: 'fresh', version: '1.0.1' })
    // Asked for at most once in some seconds, so that guessing versions costs the upstream little.
    await expect.poll(async () => (await ask('/fresh/1.0.1')).status, { timeout: 10_000, interval: 500 }).toBe(200)
  })
})

describe('tarballs', () => {
  it.each(['/@s/n/-/n-1.0.0.tgz', '/@s%2fn/-/n-1.0.0.tgz', '/@s%2Fn/-/n-1.0.0.tgz', '/%40s%2fn/-/n-1.0.0.tgz', '/@s/n/-/@s/n-1.0.0.tgz'])(
    'at %s are at the authority', async (path) => {
      for (const method of ['GET', 'HEAD']) {
        const { status, headers, body } = await ask(path, { method })
        expect(status).toBe(302)
        expect(headers.location).toBe(`${main.url}@s/n/-/n-1.0.0.tgz`)
        expect(body).toHaveLength(0)
      }
    })

  it.each(['/@s/n/-/n-9.9.9.tgz', '/@s/n/-/x-1.0.0.tgz', '/fx-lib/-/fx-lib-latest.tgz', '/fx-lib/-/__proto__.tgz'])('that no version has are 404: %s', async (path) => {
    const { status, json } = await ask(path)
    expect(status).toBe(404)
    expect(json.code).toBe('VERSION_NOT_FOUND')
  })

  it('that need a token come through us, checked', async () => {
    const { status, headers, body } = await ask('/@acme/x/-/x-1.0.0.tgz')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('application/octet-stream')
    expect(headers['cache-control']).toMatch(/^private/)
    expect(body.equals(acme.tarball('@acme/x', '1.0.0'))).toBe(true)
  })
})

describe('everything else', () => {
  it('dist-tags', async () => {
    for (const path of ['/-/package/@s%2fn/dist-tags', '/-/package/@s/n/dist-tags']) {
      const { status, json } = await ask(path)
      expect(status).toBe(200)
      expect(json).toEqual({ latest: '1.1.0', next: '2.0.0-rc.1+build.5' })
    }
    expect((await ask('/-/package/no-such-package/dist-tags')).json.code).toBe('NOT_FOUND')
  })

  it('keys are there, and attestations pass through', async () => {
    expect((await ask('/-/npm/v1/keys')).json).toEqual({ keys: main.keys.map(({ served }) => served) })
    for (const subject of ['@s%2fn@1.0.0', '@s/n@1.0.0', '%40s%2fn@1.0.0']) {
      const { status, json } = await ask(`/-/npm/v1/attestations/${subject}`)
      expect(status).toBe(200)
      expect(json).toEqual({ attestations: [attestationOf('1.0.0', main.manifest('@s/n', '1.0.0').dist.integrity!)] })
    }
    expect((await ask('/-/npm/v1/attestations/@s%2fn@2.0.0-rc.1%2Bbuild.5')).json.attestations[0].bundle.of).toBe('2.0.0-rc.1+build.5')
    const missing = await ask('/-/npm/v1/attestations/fx-lib@1.0.0')
    expect(missing.status).toBe(404)
    expect(missing.json.code).toBe('NOT_FOUND')
  })

  it('search passes through with the parameters that search has', async () => {
    main.reset()
    const { status, json } = await ask('/-/v1/search?text=native&size=2&from=1&quality=0.65&popularity=0.98&maintenance=0.5&evil=1&text=second')
    expect(status).toBe(200)
    expect(json.total).toBe(4)
    expect(json.objects).toHaveLength(2)
    expect(main.requests.map(({ url }) => url)).toEqual(['/-/v1/search?text=native&size=2&from=1&quality=0.65&popularity=0.98&maintenance=0.5'])
    expect((await ask('/-/v1/search')).status).toBe(200)
    expect((await ask('/-/v1/search?text=native', { method: 'HEAD' })).status).toBe(200)
  })

  it('ping and the root answer for themselves', async () => {
    main.reset()
    for (const path of ['/-/ping', '/-/ping?write=true']) expect((await ask(path)).json).toEqual({})
    expect((await ask('/')).json).toEqual({ registry: server.npmUrl })
    expect((await ask('')).json).toEqual({ registry: server.npmUrl })
    expect(main.requests).toEqual([])
  })

  it('whoami is nobody', async () => {
    const { status, headers, json } = await ask('/-/whoami')
    expect(status).toBe(401)
    expect(headers['www-authenticate']).toBe('Bearer')
    expect(json).toMatchObject({ code: 'UNAUTHENTICATED', error: expect.stringMatching(/no accounts/) as string })
  })
})

/** Every place in which a client may look for the reason. */
function expectReason({ headers, reason, json }: RawAnswer, code: string) {
  expect(json.code).toBe(code)
  expect(json.error).toMatch(/^\S.{10,}\S$/)
  expect(json.message).toBe(json.error)
  expect(headers['npm-notice']).toBe(json.error)
  expect(reason).toBe(json.error)
  expect(headers['content-type']).toBe('application/json')
  expect(headers['cache-control']).toBe('no-store')
}

describe('what only a registry that takes packages has', () => {
  const writes: [method: string, path: string, where?: 'acme'][] = [
    ['PUT', '/x'], ['PUT', '/@s%2fn'], ['PUT', '/@acme%2fx', 'acme'], ['DELETE', '/x/-rev/1-a'], ['PUT', '/x/-rev/1-a'],
    ['DELETE', '/@acme/x/-/x-1.0.0.tgz', 'acme'], ['DELETE', '/x/-/x-1.0.0.tgz/-rev/1'], ['PUT', '/-/package/x/dist-tags/beta'],
    ['DELETE', '/-/package/x/dist-tags/beta'], ['POST', '/-/package/x/access'], ['POST', '/x'], ['PATCH', '/x'], ['OPTIONS', '/x'], ['PROPFIND', '/x'],
    ['POST', '/-/npm/v1/keys'], ['PUT', '/-/ping'], ['PUT', '/'], ['PUT', '/a%252fb'],
    ['PUT', '/-/user/org.couchdb.user:me'], ['DELETE', '/-/user/token/npm_secret'],
    ['GET', '/-/npm/v1/tokens'], ['POST', '/-/npm/v1/tokens'], ['GET', '/-/npm/v1/user'], ['PUT', '/-/org/acme/user'], ['GET', '/-/package/x/collaborators'],
    ['DELETE', '/-/whoami'],
  ]

  it.each(writes)('%s %s is 405, with a sentence that helps', async (method, path, where) => {
    main.reset()
    const answer = await ask(path, { method, headers: { authorization: 'Bearer npm_secret' } })
    expect(answer.status).toBe(405)
    expectReason(answer, 'METHOD_NOT_ALLOWED')
    expect(answer.json.error).toContain(`--registry=${where === 'acme' ? acme.url : main.url}`)
    expect(answer.json.error).not.toContain('npm_secret')
    // SPEC: RFC 9110 15.5.6: a 405 says what is allowed.
    expect(answer.headers).toHaveProperty('allow')
    expect(main.requests).toEqual([])
  })

  it.each(['POST', 'GET'])('%s to log in is 501: for anything else npm would ask for a password', async (method) => {
    main.reset()
    const answer = await ask('/-/v1/login', { method })
    expect(answer.status).toBe(501)
    expectReason(answer, 'NO_ACCOUNTS')
    expect(answer.json.error).toContain(`npm login --registry=${main.url}`)
    expect(main.requests).toEqual([])
  })

  it.each([404, 405, 410, 501])('a registry that answers %s has no such thing to offer', async (status) => {
    main.reset()
    main.fault({ path: /search/ }, { status, body: 'no' })
    const answer = await ask('/-/v1/search?text=x')
    expect(answer.status).toBe(404)
    expectReason(answer, 'NOT_FOUND')
    main.reset()
  })

  it.each(['/-/npm/v1/security/advisories/bulk', '/-/npm/v1/security/audits', '/-/npm/v1/security/audits/quick'])('GET %s says how to ask', async (path) => {
    const answer = await ask(path)
    expect(answer.status).toBe(405)
    expectReason(answer, 'METHOD_NOT_ALLOWED')
    expect(answer.headers.allow).toBe('POST')
  })
})

describe('what there is not', () => {
  it.each([
    '//', '//x', '/x/', '/@s/n/', '/@s', '/@s%2f', '/a%252fb', '/@s%252fn', '/..%2fx', '/../x', '/x/../y', '/%2e%2e/x', '/.%2e/', '/@s%2f..%2fx', '/@s%2fn%2f..',
    '/x%00', '/x%0d%0aset-cookie:a', '/x%20y', '/x\\y', '/x%5cy', '/%', '/%c3%28', '/.x', '/_x', '/x/1.0.0/y', '/x/-/', '/x/-/..%2fx-1.0.0.tgz', '/x/-/a/b.tgz',
    '/-/', '/-/nothing', '/-/all', '/-/npm/v1/nothing', '/-/npm/v1/keys/', '/-/v1/search/', '/favicon.ico', '/node_modules', `/${'x'.repeat(5000)}`, '/;', '/x;y',
  ])('%j is 404 JSON, and nobody is asked', async (path) => {
    main.reset()
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask(path, { method })
      expect(answer.status).toBe(404)
      expect(answer.headers['content-type']).toBe('application/json')
      if (method === 'GET') expectReason(answer, 'BAD_NAME')
    }
    expect(main.requests).toEqual([])
  })

  it('a package that its registry does not have is 404, and only then', async () => {
    const answer = await ask('/no-such-package')
    expect(answer.status).toBe(404)
    expectReason(answer, 'NOT_FOUND')
    expect(answer.json.error).toBe(`no-such-package is not in registry "npm" (${main.host}).`)
  })

  it('one registry\'s 404 is not asked of another', async () => {
    main.reset()
    expect((await ask('/@acme%2fno-such-package')).status).toBe(404)
    expect(main.requests).toEqual([])
  })
})

describe('the URL of tarballs', () => {
  const urlFor = async (at: TestServer, name: string, headers: Record<string, string>, base = '/npm') => {
    const answer = await askRaw(at.url, `${base}/${name.replace('/', '%2f')}`, { headers })
    expect(answer.status).toBe(200)
    const version = Object.keys(answer.json.versions)[0]!
    return { url: answer.json.versions[version].dist.tarball as string, etag: answer.headers.etag }
  }
  const CLIENTS: [client: string, headers: Record<string, string>, writesOurs: boolean][] = [
    ['npm', NPM, false],
    ['yarn', { 'user-agent': 'yarn/1.22.22 npm/? node/v24.11.0 linux x64', 'accept': 'application/json' }, false],
    ['bun', { 'user-agent': 'Bun/1.4.5', 'accept': `${CORGI}; q=1.0, application/json; q=0.8, */*` }, false],
    ['deno', { 'user-agent': 'Deno/2.9.6', 'accept': '*/*' }, false],
    ['a browser', { 'user-agent': 'Mozilla/5.0', 'accept': 'text/html' }, false],
    ['pnpm', PNPM, true],
    ['Yarn Berry', { 'user-agent': 'got (https://github.com/sindresorhus/got)' }, true],
    ['nobody in particular', {}, true],
  ]

  describe.each(['auto', 'upstream', 'self'])('in mode %s', (mode) => {
    let at: TestServer

    beforeAll(async () => {
      at = mode === 'auto' ? server : await serve({ tarballs: mode })
    })

    it.each(CLIENTS)('for %s', async (_, headers, writesOurs) => {
      const ours = mode === 'self' || (mode === 'auto' && writesOurs)
      expect((await urlFor(at, 'fx-lib', headers)).url).toBe(`${ours ? at.npmUrl : main.url}fx-lib/-/fx-lib-1.0.0.tgz`)
      expect((await urlFor(at, '@s/n', headers)).url).toBe(`${ours ? at.npmUrl : main.url}@s/n/-/n-1.0.0.tgz`)
      const acmes = mode === 'upstream' ? acme.url : at.npmUrl
      expect((await urlFor(at, '@acme/x', headers)).url).toBe(`${acmes}@acme/x/-/x-1.0.0.tgz`)
    })
  })

  it('is part of the ETag', async () => {
    const [npm, pnpm] = [await urlFor(server, 'fx-lib', NPM), await urlFor(server, 'fx-lib', { ...NPM, 'user-agent': PNPM['user-agent'] })]
    expect(npm.url).not.toBe(pnpm.url)
    expect(npm.etag).not.toBe(pnpm.etag)
    const answer = await ask('/fx-lib', { headers: { ...NPM, 'user-agent': PNPM['user-agent'], 'if-none-match': npm.etag! } })
    expect(answer.status).toBe(200)
  })

  it('has the name under which a client came, if it is one of ours', async () => {
    const { url } = await urlFor(server, 'fx-lib', { ...PNPM, host: ALIAS }, '')
    expect(url).toBe(`http://${ALIAS}/fx-lib/-/fx-lib-1.0.0.tgz`)
    const local = await urlFor(server, 'fx-lib', { ...PNPM, host: `localhost:${new URL(server.url).port}` })
    expect(local.url).toBe(`${server.npmUrl.replace('127.0.0.1', 'localhost')}fx-lib/-/fx-lib-1.0.0.tgz`)
  })

  it.each([
    ['host', 'evil.example'], ['host', `${ALIAS}.evil.example`], ['host', `${ALIAS}@evil.example`],
    ['x-forwarded-host', 'evil.example'], ['forwarded', 'host=evil.example'], ['x-forwarded-proto', 'https'],
  ])(
    'never has another: %s: %s', async (header, value) => {
      const { url } = await urlFor(server, 'fx-lib', { ...PNPM, [header]: value })
      expect(url).toBe(`${server.npmUrl}fx-lib/-/fx-lib-1.0.0.tgz`)
    })

  it('under the alias is the whole surface', async () => {
    const { status, headers } = await askRaw(server.url, '/@s%2fn/-/n-1.0.0.tgz', { headers: { host: ALIAS } })
    expect(status).toBe(302)
    expect(headers.location).toBe(`${main.url}@s/n/-/n-1.0.0.tgz`)
    expect((await askRaw(server.url, '/-/ping', { headers: { host: ALIAS } })).json).toEqual({})
    expect((await askRaw(server.url, '/a%252fb', { headers: { host: ALIAS } })).json.code).toBe('BAD_NAME')
  })
})
