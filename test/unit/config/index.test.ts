import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../server/config/index.ts'
import { NPM, operator, withFile } from './fixture.ts'

const MINUTE = 60_000
const MIB = 2 ** 20

describe('loadConfig', () => {
  it('has defaults for everything', async () => {
    const { cache, limits, tarballs, delivery, private: privateNames, registryHosts } = await operator().load()
    expect({ tarballs, delivery, privateNames, registryHosts }).toEqual({ tarballs: 'auto', delivery: 'redirect', privateNames: [], registryHosts: [] })
    expect(cache).toEqual({
      driver: 'fs', memory: 128 * MIB, disk: 10_240 * MIB,
      fresh: 5 * MINUTE, staleWhileRevalidate: 60 * MINUTE, staleIfError: 7 * 24 * 60 * MINUTE, negative: 30_000,
    })
    expect(limits).toEqual({
      connectTimeout: 5000, headersTimeout: 15_000, bodyTimeout: 20_000, totalTimeout: 45_000, retries: 2,
      maxPackumentSize: 64 * MIB, maxTarballSize: 512 * MIB, maxRequestBody: 8 * MIB, maxRedirects: 3, connections: 64, proxy: {},
    })
  })

  it('is frozen through and through', async () => {
    const config = await withFile({ registries: [NPM], routes: [{ match: ['vue'], registry: 'npm' }], private: ['x'] }).load()
    const open: string[] = []
    const visit = (value: unknown, path: string) => {
      if (typeof value !== 'object' || value === null) return
      if (!Object.isFrozen(value)) open.push(path)
      for (const [key, one] of Object.entries(value)) visit(one, `${path}.${key}`)
    }
    visit(config, 'config')
    expect(open).toEqual([])
    expect(() => Object.assign(config.registries[0]!.tls, { rejectUnauthorized: false })).toThrow(TypeError)
  })

  it('reports all problems at once, each on one line that names its place', async () => {
    const machine = withFile({ registries: [{ ...NPM, url: 'x' }], tarballs: 'x' }, {
      env: { PORT: 'x' }, files: { 'home/.npmrc': 'strict-ssl=x\ncafile=/nowhere\n' },
    })
    const problems = await machine.problems()
    expect(problems.map(problem => problem.split(': ').slice(0, 2).join(': '))).toEqual([
      'PORT: "x" is not a port. Use a number from 1 to 65535.',
      'registry.config.json: registries[0].url',
      'registry.config.json: tarballs',
      '~/.npmrc: strict-ssl',
      '~/.npmrc: cafile',
    ])
    const error = await machine.load().catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as ConfigError).message).toBe(problems.join('\n'))
  })

  it('shows no secret in problems and notices', async () => {
    const secrets = {
      'home/.npmrc': [
        'registry=https://me:s3cr3t@localhost:3000/', '//localhost:3000/:_authToken=s3cr3t', '//npm.example/:_password=s3cr3t', '//npm.example/:username=s3cr3t',
        'proxy=http://me:s3cr3t@proxy.example/', 'https-proxy=ftp://me:s3cr3t@proxy.example/', '_auth=s3cr3t', '@acme:registry=http://me:s3cr3t@localhost:3000/',
        '//npm.example/:certfile=nowhere', '//npm.example/:keyfile=nowhere', 'strict-ssl=false', '',
      ].join('\n'),
    }
    const fine = await operator({ 'home/.npmrc': secrets['home/.npmrc'].replace(/^(https-proxy|_auth).*\n/gm, '') }).load()
    expect(fine.notices).toHaveLength(3)
    expect(fine.notices.join('\n')).not.toContain('s3cr3t')

    const npmProblems = await operator(secrets, { NUXT_REDIS_URL: 's3cr3t', npm_config__auth: 's3cr3t' }).problems()
    expect(npmProblems).toHaveLength(3)
    const fileProblems = await withFile({
      registries: [{ ...NPM, url: 'https://me:s3cr3t@npm.example/', token: { value: 's3cr3t' }, tokn: 's3cr3t' }, 's3cr3t'],
      cache: { redisUrl: 'me:s3cr3t@x' }, policy: 's3cr3t',
    }, { files: secrets }).problems()
    expect(fileProblems.length).toBeGreaterThan(6)
    expect([...npmProblems, ...fileProblems].join('\n')).not.toContain('s3cr3t')
  })
})
