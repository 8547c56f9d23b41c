import { hostname, networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { describeSelf, isSelf } from '../../../server/config/self.ts'
import { operator, withFile } from './fixture.ts'

describe('isSelf', () => {
  const self = describeSelf({ port: 3000, host: '10.9.8.7', publicUrl: 'https://us.example/', registryHosts: ['npm.us.example', 'odd.example:8080'] })
  const addresses = Object.values(networkInterfaces()).flatMap(list => list ?? []).map(({ address, family }) => family === 'IPv6' ? `[${address}]` : address)

  it.each([
    'http://localhost:3000/', 'http://LOCALHOST.:3000/npm/', 'http://npm.localhost:3000/', 'https://localhost:3000/', 'http://127.0.0.1:3000/',
    'http://127.9.9.9:3000/any/path', 'http://[::1]:3000/', 'http://0.0.0.0:3000/', 'http://[::]:3000/', 'http://[::ffff:127.0.0.1]:3000/', 'http://2130706433:3000/',
    'http://10.9.8.7:3000/', `http://${hostname()}:3000/`, ...addresses.map(address => `http://${address}:3000/`),
    'https://us.example/', 'http://us.example/npm/', 'https://US.example./', 'https://us.example:3000/', 'https://npm.us.example/', 'http://odd.example:8080/',
  ])('%s is', (url) => {
    expect(isSelf(url, self)).toBe(true)
  })

  it.each([
    'http://localhost:3001/', 'http://localhost/', 'http://[::1]/', 'https://us.example:8443/', 'https://npm.example/', 'https://us.example.org/',
    'https://x.us.example/', 'http://odd.example/', 'http://10.9.8.6:3000/', 'http://localhost.example:3000/',
  ])('%s is not', (url) => {
    expect(isSelf(url, self)).toBe(false)
  })

  it('knows the ports that URLs leave out', () => {
    expect(isSelf('http://localhost/', describeSelf({ port: 80, publicUrl: 'http://localhost/', registryHosts: [] }))).toBe(true)
    expect(isSelf('https://localhost/', describeSelf({ port: 3000, publicUrl: 'http://localhost:3000/', registryHosts: [] }))).toBe(false)
  })
})

const US = 'http://localhost:3000/npm/'
const ALSO_US = 'registry=http://localhost:3000/npm/\n'

describe('npm configuration that names this server', () => {
  it('gives way to the next layer that names another registry', async () => {
    const machine = operator({
      'project/.npmrc': 'registry=http://127.0.0.1:3000/', 'home/.npmrc': ALSO_US,
      'etc/npmrc': 'registry=https://company.example/\n//company.example/:_authToken=t0ken',
    })
    const config = await machine.load()
    expect(config.registries[0]).toMatchObject({ url: 'https://company.example/', authorization: 'Bearer t0ken', id: 'npm' })
    expect(config.notices).toEqual([
      `.npmrc: registry is this server (http://127.0.0.1:3000/). Packages come from https://company.example/ instead, as ${machine.root}/etc/npmrc says.`,
    ])
  })

  it('gives way to the upstream of the last start', async () => {
    const machine = operator({ 'home/.npmrc': 'registry=https://company.example/npm\n//company.example/npm/:_authToken=t0ken\n' })
    expect((await machine.load()).notices).toEqual([])
    expect(JSON.parse(machine.read('project/.data/upstream.json'))).toEqual({ registry: 'https://company.example/npm/', scopes: {} })
    machine.write({ 'home/.npmrc': `${ALSO_US}//company.example/npm/:_authToken=t0ken\n` })
    // Twice: being remembered does not wear off.
    for (const _ of [1, 2]) {
      const config = await machine.load()
      expect(config.registries[0]).toMatchObject({ url: 'https://company.example/npm/', authorization: 'Bearer t0ken' })
      expect(config.notices).toEqual([
        `~/.npmrc: registry is this server (${US}). Packages come from https://company.example/npm/ instead, as on the last start (.data/upstream.json).`,
      ])
    }
  })

  it('gives way to npm\'s own default, and says what to do', async () => {
    const machine = operator({ 'home/.npmrc': ALSO_US })
    const config = await machine.load()
    expect(config.registries[0]?.origin).toBe('npm\'s default')
    expect(config.notices).toEqual([
      `~/.npmrc: registry is this server (${US}). Packages come from ${config.registries[0]?.url} instead, npm's own default. `
      + 'If that is not where they came from before, name the registry in a REGISTRY_CONFIG file.',
    ])
    // A guess is not worth remembering.
    expect(() => machine.read('project/.data/upstream.json')).toThrow('ENOENT')
  })

  it('names the file although npm copied it into our environment', async () => {
    const config = await operator({ 'home/.npmrc': ALSO_US }, { npm_config_registry: US }).load()
    expect(config.notices[0]).toMatch(/^~\/\.npmrc: registry is this server/)
  })

  it.each([
    [{ PORT: '8080' }, 'http://localhost:8080/'],
    [{ NITRO_PORT: '8080', PORT: '3000' }, 'http://[::1]:8080/npm/'],
    [{ NUXT_PUBLIC_URL: 'https://us.example/registry/' }, 'https://us.example/npm/'],
    [{ NUXT_REGISTRY_HOSTS: 'a.example, npm.us.example' }, 'https://npm.us.example/'],
    [{ HOST: '10.9.8.7' }, 'http://10.9.8.7:3000/npm/'],
  ])('is recognised with %j as %s', async (env, registry) => {
    expect((await operator({ 'home/.npmrc': `registry=${registry}` }, env).load()).notices).toHaveLength(1)
  })

  it('is not another server on this machine', async () => {
    const config = await operator({ 'home/.npmrc': 'registry=http://localhost:4873/' }).load()
    expect(config.registries[0]?.url).toBe('http://localhost:4873/')
    expect(config.notices).toEqual([])
  })
})

describe('the remembered upstream', () => {
  it('follows npm configuration', async () => {
    const machine = operator({ 'home/.npmrc': 'registry=https://a.example/\n@acme:registry=https://acme.example/' })
    await machine.load()
    machine.write({ 'home/.npmrc': 'registry=https://me:s3cr3t@b.example/' })
    await machine.load()
    expect(JSON.parse(machine.read('project/.data/upstream.json'))).toEqual({ registry: 'https://b.example/', scopes: { '@acme': 'https://acme.example/' } })
    expect(machine.read('project/.data/upstream.json')).not.toContain('s3cr3t')
  })

  it.each([
    ['not JSON', '{'],
    ['null', 'null'],
    ['a list', '[]'],
    ['another type', { registry: 7, scopes: {} }],
    ['another scheme', { registry: 'file:///etc/passwd', scopes: {} }],
    ['credentials', { registry: 'https://me:s3cr3t@a.example/', scopes: {} }],
    ['ourselves', { registry: 'http://127.0.0.1:3000/', scopes: {} }],
    ['ourselves for a scope', { registry: 'https://a.example/', scopes: { '@acme': 'http://127.0.0.1:3000/' } }],
    ['wrong scopes', { registry: 'https://a.example/', scopes: { '@acme': null } }],
  ])('with %s is ignored with a notice', async (_, content) => {
    const config = await operator({ 'home/.npmrc': ALSO_US, 'project/.data/upstream.json': content }).load()
    expect(config.registries[0]?.origin).toBe('npm\'s default')
    expect(config.notices[0]).toBe('.data/upstream.json does not hold the upstream of an earlier start, and is ignored.')
  })

  it('that cannot be written is a notice', async () => {
    const machine = operator({ 'home/.npmrc': 'registry=https://a.example/', 'project/.data/upstream.json/file': '' })
    expect((await machine.load()).notices).toEqual([
      '.data/upstream.json cannot be read (EISDIR), so the upstream of the last start is not known.',
      expect.stringMatching(/^\.data\/upstream\.json cannot be written \(\w+\), so the next start will not know the upstream of this one\.$/),
    ])
  })

  it('is not written when a file names the registries, nor when anything is wrong', async () => {
    const machine = withFile({ registries: [{ id: 'npm', url: 'https://a.example/', role: 'authority' }] }, { files: { 'home/.npmrc': 'registry=https://b.example/' } })
    await machine.load()
    expect(() => machine.read('project/.data/upstream.json')).toThrow('ENOENT')
    await operator({ 'home/.npmrc': 'registry=https://b.example/' }, { PORT: 'x' }).problems()
    expect(() => machine.read('project/.data/upstream.json')).toThrow('ENOENT')
  })
})

describe('scopes that name this server', () => {
  const scope = '@acme:registry=http://localhost:3000/npm/\n'

  it('are dropped with a notice', async () => {
    const config = await operator({ 'home/.npmrc': `registry=https://a.example/\n${scope}` }).load()
    expect(config.registries).toHaveLength(1)
    expect(config.routes).toEqual([{ match: ['*'], registry: 'npm' }])
    expect(config.notices).toEqual([
      `~/.npmrc: @acme:registry is this server (${US}). Packages of @acme come from https://a.example/, like all others. `
      + 'If they have a registry of their own, name it in a REGISTRY_CONFIG file.',
    ])
  })

  it('keep the registry they had on the last start', async () => {
    const machine = operator({ 'home/.npmrc': 'registry=https://a.example/\n@acme:registry=https://acme.example/' })
    await machine.load()
    machine.write({ 'home/.npmrc': `registry=https://a.example/\n${scope}` })
    const config = await machine.load()
    expect(config.routes[0]).toEqual({ match: ['@acme/*'], registry: 'acme' })
    expect(config.registries[1]?.url).toBe('https://acme.example/')
    expect(config.notices).toEqual([
      `~/.npmrc: @acme:registry is this server (${US}). Packages of @acme come from https://acme.example/ instead, as on the last start (.data/upstream.json).`,
    ])
  })
})

it('a file that names this server is a mistake', async () => {
  expect(await withFile({ registries: [{ id: 'npm', url: 'http://127.0.0.1:3000/npm', role: 'authority' }] }).problems())
    .toEqual(['registry.config.json: registries[0].url: "http://127.0.0.1:3000/npm/" is this server. Name the registry that packages come from.'])
})
