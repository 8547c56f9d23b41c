import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { ask, statusOf, until } from './ask.ts'

const TOKEN = 'a-token-nobody-may-see'
const LARGE = 1024 * 1024

let upstream: FixtureRegistry
let mirror: FixtureRegistry
const cleanups: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  upstream = await createFixtureRegistry()
  mirror = await createFixtureRegistry()
  cleanups.push(() => upstream.close(), () => mirror.close())
})

afterAll(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup()
})

async function serve(config: object): Promise<TestServer> {
  const server = await startServer({
    config: { registries: [{ id: 'npm', url: upstream.url, role: 'authority' }], cache: { fresh: '1h' }, ...config },
  })
  cleanups.push(() => server.kill())
  return server
}

const pathOf = (name: string, version = '1.0.0') => `${name}/-/${name}-${version}.tgz`
const asked = (name: string, version = '1.0.0') => upstream.count('GET', `/${pathOf(name, version)}`)
const sha512 = (bytes: Buffer) => createHash('sha512').update(bytes).digest('base64')

/** Publishes a version whose tarball is random bytes of this size. */
async function publishBytes(name: string, size: number): Promise<Buffer> {
  const bytes = randomBytes(size)
  await upstream.publish({ name, version: '1.0.0' })
  upstream.setTarball(name, '1.0.0', bytes)
  upstream.editManifest(name, '1.0.0', ({ dist }) => {
    dist.integrity = `sha512-${sha512(bytes)}`
    dist.shasum = createHash('sha1').update(bytes).digest('hex')
  })
  return bytes
}

/** Begins a download and reads nothing of its body yet. */
function begin(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, response => resolve(response.pause())).on('error', reject)
  })
}

async function bytesOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

describe('redirecting', () => {
  let server: TestServer
  let guarded: FixtureRegistry

  beforeAll(async () => {
    guarded = await createFixtureRegistry({ token: TOKEN })
    cleanups.push(() => guarded.close())
    server = await serve({
      registries: [
        { id: 'npm', url: upstream.url, role: 'authority' },
        { id: 'guarded', url: guarded.url, role: 'authority', token: TOKEN },
      ],
      routes: [{ match: ['@guarded/*'], registry: 'guarded' }],
    })
  })

  it.each(['GET', 'HEAD'] as const)('answers %s with the authority\'s URL and fetches nothing', async (method) => {
    await upstream.publish({ name: 'led', version: '1.0.0' })
    const answer = await ask(server.npmUrl + pathOf('led'), { method })
    expect(answer.status).toBe(302)
    expect(answer.headers.location).toBe(upstream.url + pathOf('led'))
    expect(answer.body).toHaveLength(0)
    expect(upstream.count(undefined, /led-1\.0\.0\.tgz/)).toBe(0)
  })

  it('sends the bytes itself where the source needs a token, which nobody gets to see', async () => {
    await guarded.publish({ name: '@guarded/package', version: '1.0.0' })
    const answer = await ask(`${server.npmUrl}@guarded/package/-/package-1.0.0.tgz`)
    expect(answer.status).toBe(200)
    expect(answer.headers.location).toBeUndefined()
    expect(answer.body.equals(guarded.tarball('@guarded/package', '1.0.0'))).toBe(true)
    expect(answer.headers['cache-control']).toMatch(/private/)
    expect(guarded.requests.every(({ headers }) => headers.authorization === `Bearer ${TOKEN}`)).toBe(true)
    expect(JSON.stringify(answer.headers)).not.toContain(TOKEN)
    expect(upstream.requests.some(({ headers }) => headers.authorization !== undefined)).toBe(false)
  })

  it.each([
    ['a stranger', 'https://stranger.example/other.tgz'],
    ['this machine', 'http://127.0.0.1:9/other.tgz'],
    ['another scheme', 'file:///etc/passwd'],
    ['credentials', 'http://user:password@stranger.example/other.tgz'],
    ['nothing', 'not a url'],
  ])('never redirects to %s that a packument names', async (_, tarball) => {
    const name = `lured-${sha512(Buffer.from(tarball)).replaceAll(/[^a-z]/g, '').slice(0, 12)}`
    await upstream.publish({ name, version: '1.0.0' })
    upstream.editManifest(name, '1.0.0', ({ dist }) => {
      dist.tarball = tarball
    })
    const answer = await ask(server.npmUrl + pathOf(name))
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.headers.location).toBeUndefined()
    expect(answer.json.error).toEqual(expect.any(String))
  })

  it.each([
    ['a version that is not in the packument', pathOf('listed', '9.9.9')],
    ['another package\'s file', 'listed/-/led-1.0.0.tgz'],
    ['a package that does not exist', pathOf('never-published')],
  ])('answers 404 for %s', async (_, path) => {
    await upstream.publish({ name: 'listed', version: '1.0.0' })
    const answer = await ask(server.npmUrl + path)
    expect(answer.status).toBe(404)
    expect(answer.json.code).toMatch(/NOT_FOUND/)
  })

  it('knows a version at once that is younger than the packument it has', async () => {
    await upstream.publish({ name: 'young', version: '1.0.0' })
    expect((await ask(server.npmUrl + pathOf('young'))).status).toBe(302)
    // The upstream is not asked twice within five seconds, however many ask for what is not there.
    await sleep(5100)
    await upstream.publish({ name: 'young', version: '1.1.0' })
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(server.npmUrl + pathOf('young', '1.1.0'))))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 302))
    expect(upstream.count('GET', '/young')).toBe(2)
    for (let n = 0; n < 20; n++) expect((await ask(server.npmUrl + pathOf('young', `7.7.${n}`))).status).toBe(404)
    expect(upstream.count('GET', '/young')).toBe(2)
  })
})

describe('sending the bytes', () => {
  let server: TestServer

  beforeAll(async () => {
    server = await serve({
      delivery: 'serve',
      limits: { retries: 0, headersTimeout: 2000, bodyTimeout: 1000, maxTarballSize: '80MiB' },
    })
  })

  const request = (name: string, headers?: Record<string, string>, method?: 'GET' | 'HEAD') =>
    ask(server.npmUrl + pathOf(name), { headers, method })

  /** Whether the store holds a file with these bytes, however it is called. */
  async function isStored(bytes: Buffer): Promise<boolean> {
    const files = await readdir(join(server.dataDir, 'tarballs'), { recursive: true, withFileTypes: true })
    for (const file of files) {
      const path = join(file.parentPath, file.name)
      // One that is on its way may be gone by now.
      if (file.isFile() && (await readFile(path).catch(() => undefined))?.equals(bytes)) return true
    }
    return false
  }

  it('downloads once for a hundred first requests', async () => {
    await upstream.publish({ name: 'rush', version: '1.0.0' })
    upstream.fault({ path: /rush-1\.0\.0\.tgz/ }, { delay: 700 })
    const answers = await Promise.all(Array.from({ length: 100 }, () => request('rush')))
    const bytes = upstream.tarball('rush', '1.0.0')
    expect(answers.every(({ status, body }) => status === 200 && body.equals(bytes))).toBe(true)
    expect(asked('rush')).toBe(1)
  })

  it('answers the second request from disk, without the upstream', async () => {
    await upstream.publish({ name: 'kept', version: '1.0.0' })
    const first = await request('kept')
    await upstream.down()
    try {
      const second = await request('kept')
      expect(second.status).toBe(200)
      expect(second.body.equals(upstream.tarball('kept', '1.0.0'))).toBe(true)
      expect(second.headers.etag).toBe(first.headers.etag)
      expect(second.headers['content-length']).toBe(String(second.body.length))
    } finally {
      await upstream.up()
    }
    expect(asked('kept')).toBe(1)
  })

  it('refuses bytes with another digest, keeps them as evidence, and does not ask their source again', async () => {
    await upstream.publish({ name: 'forged', version: '1.0.0' })
    const right = upstream.tarball('forged', '1.0.0')
    const wrong = Buffer.from(right)
    wrong[wrong.length - 1]! ^= 1
    upstream.setTarball('forged', '1.0.0', wrong)
    const answer = await request('forged')
    expect(answer.status).toBe(403)
    expect(answer.json.code).toBe('CONFLICT')
    expect(answer.json.error).toContain('forged@1.0.0')
    await until('the wrong bytes are kept', () => isStored(wrong))
    for (const method of ['GET', 'HEAD'] as const) expect((await request('forged', {}, method)).status).toBe(403)
    expect((await request('forged', { range: 'bytes=0-9' })).json.code).toBe('CONFLICT')
    expect(asked('forged')).toBe(1)
    expect(await isStored(right)).toBe(false)
  })

  it('breaks off a large download whose last bytes are wrong, and never completes it', async () => {
    const right = await publishBytes('forged-large', LARGE)
    const wrong = Buffer.from(right)
    wrong[wrong.length - 1]! ^= 1
    upstream.setTarball('forged-large', '1.0.0', wrong)
    await expect(request('forged-large')).rejects.toThrow()
    upstream.setTarball('forged-large', '1.0.0', right)
    expect((await request('forged-large')).body.equals(right)).toBe(true)
    expect(asked('forged-large')).toBe(2)
  })

  it.each([
    ['a truncated body', { truncate: 100 }],
    ['a truncated chunked body', { truncate: 100, chunked: true }],
    ['a connection dropped half-way', { drop: 'mid' }],
    ['a body that stalls', { stall: 'body' }],
    ['no answer', { stall: 'headers' }],
    ['an error status', { status: 500 }],
    ['a captive portal', { html: true }],
  ] as const)('keeps nothing of %s, and succeeds with the next request', async (title, behaviour) => {
    const name = `broken-${title.replaceAll(/\W+/g, '-').toLowerCase()}`
    await upstream.publish({ name, version: '1.0.0' })
    const heal = upstream.fault({ path: `/${pathOf(name)}` }, behaviour)
    const answer = await request(name)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.json.error).toEqual(expect.any(String))
    expect(answer.ms).toBeLessThan(6000)
    heal()
    const next = await request(name)
    expect(next.status).toBe(200)
    expect(next.body.equals(upstream.tarball(name, '1.0.0'))).toBe(true)
  })

  it('says 404 when the upstream lists a version and has no bytes for it', async () => {
    await upstream.publish({ name: 'hollow', version: '1.0.0' })
    upstream.fault({ path: `/${pathOf('hollow')}` }, { status: 404 })
    const answer = await request('hollow')
    expect(answer.status).toBe(404)
    expect(answer.json.error).toContain('does not have its tarball')
  })

  it('refuses a tarball over the size limit', async () => {
    await publishBytes('huge', 81 * 1024 * 1024)
    const answer = await request('huge')
    expect(answer.status).toBe(502)
    expect(answer.json.code).toBe('UPSTREAM_TOO_LARGE')
  })

  it('answers ranges, also of what it does not have yet', async () => {
    const bytes = await publishBytes('ranged', 10_000)
    const cases: [string, number, number][] = [
      ['bytes=0-99', 0, 99], ['bytes=9000-', 9000, 9999], ['bytes=-500', 9500, 9999], ['bytes=5000-99999', 5000, 9999],
    ]
    for (const [range, start, end] of cases) {
      const part = await request('ranged', { range })
      expect(part.status, range).toBe(206)
      expect(part.headers['content-range']).toBe(`bytes ${start}-${end}/10000`)
      expect(part.headers['content-length']).toBe(String(end - start + 1))
      expect(part.body.equals(bytes.subarray(start, end + 1))).toBe(true)
    }
    const beyond = await request('ranged', { range: 'bytes=10000-' })
    expect(beyond.status).toBe(416)
    expect(beyond.headers['content-range']).toBe('bytes */10000')
    for (const range of ['bytes=5-1', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=x']) {
      const whole = await request('ranged', { range })
      expect(whole.status, range).toBe(200)
      expect(whole.body).toHaveLength(10_000)
    }
    expect(asked('ranged')).toBe(1)
  })

  it('answers a range only while if-range still holds', async () => {
    const bytes = await publishBytes('if-ranged', 5000)
    const { headers } = await request('if-ranged')
    const held = await request('if-ranged', { 'range': 'bytes=10-19', 'if-range': headers.etag! })
    expect(held.status).toBe(206)
    expect(held.body.equals(bytes.subarray(10, 20))).toBe(true)
    for (const validator of ['"another"', `W/${headers.etag}`, 'Sat, 01 Jan 2000 00:00:00 GMT']) {
      const whole = await request('if-ranged', { 'range': 'bytes=10-19', 'if-range': validator })
      expect(whole.status).toBe(200)
      expect(whole.body).toHaveLength(5000)
    }
  })

  it('answers HEAD with the headers of GET, cold and warm, and 304 to its ETag', async () => {
    const bytes = await publishBytes('headed', 5000)
    for (const _ of ['cold', 'warm']) {
      const head = await request('headed', {}, 'HEAD')
      expect(head.status).toBe(200)
      expect(head.headers['content-length']).toBe('5000')
      expect(head.body).toHaveLength(0)
    }
    const whole = await request('headed')
    expect(whole.body.equals(bytes)).toBe(true)
    const unchanged = await request('headed', { 'if-none-match': whole.headers.etag! })
    expect(unchanged.status).toBe(304)
    expect(asked('headed')).toBe(1)
  })

  it('finishes a download whose client went away, for the next one', async () => {
    const bytes = await publishBytes('abandoned', 4 * LARGE)
    const leaving = await begin(server.npmUrl + pathOf('abandoned'))
    leaving.destroy()
    const staying = await request('abandoned')
    expect(staying.body.equals(bytes)).toBe(true)
    expect(asked('abandoned')).toBe(1)
  })

  it('shares one download between a slow client and a fast one', async () => {
    const bytes = await publishBytes('shared', 16 * LARGE)
    const slow = await begin(server.npmUrl + pathOf('shared'))
    const fast = await request('shared')
    expect(fast.body.equals(bytes)).toBe(true)
    expect((await bytesOf(slow)).equals(bytes)).toBe(true)
    expect(asked('shared')).toBe(1)
  })

  describe('from a damaged store', () => {
    async function damage(bytes: Buffer): Promise<void> {
      const hex = createHash('sha512').update(bytes).digest('hex')
      const store = join(server.dataDir, 'tarballs')
      const files = await readdir(store, { recursive: true, withFileTypes: true })
      const file = files.find(({ name }) => name === hex.slice(4))
      if (!file) throw new Error('The tarball is not in the store')
      const stored = await readFile(join(file.parentPath, file.name))
      expect(stored.equals(bytes)).toBe(true)
      stored[stored.length >> 1]! ^= 255
      await writeFile(join(file.parentPath, file.name), stored)
    }

    it('fetches a small tarball again, unnoticed', async () => {
      const bytes = await publishBytes('rotten', 3000)
      await request('rotten')
      await until('it is stored', () => isStored(bytes))
      await damage(bytes)
      const answer = await request('rotten')
      expect(answer.status).toBe(200)
      expect(answer.body.equals(bytes)).toBe(true)
      expect(asked('rotten')).toBe(2)
    })

    it('breaks off a large one, and then fetches it again', async () => {
      const bytes = await publishBytes('rotten-large', LARGE)
      await request('rotten-large')
      await until('it is stored', () => isStored(bytes))
      await damage(bytes)
      await expect(request('rotten-large')).rejects.toThrow()
      expect((await request('rotten-large')).body.equals(bytes)).toBe(true)
      expect(asked('rotten-large')).toBe(2)
    })
  })
})

describe('with a mirror', () => {
  let server: TestServer

  beforeAll(async () => {
    server = await serve({
      delivery: 'serve',
      limits: { retries: 0, headersTimeout: 1000 },
      registries: [
        { id: 'npm', url: upstream.url, role: 'authority' },
        { id: 'near', url: mirror.url, role: 'mirror', of: 'npm' },
      ],
    })
  })

  async function publishTwice(name: string): Promise<Buffer> {
    await upstream.publish({ name, version: '1.0.0' })
    await mirror.publish({ name, version: '1.0.0' })
    return upstream.tarball(name, '1.0.0')
  }

  it('asks the authority first', async () => {
    await publishTwice('ordered')
    expect((await ask(server.npmUrl + pathOf('ordered'))).status).toBe(200)
    expect(mirror.count('GET', `/${pathOf('ordered')}`)).toBe(0)
  })

  it.each([
    ['sends other bytes', { raw: 'other bytes' }],
    ['sends too few bytes', { truncate: 50 }],
    ['has no bytes', { status: 404 }],
    ['fails', { status: 500 }],
    ['says nothing', { stall: 'headers' }],
    ['hangs up', { drop: 'before' }],
  ] as const)('takes the mirror\'s bytes when the authority %s', async (title, behaviour) => {
    const name = `mirrored-${title.replaceAll(' ', '-')}`
    const bytes = await publishTwice(name)
    upstream.fault({ path: `/${pathOf(name)}` }, behaviour)
    const answer = await ask(server.npmUrl + pathOf(name))
    expect(answer.status).toBe(200)
    expect(answer.body.equals(bytes)).toBe(true)
    expect(mirror.count('GET', `/${pathOf(name)}`)).toBe(1)
  })

  it('refuses when both are wrong', async () => {
    const right = await publishTwice('all-wrong')
    for (const [n, registry] of [upstream, mirror].entries()) {
      const wrong = Buffer.from(right)
      wrong[wrong.length - 1 - n]! ^= 1
      registry.setTarball('all-wrong', '1.0.0', wrong)
    }
    const answer = await ask(server.npmUrl + pathOf('all-wrong'))
    expect(answer.status).toBe(403)
    expect(answer.json.code).toBe('CONFLICT')
    expect(answer.json.error).not.toContain('undefined')
  })

  it('asks to try again when one is wrong and the other one is down', async () => {
    const wrong = Buffer.from(await publishTwice('half-wrong'))
    wrong[wrong.length - 1]! ^= 1
    upstream.setTarball('half-wrong', '1.0.0', wrong)
    mirror.fault({ path: `/${pathOf('half-wrong')}` }, { status: 503 })
    const answer = await ask(server.npmUrl + pathOf('half-wrong'))
    expect(answer.status).toBe(503)
    expect(answer.json.code).toBe('UPSTREAM_UNAVAILABLE')
  })

  it('serves no version that only the mirror has', async () => {
    await publishTwice('ahead')
    await mirror.publish({ name: 'ahead', version: '2.0.0' })
    expect((await ask(server.npmUrl + pathOf('ahead', '2.0.0'))).status).toBe(404)
  })
})

describe('the store on disk', () => {
  it('stays within its bound, and serves what it could not keep', async () => {
    const server = await serve({ delivery: 'serve', cache: { fresh: '1h', disk: '1MiB' } })
    for (let n = 0; n < 6; n++) {
      const bytes = await publishBytes(`bulk-${n}`, 400_000)
      expect((await ask(server.npmUrl + pathOf(`bulk-${n}`))).body.equals(bytes)).toBe(true)
    }
    await until('the store has made room', async () => (await statusOf(server)).cache.tarballBytes <= 2 ** 20)
    expect((await statusOf(server)).cache.tarballs).toBeGreaterThan(0)
    const oversized = await publishBytes('oversized', 2 * LARGE)
    for (const _ of [1, 2]) expect((await ask(server.npmUrl + pathOf('oversized'))).body.equals(oversized)).toBe(true)
    expect((await statusOf(server)).cache.tarballBytes).toBeLessThanOrEqual(2 ** 20)
  })
})

describe('memory', () => {
  it('holds no download in memory for clients that do not read', async () => {
    const server = await serve({ delivery: 'serve' })
    const size = 100 * LARGE
    // Of its own for each try.
    const name = `massive-${randomBytes(4).toString('hex')}`
    const bytes = await publishBytes(name, size)
    const resident = async () => Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${server.pid}/status`, 'utf8'))?.[1]) * 1024
    // What the first answers need anyway is no part of this.
    await publishBytes('small', 1000)
    await ask(server.npmUrl + pathOf('small'))
    const before = await resident()
    const readers = await Promise.all(Array.from({ length: 6 }, () => begin(server.npmUrl + pathOf(name))))
    let peak = 0
    await until('it is downloaded and stored', async () => {
      peak = Math.max(peak, await resident())
      return (await statusOf(server)).cache.tarballBytes >= size
    }, 30_000)
    const [first, ...others] = readers
    const digest = createHash('sha512')
    let chunks = 0
    for await (const chunk of first!) {
      digest.update(chunk as Buffer)
      if (++chunks % 8 === 0) await sleep(1)
    }
    peak = Math.max(peak, await resident())
    expect(digest.digest('base64')).toBe(sha512(bytes))
    for (const other of others) other.destroy()
    expect(asked(name)).toBe(1)
    // Six clients would be six copies. What is left are chunks that wait for the garbage collector, which has no hurry.
    expect(peak - before).toBeLessThan(2 * size)
  })
})
