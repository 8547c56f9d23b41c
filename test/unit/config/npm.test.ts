import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CERTIFICATE, KEY, OTHER_CERTIFICATE } from './certificates.ts'
import { operator } from './fixture.ts'

const npm = createRequire(import.meta.url)('@npmcli/config/lib/definitions/index.js') as { definitions: { registry: { default: string } } }

describe('without any configuration', () => {
  it('asks npm\'s own default registry', async () => {
    const config = await operator().load()
    const url = npm.definitions.registry.default
    expect(config.registries).toEqual([
      { id: 'npm', url, namespace: new URL(url).host, role: 'authority', origin: 'npm\'s default', tls: { rejectUnauthorized: true } },
    ])
    expect(config.routes).toEqual([{ match: ['*'], registry: 'npm' }])
    expect(config.defaultHost).toBe(new URL(url).host)
    expect(config.notices).toEqual([])
  })

  it('does not change the environment it is given', async () => {
    const machine = operator({ 'home/.npmrc': 'registry=https://npm.example/\n' })
    const before = { ...machine.env }
    await machine.load()
    expect(machine.env).toEqual(before)
  })
})

describe('registry', () => {
  it.each([
    [{}, {}, undefined],
    [{ 'etc/npmrc': 'registry=https://global.example' }, {}, 'https://global.example/'],
    [{ 'etc/npmrc': 'registry=https://global.example', 'home/.npmrc': 'registry=https://user.example/npm' }, {}, 'https://user.example/npm/'],
    [{ 'home/.npmrc': 'registry=https://user.example', 'project/.npmrc': 'registry=https://project.example' }, {}, 'https://project.example/'],
    [{ 'project/.npmrc': 'registry=https://project.example' }, { npm_config_registry: 'https://env.example' }, 'https://env.example/'],
    [{ 'project/.npmrc': 'registry=', 'home/.npmrc': 'registry=https://user.example' }, {}, 'https://user.example/'],
    [{ 'home/.npmrc': 'registry=https://${HOST_OF_NPM}/' }, { HOST_OF_NPM: 'variable.example' }, 'https://variable.example/'],
  ])('of %j with %j is %s', async (files, env, expected) => {
    const { registries: [first] } = await operator(files, env).load()
    expect(first?.url).toBe(expected ?? npm.definitions.registry.default)
  })

  it('says where it was read', async () => {
    const origin = async (files: Record<string, string>, env = {}) => (await operator(files, env).load()).registries[0]?.origin
    expect(await origin({ 'home/.npmrc': 'registry=https://a.example/' })).toBe('~/.npmrc')
    expect(await origin({ 'project/.npmrc': 'registry=https://a.example/' })).toBe('.npmrc')
    expect(await origin({}, { npm_config_registry: 'https://a.example/' })).toBe('environment (npm_config_registry)')
    // As when npm starts us: it copies what its files say into the environment.
    expect(await origin({ 'home/.npmrc': 'registry=https://a.example/' }, { npm_config_registry: 'https://a.example/' })).toBe('~/.npmrc')
  })

  it.each([
    ['registry=ftp://npm.example/', '~/.npmrc: registry: "ftp://npm.example/" is not an http(s) URL. Use http:// or https://.'],
    ['registry=npm.example', '~/.npmrc: registry: "npm.example" is not an http(s) URL. Use http:// or https://.'],
    ['registry=${NOWHERE}', '~/.npmrc: registry: "${NOWHERE}" is not an http(s) URL. Use http:// or https://.'],
    ['registry=https://npm.example/?a', '~/.npmrc: registry: "https://npm.example/?…" has a query or a hash. Leave them out.'],
    ['registry[]=https://a.example/', '~/.npmrc: registry: a list is not a URL. Write a text such as "https://registry.example/".'],
    ['@acme:registry=nonsense', '~/.npmrc: @acme:registry: "nonsense" is not an http(s) URL. Use http:// or https://.'],
    ['@a/b:registry=https://a.example', '~/.npmrc: "@a/b:registry" does not name a scope. Write it like @acme:registry.'],
    ['strict-ssl=perhaps', '~/.npmrc: strict-ssl: "perhaps" is neither true nor false.'],
    ['proxy=socks5://me:s3cr3t@proxy.example', '~/.npmrc: proxy: "socks5://***@proxy.example" is not an http(s) URL of a proxy. Use http://host:port.'],
    ['_authToken=s3cr3t', '~/.npmrc: _authToken belongs to no registry. Write it as "//host/:_authToken", or run "npm config fix".'],
  ])('with %s is one clear line', async (line, problem) => {
    expect(await operator({ 'home/.npmrc': `${line}\n` }).problems()).toEqual([problem])
  })

  it('in a directory instead of a file is one clear line', async () => {
    expect(await operator({ 'home/.npmrc/file': '' }).problems()).toEqual(['~/.npmrc: cannot be read (EISDIR). Fix its permissions.'])
  })
})

describe('scopes', () => {
  it('become authorities with routes', async () => {
    const config = await operator({
      'home/.npmrc': '@acme:registry=https://npm.acme.example/a\n@npm:registry=https://npm.example/\n@Odd~1:registry=https://odd.example/\n',
      'project/.npmrc': '@other:registry=https://npm.acme.example/a/\n',
    }).load()
    expect(config.registries.map(({ id, url, namespace, origin }) => [id, url, namespace, origin])).toEqual([
      ['npm', npm.definitions.registry.default, new URL(npm.definitions.registry.default).host, 'npm\'s default'],
      ['odd-1', 'https://odd.example/', 'odd.example', '~/.npmrc'],
      ['acme', 'https://npm.acme.example/a/', 'npm.acme.example/a', '~/.npmrc'],
      ['npm-2', 'https://npm.example/', 'npm.example', '~/.npmrc'],
    ])
    expect(config.routes).toEqual([
      { match: ['@Odd~1/*'], registry: 'odd-1' },
      { match: ['@acme/*', '@other/*'], registry: 'acme' },
      { match: ['@npm/*'], registry: 'npm-2' },
      { match: ['*'], registry: 'npm' },
    ])
  })

  it('of the default registry need no route', async () => {
    const config = await operator({ 'home/.npmrc': 'registry=https://npm.example\n@acme:registry=https://npm.example/' }).load()
    expect(config.registries).toHaveLength(1)
    expect(config.routes).toEqual([{ match: ['*'], registry: 'npm' }])
  })
})

describe('credentials', () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  const authorization = async (lines: string, env = {}) => (await operator({ 'home/.npmrc': lines }, env).load()).registries[0]?.authorization

  it.each([
    ['//npm.example/:_authToken=t0ken', 'Bearer t0ken'],
    ['//npm.example/:_authToken=${TOKEN}', 'Bearer from-env'],
    [`//npm.example/:username=me\n//npm.example/:_password=${Buffer.from('pä:ss').toString('base64')}`, basic('me:pä:ss')],
    [`//npm.example/:_auth=${Buffer.from('me:pass').toString('base64')}`, basic('me:pass')],
    ['//npm.example/:username=me', undefined],
    ['//npm.example/a/:_authToken=near\n//npm.example/:_authToken=far', 'Bearer near'],
    ['//npm.example/a/b/:_authToken=near\n//npm.example/:_authToken=far', 'Bearer near'],
    ['//npm.example/a/b/c/:_authToken=deeper', undefined],
    ['//npm.example/other/:_authToken=t0ken', undefined],
    ['//npm.example:8080/:_authToken=t0ken', undefined],
    ['//evil.example/:_authToken=t0ken', undefined],
  ])('%s', async (lines, expected) => {
    expect(await authorization(`registry=https://npm.example/a/b/\n${lines}\n`, { TOKEN: 'from-env' })).toBe(expected)
  })

  it('in the URL become a header, unless others are configured', async () => {
    expect(await authorization('registry=https://me:pa%20ss@npm.example/')).toBe(basic('me:pa ss'))
    expect(await authorization('registry=https://me:pass@npm.example/\n//npm.example/:_authToken=t0ken')).toBe('Bearer t0ken')
    expect((await operator({ 'home/.npmrc': 'registry=https://me:pass@npm.example/' }).load()).registries[0]?.url).toBe('https://npm.example/')
  })

  it('go to their own registry only', async () => {
    const { registries } = await operator({
      'home/.npmrc': 'registry=https://npm.example/\n@acme:registry=https://acme.example/\n//acme.example/:_authToken=t0ken\n',
    }).load()
    expect(registries.map(registry => [registry.id, registry.authorization])).toEqual([['npm', undefined], ['acme', 'Bearer t0ken']])
  })

  it('that need a missing variable are not sent, and a notice says so', async () => {
    const config = await operator({ 'home/.npmrc': 'registry=https://npm.example/\n//npm.example/:_authToken=${TOKEN}' }).load()
    expect(config.registries[0]).not.toHaveProperty('authorization')
    expect(config.notices).toEqual(['~/.npmrc: the credentials of //npm.example/ need the environment variable TOKEN, which is not set. Nothing is sent instead.'])
  })

  it('that a header cannot carry are one clear line without them', async () => {
    expect(await operator({ 'home/.npmrc': 'registry=https://npm.example/\n//npm.example/:_authToken="s3cr3t\\r\\nx: y"' }).problems())
      .toEqual(['~/.npmrc: the credentials of //npm.example/ hold spaces or characters that a header cannot carry. Write them again.'])
  })

  it('include a client certificate', async () => {
    const [cert, key] = [CERTIFICATE, KEY]
    const machine = operator({
      'project/cert.pem': cert, 'project/key.pem': key,
      'home/.npmrc': 'registry=https://npm.example/\n//npm.example/:certfile=cert.pem\n//npm.example/:keyfile=key.pem\n',
    })
    expect((await machine.load()).registries[0]?.tls).toEqual({ cert, key, rejectUnauthorized: true })
    machine.write({ 'home/.npmrc': 'registry=https://npm.example/\n//npm.example/:certfile=cert.pem\n//npm.example/:keyfile=missing.pem\n' })
    expect(await machine.problems()).toEqual(['~/.npmrc: //npm.example/:keyfile cannot be read (ENOENT). Correct the path, or the file\'s permissions.'])
    machine.write({ 'project/missing.pem': key, 'project/cert.pem': OTHER_CERTIFICATE })
    expect(await machine.problems()).toEqual(['~/.npmrc: //npm.example/:certfile and :keyfile do not fit together, or are not PEM. Export them again.'])
  })
})

describe('TLS', () => {
  const [cert, other] = [CERTIFICATE, OTHER_CERTIFICATE]
  const trimmed = (pem: string) => pem.trim()

  it('trusts the certificates of cafile', async () => {
    const machine = operator({ 'etc/ca.pem': `# two of them\n${cert}\n${other.replaceAll('\n', '\r\n')}` })
    machine.write({ 'home/.npmrc': `cafile=${join(machine.root, 'etc/ca.pem')}\n@acme:registry=https://acme.example/` })
    const config = await machine.load()
    expect(config.registries).toHaveLength(2)
    for (const { tls } of config.registries) {
      expect(tls.ca?.map(pem => pem.replaceAll('\r', ''))).toEqual([cert, other].map(trimmed))
      expect(tls.rejectUnauthorized).toBe(true)
    }
  })

  it.each([['quoted', (pem: string) => JSON.stringify(pem)], ['bare', (pem: string) => pem.replaceAll('\n', '\\n')]])(
    'trusts a %s ca', async (_, written) => {
      const { registries: [first] } = await operator({ 'home/.npmrc': `ca[]=${written(cert)}\nca[]=${written(other)}\n` }).load()
      expect(first?.tls.ca).toEqual([cert, other].map(trimmed))
    },
  )

  it('ignores ca=null, as npm does', async () => {
    expect((await operator({ 'home/.npmrc': 'ca=null\n' }).load()).registries[0]?.tls).toEqual({ rejectUnauthorized: true })
  })

  it('names a cafile that cannot be used', async () => {
    const machine = operator({ 'home/.npmrc': 'cafile=/nowhere/ca.pem' })
    expect(await machine.problems()).toEqual(['~/.npmrc: cafile: "/nowhere/ca.pem" cannot be read (ENOENT). Correct the path, or the file\'s permissions.'])
    machine.write({ 'etc/ca.pem': 'nothing', 'home/.npmrc': `cafile=${join(machine.root, 'etc/ca.pem')}` })
    expect(await machine.problems()).toEqual(['~/.npmrc: cafile: holds no PEM certificate (-----BEGIN CERTIFICATE-----).'])
    machine.write({ 'etc/ca.pem': `${cert}${cert.replace(/MII\w{20}/, 'MIIAAAAAAAAAAAAAAAAAAAA')}` })
    expect(await machine.problems()).toEqual(['~/.npmrc: cafile: certificate 2 of 2 cannot be read. Export it again in PEM format.'])
  })

  it('says that certificates are not checked', async () => {
    const config = await operator({ 'home/.npmrc': 'strict-ssl=false' }).load()
    expect(config.registries[0]?.tls.rejectUnauthorized).toBe(false)
    expect(config.notices).toEqual(['~/.npmrc: strict-ssl=false, so the certificates of registries are not checked.'])
  })
})

describe('proxy', () => {
  it.each([
    ['', {}, {}],
    ['proxy=http://proxy.example:8080', {}, { http: 'http://proxy.example:8080', https: 'http://proxy.example:8080' }],
    ['https-proxy=http://me:pass@s.example', {}, { http: 'http://me:pass@s.example', https: 'http://me:pass@s.example' }],
    ['proxy=http://a.example\nhttps-proxy=http://b.example\nnoproxy=c.example,d.example', {},
      { http: 'http://a.example', https: 'http://b.example', noProxy: 'c.example,d.example' }],
    ['noproxy[]=c.example\nnoproxy[]=d.example', {}, { noProxy: 'c.example,d.example' }],
    ['', { HTTPS_PROXY: 'http://e.example', http_proxy: 'http://f.example', no_proxy: 'g.example' },
      { http: 'http://f.example', https: 'http://e.example', noProxy: 'g.example' }],
    ['proxy=http://a.example', { HTTPS_PROXY: 'http://e.example' }, { http: 'http://a.example', https: 'http://a.example' }],
    ['proxy=false', { HTTPS_PROXY: 'http://e.example' }, {}],
    ['proxy=null', {}, {}],
  ])('%s with %j', async (lines, env, expected) => {
    expect((await operator({ 'home/.npmrc': lines }, env).load()).limits.proxy).toEqual(expected)
  })

  it('names the variable that is wrong', async () => {
    expect(await operator({}, { https_proxy: 'me:s3cr3t@proxy' }).problems())
      .toEqual(['environment (https_proxy): "***@proxy" is not an http(s) URL of a proxy. Use http://host:port.'])
  })
})
