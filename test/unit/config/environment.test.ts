import { generateKeyPairSync } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { operator, withFile } from './fixture.ts'

describe('environment variables', () => {
  it.each([
    [{}, 'http://localhost:3000/'],
    [{ PORT: '8080' }, 'http://localhost:8080/'],
    [{ PORT: '8080', NITRO_PORT: '9090' }, 'http://localhost:9090/'],
    [{ PORT: ' ' }, 'http://localhost:3000/'],
    [{ HOST: '0.0.0.0' }, 'http://localhost:3000/'],
    [{ HOST: '::' }, 'http://localhost:3000/'],
    [{ HOST: '127.0.0.1' }, 'http://127.0.0.1:3000/'],
    [{ HOST: '::1', PORT: '80' }, 'http://[::1]:80/'],
    [{ HOST: 'a.example', NITRO_HOST: 'b.example' }, 'http://b.example:3000/'],
    [{ NUXT_PUBLIC_URL: 'https://npm.example' }, 'https://npm.example/'],
    [{ NUXT_PUBLIC_URL: 'https://npm.example/registry', PORT: '1' }, 'https://npm.example/registry/'],
  ])('%j is reached at %s', async (env, expected) => {
    expect((await operator({}, env).load()).publicUrl).toBe(expected)
  })

  it('name the data directory', async () => {
    const machine = operator()
    expect((await machine.load()).dataDir).toBe(join(machine.root, 'project/.data'))
    expect((await machine.load({ NUXT_DATA_DIR: '../data' })).dataDir).toBe(join(machine.root, 'data'))
    expect((await machine.load({ NUXT_DATA_DIR: join(machine.root, 'x') })).dataDir).toBe(join(machine.root, 'x'))
  })

  it('give the hosts by which a client reaches this machine, unless there is a public URL', async () => {
    expect((await operator({}, { PORT: '8080', HOST: '10.9.8.7' }).load()).localHosts)
      .toEqual(expect.arrayContaining(['localhost:8080', '127.0.0.1:8080', '[::1]:8080', '10.9.8.7:8080', `${hostname().toLowerCase()}:8080`]))
    expect((await operator({}, { NUXT_PUBLIC_URL: 'https://npm.example' }).load()).localHosts).toEqual([])
  })

  it('name registry hosts', async () => {
    const { registryHosts } = await operator({}, { NUXT_REGISTRY_HOSTS: 'Registry.example, npm.example:8080,,' }).load()
    expect(registryHosts).toEqual(['registry.example', 'npm.example:8080'])
  })

  it('name hosts of the checksum database, which then are our own', async () => {
    const { sumdbHosts } = await operator({}, { NUXT_SUMDB_HOSTS: 'Sum.example,' }).load()
    expect(sumdbHosts).toEqual(['sum.example'])
  })

  it('say where the log is kept, and under which name and key', async () => {
    const machine = operator()
    expect(await machine.load()).toMatchObject({ databaseUrl: `file://${join(machine.root, 'project/.data/registry.db')}`, sumdb: {} })
    const key = 'PRIVATE+KEY+sum.example+00000000+AAAA'
    expect(await machine.load({ NUXT_DATABASE_URL: 'libsql://db.example?authToken=s3cr3t', NUXT_SUMDB_ORIGIN: 'sum.example', NUXT_SUMDB_SIGNER_KEY: key }))
      .toMatchObject({ databaseUrl: 'libsql://db.example?authToken=s3cr3t', sumdb: { origin: 'sum.example', signerKey: key } })
  })

  it.each([
    [{ NUXT_DATABASE_URL: 'postgres://me:s3cr3t@db.example' }, /^NUXT_DATABASE_URL: not a database URL\. Write it like/],
    [{ NUXT_DATABASE_URL: 's3cr3t' }, /^NUXT_DATABASE_URL: not a database URL/],
    [{ NUXT_SUMDB_ORIGIN: 'sum example' }, /^NUXT_SUMDB_ORIGIN: "sum example" is no name of a log/],
    [{ NUXT_SUMDB_ORIGIN: 'https://sum.example' }, /^NUXT_SUMDB_ORIGIN: .* is no name of a log/],
    [{ NUXT_SUMDB_SIGNER_KEY: 's3cr3t' }, /^NUXT_SUMDB_SIGNER_KEY: not a signer key/],
    [{ NUXT_REGISTRY_SIGNER_KEY: 's3cr3t' }, /^NUXT_REGISTRY_SIGNER_KEY: not a private key on P-256/],
    [{ NUXT_REGISTRY_SIGNER_KEY: privateKey('secp384r1') }, /^NUXT_REGISTRY_SIGNER_KEY: not a private key on P-256/],
  ])('%j stops the start, and no secret is shown', async (env, sentence) => {
    const problems = await operator({}, env).problems()
    expect(problems).toEqual([expect.stringMatching(sentence)])
    expect(problems.join()).not.toContain('s3cr3t')
  })

  it('hold the key with which we sign versions, its line ends written out or not', async () => {
    const key = privateKey('prime256v1')
    expect((await operator({}, { NUXT_REGISTRY_SIGNER_KEY: key }).load()).registryKey).toBe(key)
    expect((await operator({}, { NUXT_REGISTRY_SIGNER_KEY: key.replaceAll('\n', '\\n') }).load()).registryKey).toBe(key)
    expect(await operator().load()).not.toHaveProperty('registryKey')
  })

  it('name the Redis server, also in place of the file\'s', async () => {
    const url = 'rediss://me:s3cr3t@redis.example:6379/1'
    expect((await operator({}, { NUXT_REDIS_URL: url }).load()).cache).toMatchObject({ driver: 'redis', redisUrl: url })
    expect((await withFile({ cache: { redisUrl: 'redis://file.example' } }).load()).cache).toMatchObject({ driver: 'redis', redisUrl: 'redis://file.example' })
    expect((await withFile({ cache: { redisUrl: 'redis://file.example' } }, { env: { NUXT_REDIS_URL: url } }).load()).cache.redisUrl).toBe(url)
    const { cache } = await withFile({ cache: { driver: 'fs' } }, { env: { NUXT_REDIS_URL: url } }).load()
    expect(cache.driver).toBe('fs')
    expect(cache).not.toHaveProperty('redisUrl')
  })

  it.each([
    [{ PORT: 'http' }, 'PORT: "http" is not a port. Use a number from 1 to 65535.'],
    [{ NITRO_PORT: '65536', PORT: '1' }, 'NITRO_PORT: "65536" is not a port. Use a number from 1 to 65535.'],
    [{ PORT: '0' }, 'PORT: "0" is not a port. Use a number from 1 to 65535.'],
    [{ HOST: 'http://x' }, 'HOST: "http://x" is not a host name or address. Write it like 127.0.0.1, and the port into PORT.'],
    [{ HOST: 'x:80:' }, 'HOST: "x:80:" is not a host name or address. Write it like 127.0.0.1, and the port into PORT.'],
    [{ NUXT_PUBLIC_URL: 'npm.example' }, 'NUXT_PUBLIC_URL: "npm.example" is not an http(s) URL. Use http:// or https://.'],
    [{ NUXT_PUBLIC_URL: 'https://me:s3cr3t@npm.example' },
      'NUXT_PUBLIC_URL: "https://***@npm.example/" holds credentials. Put them in the npm configuration (//host/:_authToken=…).'],
    [{ NUXT_REGISTRY_HOSTS: 'https://npm.example/' }, 'NUXT_REGISTRY_HOSTS: "https://npm.example/" is not a host. Write it like npm.example or npm.example:8080.'],
    [{ NUXT_REDIS_URL: 'http://me:s3cr3t@redis.example' }, 'NUXT_REDIS_URL: not a Redis URL. Write it like redis://localhost:6379 or rediss://user:password@host:6379/0.'],
    [{ NUXT_DATA_DIR: 'package.json' }, expect.stringMatching(/^NUXT_DATA_DIR: ".*\/project\/package\.json" is not a directory\. Name a directory; it is made if it is missing\.$/)],
  ])('%j is one clear line', async (env, problem) => {
    const problems = await operator({}, env).problems()
    expect(problems).toEqual([problem])
    expect(problems[0]).not.toContain('s3cr3t')
  })
})

function privateKey(namedCurve: string): string {
  return String(generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type: 'pkcs8', format: 'pem' })).trim()
}
