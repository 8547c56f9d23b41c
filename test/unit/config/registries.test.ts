import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { NPM, operator, withFile } from './fixture.ts'

const ACME = { id: 'acme', url: 'https://npm.acme.example/', role: 'authority' }
const mirror = (id: string, of = 'npm') => ({ id, url: `https://${id}.example/`, role: 'mirror', of })
const REGISTRIES = [NPM, ACME, mirror('m1'), mirror('m2')]

async function problemsOf(config: object, env = {}): Promise<string[]> {
  return (await withFile({ registries: REGISTRIES, ...config }, { env }).problems()).map(problem => problem.replace('registry.config.json: ', ''))
}

describe('routes', () => {
  it('may name several authorities, and how many sources have to agree', async () => {
    const routes = [{ match: ['@acme/*'], registry: ['acme'] }, { match: ['open-*'], registry: ['npm', 'acme'] }, { match: ['a-*'], registry: 'npm', threshold: 3 }]
    const config = await withFile({ registries: REGISTRIES, routes }).load()
    expect(config.routes).toEqual([...routes, { match: ['*'], registry: 'npm' }])
    expect(config.notices).toEqual([])
  })

  it('lead to an authority also if it is one of several', async () => {
    const { notices } = await withFile({ registries: REGISTRIES, routes: [{ match: ['*'], registry: ['npm', 'acme'] }] }).load()
    expect(notices).toEqual([])
  })

  it.each<[what: string, route: object, problem: string]>([
    ['no authority', { registry: [] }, 'routes[0].registry: is empty.'],
    ['a mirror among them', { registry: ['npm', 'm1'] }, 'routes[0].registry[1]: "m1" is a mirror. Name an authority.'],
    ['nobody among them', { registry: ['npm', 'acm'] }, 'routes[0].registry[1]: "acm" is no registry. Did you mean "acme"?'],
    ['the same one twice', { registry: ['npm', 'acme', 'npm'] }, 'routes[0].registry[2]: "npm" is named twice. Remove one.'],
    ['a number', { registry: 7 }, 'routes[0].registry: must be an id or a list of ids, not a number.'],
    ['more sources than there are', { registry: 'npm', threshold: 4 },
      'routes[0].threshold: 4 sources cannot agree, because "npm" has 3 (itself and its mirrors). Add mirrors, or lower it.'],
    ['more sources than one of several has', { registry: ['npm', 'acme'], threshold: 2 },
      'routes[0].threshold: 2 sources cannot agree, because "acme" has 1 (itself and its mirrors). Add mirrors, or lower it.'],
    ['no source', { registry: 'npm', threshold: 0 }, 'routes[0].threshold: 0 is not a whole number between 1 and 16.'],
    ['half a source', { registry: 'npm', threshold: 1.5 }, 'routes[0].threshold: 1.5 is not a whole number between 1 and 16.'],
    ['very many sources', { registry: 'npm', threshold: 17 }, 'routes[0].threshold: 17 is not a whole number between 1 and 16.'],
  ])('with %s are an error', async (_, route, problem) => {
    expect(await problemsOf({ routes: [{ match: ['x'], ...route }] })).toEqual([problem])
  })

  it('want no more sources than npm configuration has', async () => {
    const machine = withFile({ routes: [{ match: ['x'], registry: 'npm', threshold: 2 }] }, { files: { 'home/.npmrc': 'registry=https://user.example/' } })
    expect(await machine.problems()).toEqual([expect.stringContaining('"npm" has 1 (itself and its mirrors)')])
  })
})

describe('registries', () => {
  it('may have less time than others, and may be limited to linking nowhere', async () => {
    const { registries } = await withFile({ registries: [NPM, { ...ACME, links: [] }, { ...mirror('m1'), timeout: '1500ms' }] }).load()
    expect(registries[1]).toMatchObject({ links: [] })
    expect(registries[0]).not.toHaveProperty('links')
    expect(registries[2]).toMatchObject({ timeout: 1500 })
    expect(registries[0]).not.toHaveProperty('timeout')
  })

  it.each([['0s', '"0s" is not a duration between 1ms and 1h.'], ['soon', '"soon" is not a duration. Write "30s", "5m" or "7d", or a number of milliseconds.']])(
    'with %s for an answer are an error', async (timeout, problem) => {
      expect(await problemsOf({ registries: [{ ...NPM, timeout }] })).toEqual([`registries[0].timeout: ${problem}`])
    },
  )
})

describe('the rest of many registries', () => {
  it('has defaults', async () => {
    const config = await withFile({}).load()
    expect(config).toMatchObject({
      strategy: 'priority', policy: { links: 'warn', manifests: 'warn' }, webhooks: [], probes: { interval: 600_000, sample: 20 }, signVersions: false,
    })
    expect(config).not.toHaveProperty('adminToken')
  })

  it('is taken as it is given, the rest of an object by default', async () => {
    const config = await withFile({
      strategy: 'fastest', policy: { links: 'deny' }, probes: { interval: 0 }, signVersions: true,
      webhooks: [{ url: 'https://hooks.example/in?to=us', secret: '${HOOK_SECRET}' }],
    }, { env: { HOOK_SECRET: 's3cr3t', NUXT_ADMIN_TOKEN: '0123456789abcdef' } }).load()
    expect(config).toMatchObject({
      strategy: 'fastest', policy: { links: 'deny', manifests: 'warn' }, probes: { interval: 0, sample: 20 }, signVersions: true,
      webhooks: [{ url: 'https://hooks.example/in?to=us', secret: 's3cr3t' }], adminToken: '0123456789abcdef',
    })
  })

  it.each<[config: object, problem: string]>([
    [{ policy: { links: 'forbid' } }, 'policy.links: "forbid" is not possible. Use "warn" or "deny".'],
    [{ policy: { manifests: true } }, 'policy.manifests: true is not possible. Use "warn" or "deny".'],
    [{ policy: { link: 'deny' } }, 'policy.link: unknown key. Did you mean "links"?'],
    [{ probes: { interval: 'often' } }, 'probes.interval: "often" is not a duration. Write "30s", "5m" or "7d", or a number of milliseconds.'],
    [{ probes: { sample: 0 } }, 'probes.sample: 0 is not a whole number between 1 and 1000.'],
    [{ probes: [] }, 'probes: must be an object, not a list.'],
    [{ signVersions: 'yes' }, 'signVersions: must be true or false, not a text.'],
    [{ webhooks: { url: 'https://hooks.example/' } }, 'webhooks: must be a list of webhooks, not an object.'],
    [{ webhooks: [{ url: 'https://hooks.example/' }] }, 'webhooks[0].secret: is missing.'],
    [{ webhooks: [{ url: 'https://hooks.example/', secret: '' }] }, 'webhooks[0].secret: must not be empty.'],
    [{ webhooks: [{ url: 'ftp://hooks.example/', secret: 's3cr3t' }] }, 'webhooks[0].url: "ftp://hooks.example/" is not an http(s) URL. Use http:// or https://.'],
    [{ webhooks: [{ url: 'https://hooks.example/', secret: '${NOT_SET}' }] }, 'webhooks[0].secret: the environment variable NOT_SET is not set.'],
  ])('%j is one clear line', async (config, problem) => {
    const problems = await problemsOf(config)
    expect(problems).toEqual([problem])
    expect(problems.join()).not.toContain('s3cr3t')
  })

  it.each(['short', 'with spaces in the middle', 's3cr3t-ü-0123456789', 'x'.repeat(201)])('%j is no token for operators, and is not shown', async (token) => {
    const problems = await operator({}, { NUXT_ADMIN_TOKEN: token }).problems()
    expect(problems).toEqual([expect.stringMatching(/^NUXT_ADMIN_TOKEN: not a token\. Use 16 to 200 letters, digits and signs without spaces/)])
    expect(problems.join()).not.toContain(token)
  })

  it.each(['0123456789abcdef', 'x'.repeat(200), ' 0123456789abcdef\n'])('%j is a token for operators', async (token) => {
    expect((await operator({}, { NUXT_ADMIN_TOKEN: token }).load()).adminToken).toBe(token.trim())
  })
})

it.each<[what: string, config: object]>([
  ['the file', { zzzzzzzz: 1 }], ['registries', { registries: [{ ...NPM, zzzzzzzz: 1 }] }], ['routes', { routes: [{ match: ['x'], registry: 'npm', zzzzzzzz: 1 }] }],
  ['policy', { policy: { zzzzzzzz: 1 } }], ['webhooks', { webhooks: [{ url: 'https://x.example/', secret: 'x', zzzzzzzz: 1 }] }], ['probes', { probes: { zzzzzzzz: 1 } }],
])('the documentation names every key of %s', async (_, config) => {
  const text = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')
  const [problem] = await problemsOf(config)
  const keys = /Known are (.*)\./.exec(problem!)![1]!.split(', ')
  // Some have a line together.
  for (const key of keys) expect(text, key).toMatch(new RegExp(`^\\| (?:\`\\w+\`, )*\`${key}\`(?:, \`\\w+\`)* \\|`, 'm'))
})
