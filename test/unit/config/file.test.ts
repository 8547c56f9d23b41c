import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { NPM, operator, withFile } from './fixture.ts'

const MIRROR = { id: 'm1', url: 'https://mirror.example/npm', role: 'mirror', of: 'npm' }
const ACME = { id: 'acme', url: 'https://npm.acme.example/', role: 'authority', links: ['npm'] }

/** What stands after the file's name in each problem of a file with this content. */
async function problemsOf(config: object, env = {}): Promise<string[]> {
  return (await withFile(config, { env }).problems()).map(problem => problem.replace('registry.config.json: ', ''))
}

describe('a configuration file', () => {
  it('names registries, routes and the rest', async () => {
    const config = await withFile({
      registries: [NPM, MIRROR, { ...ACME, namespace: 'acme.example', token: '${ACME_TOKEN}' }],
      routes: [{ match: ['@acme/*', 'acme-*'], registry: 'acme' }],
      private: ['@acme/*'],
      tarballs: 'self', delivery: 'serve', strategy: 'spread', policy: { links: 'deny' }, webhooks: [{ url: 'https://hooks.example/x', secret: 's' }], probes: { interval: '1h', sample: 5 }, signVersions: true, defaultHost: 'Public.example',
      cache: { memory: '64MiB', disk: 2_000_000_000, fresh: '1m', staleWhileRevalidate: '2h', staleIfError: '3d', negative: 0 },
      limits: { connectTimeout: '1s', retries: 0, maxTarballSize: '1GB', connections: 8 },
    }, { env: { ACME_TOKEN: 't0ken' } }).load()
    const origin = 'registry.config.json'
    const tls = { rejectUnauthorized: true }
    expect(config).toMatchObject({
      registries: [
        { ...NPM, namespace: 'npm.example', origin, tls },
        { ...MIRROR, url: 'https://mirror.example/npm/', namespace: 'mirror.example/npm', origin, tls },
        { ...ACME, namespace: 'acme.example', authorization: 'Bearer t0ken', origin, tls },
      ],
      routes: [{ match: ['@acme/*', 'acme-*'], registry: 'acme' }, { match: ['*'], registry: 'npm' }],
      private: ['@acme/*'],
      tarballs: 'self', delivery: 'serve', defaultHost: 'public.example',
      cache: { driver: 'fs', memory: 67_108_864, disk: 2e9, fresh: 60_000, staleWhileRevalidate: 7_200_000, staleIfError: 259_200_000, negative: 0 },
      limits: { connectTimeout: 1000, retries: 0, maxTarballSize: 1e9, connections: 8, headersTimeout: 15_000, maxRedirects: 3 },
      notices: [],
    })
    expect(config.registries).toHaveLength(3)
  })

  it.each([
    ['registry.config.json', JSON.stringify({ registries: [NPM] })],
    ['registry.config.jsonc', `// of ours\n${JSON.stringify({ registries: [NPM] })}`],
    ['registry.config.json5', `{ registries: [{ id: 'npm', url: 'https://npm.example/', role: 'authority' }], }`],
    ['registry.config.yaml', 'registries:\n  - { id: npm, url: "https://npm.example/", role: authority }\n'],
    ['registry.config.yml', 'registries:\n  - id: npm\n    url: https://npm.example/\n    role: authority\n'],
    ['registry.config.toml', '[[registries]]\nid = "npm"\nurl = "https://npm.example/"\nrole = "authority"\n'],
    ['registry.config.ts', 'const role: string = "authority"\nexport default { registries: [{ id: "npm", url: "https://npm.example/", role }] }'],
    ['registry.config.mjs', `export default () => (${JSON.stringify({ registries: [NPM] })})`],
    ['registry.config.cjs', `module.exports = ${JSON.stringify({ registries: [NPM] })}`],
  ])('may be %s', async (name, content) => {
    const config = await withFile(content, { name }).load()
    expect(config.registries).toMatchObject([{ ...NPM, origin: name }])
  })

  it('may leave the registries to npm configuration', async () => {
    const files = { 'home/.npmrc': 'registry=https://user.example/\n@acme:registry=https://npm.acme.example/' }
    const config = await withFile({ tarballs: 'self' }, { files }).load()
    expect(config.tarballs).toBe('self')
    expect(config.routes).toEqual([{ match: ['@acme/*'], registry: 'acme' }, { match: ['*'], registry: 'npm' }])
    // Routes of the file take the place of those that follow from scopes.
    expect((await withFile({ routes: [{ match: ['acme-*'], registry: 'acme' }] }, { files }).load()).routes)
      .toEqual([{ match: ['acme-*'], registry: 'acme' }, { match: ['*'], registry: 'npm' }])
  })

  it('uses the credentials, certificates and proxy of npm configuration for the same URLs', async () => {
    const files = {
      'home/.npmrc': 'registry=https://elsewhere.example/\n//npm.example/:_authToken=t0ken\n//npm.acme.example/:_authToken=other\n'
        + 'strict-ssl=false\nproxy=http://proxy.example:8080',
    }
    const config = await withFile({ registries: [NPM, MIRROR, { ...ACME, token: 'own' }] }, { files }).load()
    expect(config.registries.map(({ id, authorization, tls }) => [id, authorization, tls.rejectUnauthorized])).toEqual([
      ['npm', 'Bearer t0ken', false], ['m1', undefined, false], ['acme', 'Bearer own', false],
    ])
    expect(config.limits.proxy.https).toBe('http://proxy.example:8080')
  })

  it('may name its own last route', async () => {
    const routes = [{ match: ['*'], registry: 'acme' }]
    const config = await withFile({ registries: [NPM, ACME], routes }).load()
    expect(config.routes).toEqual(routes)
    expect(config.notices).toEqual(['registry.config.json: no route leads to the authority "npm", so it is never asked.'])
  })

  it('lets an explicit undefined be the default', async () => {
    const config = await withFile('export default { cache: { fresh: undefined }, limits: { retries: undefined } }', { name: 'c.mjs' }).load()
    expect(config.cache.fresh).toBe(300_000)
    expect(config.limits.retries).toBe(2)
  })
})

describe('a file that cannot be used', () => {
  it.each([
    ['c.json', '{ "registries": [ { "token": "s3cr3t" x ] }', 'c.json: cannot be parsed (line 1, column 39). Correct its syntax.'],
    ['c.json', 's3cr3t', 'c.json: cannot be parsed. Correct its syntax.'],
    ['c.yaml', 'registries:\n  - token: "s3cr3t\n', 'c.yaml: cannot be parsed (line 3, column 1). Correct its syntax.'],
    ['c.json5', '{ registries: [ s3cr3t: "s3cr3t" ] }', 'c.json5: cannot be parsed (line 1, column 17). Correct its syntax.'],
    ['c.toml', 'token = s3cr3t', 'c.toml: cannot be parsed (line 1, column 9). Correct its syntax.'],
    ['c.ts', 'export default { registries: [ token "s3cr3t" ] }', /^c\.ts: cannot be parsed( \(line 1, column \d+\))?\. Correct its syntax\.$/],
    ['c.ts', 'throw new Error("No such thing.\\nmore")', 'c.ts: cannot be loaded: No such thing.'],
    ['c.json', 'null', 'c.json: must hold one object.'],
    ['c.json', '42', 'c.json: must hold one object.'],
    ['c.json', '[]', 'c.json: must be an object, not a list.'],
    ['c.mjs', 'export default "text"', /^c\.mjs: /],
    ['c.conf', '{}', /^REGISTRY_CONFIG: c\.conf has an unknown extension\. Use one of \.js /],
    ['c.json/d', '', 'REGISTRY_CONFIG: c.json is not a file. Name a file.'],
  ])('%s holding %j', async (name, content, problem) => {
    const machine = operator({ [`project/${name}`]: content })
    const problems = await machine.problems({ REGISTRY_CONFIG: name.split('/')[0] })
    expect(problems).toEqual([typeof problem === 'string' ? problem : expect.stringMatching(problem)])
    expect(problems[0]).not.toMatch(/s3cr3t|\n/)
  })

  it('because it is missing', async () => {
    expect(await operator().problems({ REGISTRY_CONFIG: 'nowhere.json' }))
      .toEqual(['REGISTRY_CONFIG: nowhere.json does not exist. Name a file that does, or unset the variable.'])
    expect(await operator().problems({ REGISTRY_CONFIG: 'no\n\u001Bwhere.json' }))
      .toEqual(['REGISTRY_CONFIG: no??where.json does not exist. Name a file that does, or unset the variable.'])
  })
})

describe('each bad value is one line', () => {
  it.each<[object, string[]]>([
    [{ registries: [NPM, { ...ACME, url: 'ftp://x' }] }, ['registries[1].url: "ftp://x" is not an http(s) URL. Use http:// or https://.']],
    [{ registries: [{ ...NPM, url: 'https://me:s3cr3t@npm.example/' }] },
      ['registries[0].url: "https://***@npm.example/" holds credentials. Put them in the npm configuration (//host/:_authToken=…).']],
    [{ registries: [{ ...NPM, url: 'https://npm.example/?a=s3cr3t' }] }, ['registries[0].url: "https://npm.example/?…" has a query or a hash. Leave them out.']],
    [{ registries: [{ ...NPM, id: 'N P M' }] }, ['registries[0].id: "N P M" is not an id. Use lower case letters, digits, ".", "-" and "_".']],
    [{ registries: [{ ...NPM, role: 'master' }] }, ['registries[0].role: "master" is not possible. Use "authority" or "mirror".']],
    [{ registries: [{ ...NPM, namespace: 'https://x' }] }, ['registries[0].namespace: "https://x" is not a namespace. Write a host and a path, like registry.example/npm.']],
    [{ registries: [{ ...NPM, token: ['s3cr3t'] }] }, ['registries[0].token: must be a text.']],
    [{ registries: [{ ...NPM, token: 's3 cr3t' }] }, ['registries[0].token: holds spaces or characters that a header cannot carry. Write the token alone.']],
    [{ registries: [{ ...NPM, token: '${NOWHERE}' }] }, ['registries[0].token: the environment variable NOWHERE is not set.']],
    [{ registries: [{ id: 'npm', role: 'authority' }] }, ['registries[0].url: is missing.']],
    [{ registries: [{ ...NPM, ulr: 's3cr3t' }] }, ['registries[0].ulr: unknown key. Did you mean "url"?']],
    [{ registries: [7] }, ['registries[0]: must be an object, not a number.']],
    [{ registries: {} }, ['registries: must be a list of registries, not an object.']],
    [{ registries: [] }, ['registries: none is an authority. Give at least one "role": "authority".']],
    [{ registries: [{ ...MIRROR }] }, ['registries: none is an authority. Give at least one "role": "authority".']],
    [{ registres: [] }, ['registres: unknown key. Did you mean "registries"?']],
    [{ registries: null }, ['registries: must be a list of registries, not null.']],
    [{ something: 's3cr3t' }, ['something: unknown key. Known are registries, routes, private, tarballs, delivery, strategy, policy, webhooks, probes, signVersions, defaultHost, cache, limits.']],
    [{ private: ['@acme'] }, ['private[0]: "@acme" is not a name pattern. Use an exact name, "@scope/*", a prefix such as "acme-*", or "*".']],
    [{ private: '@acme/*' }, ['private: must be a list of name patterns, not a text.']],
    [{ routes: [{ match: ['@acme*'], registry: 'npm' }] }, ['routes[0].match[0]: "@acme*" would match other scopes too. Write "@scope/*".']],
    [{ routes: [{ match: [], registry: 'npm' }] }, ['routes[0].match: is empty.']],
    [{ tarballs: 'ours' }, ['tarballs: "ours" is not possible. Use "auto" or "upstream" or "self".']],
    [{ delivery: 'mail' }, ['delivery: "mail" is not possible. Use "redirect" or "serve".']],
    [{ strategy: 'random' }, ['strategy: "random" is not possible. Use "priority" or "fastest" or "spread".']],
    [{ policy: { minimumAge: '7d' } }, ['policy.minimumAge: unknown key. Known are links, manifests.']],
    [{ policy: true }, ['policy: must be an object, not a boolean.']],
    [{ defaultHost: 'https://x/' }, ['defaultHost: "https://x/" is not a host. Write it like npm.example or npm.example:8080.']],
    [{ cache: { fresh: '5 minutes' } }, ['cache.fresh: "5 minutes" is not a duration. Write "30s", "5m" or "7d", or a number of milliseconds.']],
    [{ cache: { memory: 0 } }, ['cache.memory: 0 is not a size between 1MiB and 1024TiB.']],
    [{ cache: { memroy: 0 } }, ['cache.memroy: unknown key. Did you mean "memory"?']],
    [{ cache: { driver: 'redis' } }, ['cache.driver: "redis" needs a URL. Set cache.redisUrl or NUXT_REDIS_URL.']],
    [{ cache: { redisUrl: 'http://:s3cr3t@x' } }, ['cache.redisUrl: not a Redis URL. Write it like redis://localhost:6379 or rediss://user:password@host:6379/0.']],
    [{ limits: { retries: '2' } }, ['limits.retries: "2" is not a whole number. Write a number such as 3.']],
    [{ limits: { connectTimeout: 0 } }, ['limits.connectTimeout: 0 is not a duration between 1ms and 1h.']],
    [{ limits: { proxy: {} } }, [expect.stringMatching(/^limits\.proxy: unknown key\. Known are connectTimeout, /)]],
    [{ tarballs: 'x', cache: { fresh: true, negative: '1y' } }, [
      'tarballs: "x" is not possible. Use "auto" or "upstream" or "self".',
      'cache.fresh: true is not a duration. Write "30s", "5m" or "7d", or a number of milliseconds.',
      'cache.negative: "1y" is not a duration. Write "30s", "5m" or "7d", or a number of milliseconds.',
    ]],
  ])('%j', async (config, expected) => {
    const problems = await problemsOf(config)
    expect(problems).toEqual(expected)
    expect(problems.join()).not.toMatch(/s3cr3t|s3 cr3t|\n/)
  })
})

describe('cross checks', () => {
  it.each<[string, object, string[]]>([
    ['ids', { registries: [NPM, { ...ACME, id: 'npm', links: [] }] }, ['registries[1].id: "npm" is also the id of registries[0]. Ids must be unique.']],
    ['URLs', { registries: [NPM, { ...ACME, url: 'https://NPM.example' }] }, ['registries[1].url: "https://npm.example/" is also the URL of registries[0]. Remove one of them.']],
    ['namespaces', { registries: [NPM, { ...ACME, namespace: 'npm.example' }] },
      ['registries[1].namespace: "npm.example" is also that of registries[0]. Records would not tell them apart.']],
    ['mirrors of nothing', { registries: [NPM, { ...MIRROR, of: undefined }] }, ['registries[1].of: is missing. Name the authority that this mirror copies.']],
    ['mirrors of unknown registries', { registries: [NPM, { ...MIRROR, of: 'nmp' }] }, ['registries[1].of: "nmp" is no registry. Did you mean "npm"?']],
    ['mirrors of mirrors', { registries: [NPM, MIRROR, { ...MIRROR, id: 'm2', of: 'm1', url: 'https://m2.example/' }] }, ['registries[2].of: "m1" is a mirror. Name an authority.']],
    ['authorities with `of`', { registries: [NPM, { ...ACME, of: 'npm' }] }, ['registries[1].of: belongs to mirrors only. Remove it, or make this registry a mirror.']],
    ['links', { registries: [{ ...NPM, links: ['npm', 'x'] }, { ...MIRROR, links: ['npm'] }] }, [
      'registries[0].links[0]: "npm" is this registry itself. Remove it.',
      'registries[0].links[1]: "x" is no registry. Authorities are npm.',
      'registries[1].links: belongs to authorities only. Remove it.',
    ]],
    ['routes to mirrors', { registries: [NPM, MIRROR], routes: [{ match: ['vue'], registry: 'm1' }] }, ['routes[0].registry: "m1" is a mirror. Name an authority.']],
    ['routes to nowhere', { registries: [NPM], routes: [{ match: ['vue'], registry: 'zzz' }] }, ['routes[0].registry: "zzz" is no registry. Authorities are npm.']],
    ['routes after *', { registries: [NPM, ACME], routes: [{ match: ['*'], registry: 'npm' }, { match: ['@acme/*'], registry: 'acme' }] },
      ['routes[1].match[0]: "@acme/*" is never reached, because routes[0] matches all of it. Put it first.']],
    ['routes within routes', { registries: [NPM, ACME], routes: [{ match: ['@acme/*'], registry: 'acme' }, { match: ['vue', '@acme/ui'], registry: 'npm' }] },
      ['routes[1].match[1]: "@acme/ui" is never reached, because routes[0] matches all of it. Put it first.']],
  ])('%s', async (_, config, expected) => {
    expect(await problemsOf(config)).toEqual(expected)
  })

  it('let one server mirror several authorities', async () => {
    const config = await withFile({ registries: [NPM, ACME, MIRROR, { ...MIRROR, id: 'm2', of: 'acme' }] }).load()
    expect(config.registries.map(({ id }) => id)).toEqual(['npm', 'acme', 'm1', 'm2'])
  })
})

it('the example in the documentation works', async () => {
  const text = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')
  const example = /```json\n(.*?)```/s.exec(text)?.[1] ?? ''
  const config = await withFile(example, { env: { ACME_TOKEN: 't0ken' } }).load()
  expect(config.registries.map(({ id, authorization }) => [id, authorization])).toEqual([['npm', undefined], ['near', undefined], ['acme', 'Bearer t0ken']])
  expect(config.notices).toEqual([])
})

it('the documentation names every key and its default', async () => {
  const text = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')
  const { cache, limits } = await withFile({}).load()
  const { proxy: _, ...bounds } = { ...cache, ...limits }
  for (const [key, value] of Object.entries(bounds)) {
    const documented = new RegExp(`^\\| \`${key}\` \\| \`(.*?)\``, 'm').exec(text)?.[1]
    if (key === 'driver' || typeof value !== 'number') expect(documented, key).toBe(value)
    else expect((await withFile({ [key in cache ? 'cache' : 'limits']: { [key]: Number(documented) || documented } }).load()), key).toMatchObject({
      [key in cache ? 'cache' : 'limits']: { [key]: value },
    })
  }
})
