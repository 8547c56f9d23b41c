import { createHash } from 'node:crypto'
import { brotliDecompressSync, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import type { Documents } from '../../../server/packument/document.ts'
import { createDocuments } from '../../../server/packument/documents.ts'
import type { Encoding } from '../../../server/packument/encoding.ts'
import type { WorkerSource } from '../../../server/packument/large-documents.ts'
import { RegistryError } from '../../../server/errors.ts'

const WORKER = new URL('../../../server/packument/worker.ts', import.meta.url)
const MEBIBYTE = 1024 * 1024
const TARBALLS = { base: 'http://proxy.example/npm/' }
const INTEGRITY = `sha512-${Buffer.alloc(64).toString('base64')}`
const DECODERS: Record<Encoding, (bytes: Buffer) => Buffer> = {
  identity: bytes => bytes, gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync,
}

const open: Documents[] = []
function documents(worker: WorkerSource = WORKER): Documents {
  const created = createDocuments(worker, 100 * MEBIBYTE)
  open.push(created)
  return created
}
afterEach(() => Promise.all(open.splice(0).map(one => one.close())))

/** A packument of `x` with at least so many bytes; a `__proto__` tag and a version to leave out are in it. */
function packument(size: number, name = 'x'): Buffer {
  const versions = Object.fromEntries(['1.0.0', '1.1.0'].map(version => [version, {
    name, version, scripts: { install: 'x' }, dist: { tarball: `https://npm.example/${name}.tgz`, integrity: INTEGRITY },
  }]))
  const text = JSON.stringify({ name, versions: { ...versions, '2.0.0': { name: 'y' } }, readme: 'lorem ipsum '.repeat(size / 12) })
  return Buffer.from(text.replace('"versions"', '"dist-tags":{"latest":"1.1.0","__proto__":"1.0.0"},"versions"'))
}

/** Looks like what refuses, whatever thread it came from. */
async function failure(work: Promise<unknown>): Promise<RegistryError> {
  const error = await work.then(() => undefined, (thrown: unknown) => thrown)
  if (!(error instanceof RegistryError)) throw new Error('It did not fail, or in another way', { cause: error })
  return error
}

describe.each([['small, on the spot', 100], ['large, in the worker', 1.5 * MEBIBYTE]])('a document that is %s', (_, size) => {
  it('tells what is in it', async () => {
    const document = await documents().open(packument(size), 'x')
    expect(document.dropped).toEqual(['2.0.0'])
    expect(document.summary.name).toBe('x')
    const manifest = expect.stringMatching(/^sha256-.{43}=$/)
    const about = { integrity: INTEGRITY, isPlain: true, tarball: 'https://npm.example/x.tgz', manifest, published: undefined, deprecated: false, signatures: [] }
    expect([...document.summary.versions]).toEqual([['1.0.0', about], ['1.1.0', about]])
    expect(Object.entries(document.summary.tags).toSorted()).toEqual([['__proto__', '1.0.0'], ['latest', '1.1.0']])
    document.close()
  })

  it.each<Encoding>(['identity', 'gzip', 'br', 'zstd'])('is rendered as %s, with the digest of what it decodes to', async (encoding) => {
    const document = await documents().open(packument(size), 'x')
    for (const form of ['full', 'corgi'] as const) {
      const { body, digest } = await document.render({ form, tarballs: TARBALLS }, encoding)
      const text = DECODERS[encoding](body)
      expect(createHash('sha256').update(text).digest('base64url')).toBe(digest)
      const { versions, readme } = JSON.parse(text.toString()) as { versions: Record<string, object>, readme?: string }
      expect(Object.keys(versions)).toEqual(['1.0.0', '1.1.0'])
      expect(readme === undefined).toBe(form === 'corgi')
    }
    const manifest = await document.render({ form: 'manifest', version: '1.0.0', tarballs: TARBALLS }, encoding)
    expect(JSON.parse(DECODERS[encoding](manifest.body).toString())).toMatchObject({ version: '1.0.0', scripts: { install: 'x' } })
    document.close()
  })

  it('is rendered without what is left out', async () => {
    const document = await documents().open(packument(size), 'x')
    const omissions = { versions: new Set(['1.1.0']), tags: { latest: '1.0.0' } }
    const { body } = await document.render({ form: 'full', tarballs: TARBALLS }, 'identity', omissions)
    const { versions, 'dist-tags': tags } = JSON.parse(body.toString()) as { 'versions': object, 'dist-tags': object }
    expect(Object.keys(versions)).toEqual(['1.0.0'])
    expect(tags).toEqual({ latest: '1.0.0' })
    document.close()
  })

  it('is the same wherever it is rendered', async () => {
    const bytes = packument(size)
    const before = createHash('sha256').update(bytes).digest('hex')
    const [one, other] = await Promise.all([documents().open(bytes, 'x'), documents().open(bytes, 'x')])
    const digests = await Promise.all([one, other].map(async one => (await one.render({ form: 'full', tarballs: TARBALLS }, 'br')).digest))
    expect(new Set(digests).size).toBe(1)
    // The caller's bytes are on their way to the disk: nobody may have taken them.
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(before)
    one.close()
    other.close()
  })

  it('is refused for what it is, with the same code', async () => {
    const all = documents()
    expect((await failure(all.open(packument(size), 'y'))).code).toBe('UPSTREAM_INVALID')
    expect((await failure(all.open(packument(size).subarray(0, -1), 'x'))).message).toMatch(/cut short/)
    const unpublished = Buffer.from(JSON.stringify({ name: 'x', time: { unpublished: {} }, readme: 'x'.repeat(size) }))
    expect((await failure(all.open(unpublished, 'x'))).code).toBe('NOT_FOUND')
    const fine = await all.open(packument(size), 'x')
    expect(fine.summary.versions.size).toBe(2)
    fine.close()
  })
})

/** Much packed into little: 16 MiB of spaces, or of parts that take twenty times their size once parsed. */
const BOMBS: [what: string, filling: string][] = [['text', `"${' '.repeat(16 * MEBIBYTE)}"`], ['parts', `[${'{},'.repeat(20 * MEBIBYTE)}0]`]]

describe('a compression bomb', () => {
  it.each(BOMBS)('of %s does not stop this thread, nor the process', async (_, filling) => {
    const bomb = gzipSync(`{"name":"x","versions":{},"readme":${filling}}`)
    expect(bomb.length).toBeLessThan(100_000)
    const all = documents()
    ;(await all.open(packument(MEBIBYTE), 'x')).close()
    let longest = 0
    let last = performance.now()
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }, 1)
    const started = performance.now()
    const outcome = await all.open(bomb, 'x').then((document) => {
      document.close()
      return 'opened'
    }, (error: RegistryError) => error.code)
    clearInterval(timer)
    expect(outcome).toBe(filling.startsWith('[') ? 'UPSTREAM_TOO_LARGE' : 'opened')
    expect(longest).toBeLessThan(Math.max(100, (performance.now() - started) / 2))
    const after = await all.open(packument(MEBIBYTE), 'x')
    expect(after.summary.versions.size).toBe(2)
    after.close()
  })

  it('beyond the limit is refused', async () => {
    const all = documents()
    expect((await failure(all.open(gzipSync(Buffer.alloc(101 * MEBIBYTE, ' ')), 'x'))).code).toBe('UPSTREAM_TOO_LARGE')
  })
})

describe('the worker', () => {
  it('keeps several documents apart, one at a time', async () => {
    const all = documents()
    const names = ['a', 'b', 'c', '@s/d', 'e']
    let open = 0
    let most = 0
    const rendered = await Promise.all(names.map(async (name) => {
      const document = await all.open(packument(MEBIBYTE, name), name)
      most = Math.max(most, ++open)
      const { body } = await document.render({ form: 'corgi', tarballs: TARBALLS }, 'identity')
      open--
      document.close()
      // Once is enough, twice is harmless: the place is given back once.
      document.close()
      return (JSON.parse(body.toString()) as { name: string }).name
    }))
    expect(rendered).toEqual(names)
    expect(most).toBe(1)
  })

  it('gets gzipped documents as they came', async () => {
    const bytes = packument(2 * MEBIBYTE)
    const all = documents()
    for (const packed of [gzipSync(bytes), zstdCompressSync(bytes)]) {
      const document = await all.open(packed, 'x')
      expect([document.id, document.size]).toEqual([createHash('sha256').update(bytes).digest('base64url'), bytes.length])
      document.close()
    }
    expect((await failure(all.open(gzipSync(bytes).subarray(0, -9), 'x'))).code).toBe('UPSTREAM_INVALID')
    expect((await failure(all.open(gzipSync(Buffer.alloc(101 * MEBIBYTE)), 'x'))).code).toBe('UPSTREAM_TOO_LARGE')
  })

  it('leaves this thread free while it works', async () => {
    const bytes = packument(24 * MEBIBYTE)
    const all = documents()
    ;(await all.open(packument(MEBIBYTE), 'x')).close()
    let longest = 0
    let last = performance.now()
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }, 1)
    const started = performance.now()
    const document = await all.open(bytes, 'x')
    await document.render({ form: 'full', tarballs: TARBALLS }, 'gzip')
    const took = performance.now() - started
    clearInterval(timer)
    document.close()
    expect(longest).toBeLessThan(took / 2)
  })

  it('does not render what was closed', async () => {
    const document = await documents().open(packument(MEBIBYTE), 'x')
    document.close()
    expect((await failure(document.render({ form: 'full', tarballs: TARBALLS }, 'identity'))).code).toBe('INTERNAL')
  })

  it('that fails at something fails only at that', async () => {
    const all = documents()
    const document = await all.open(packument(MEBIBYTE), 'x')
    const error = await failure(document.render({ form: 'manifest', version: '9.9.9', tarballs: TARBALLS }, 'identity'))
    expect(error.code).toBe('INTERNAL')
    expect((await document.render({ form: 'full', tarballs: TARBALLS }, 'identity')).body.length).toBeGreaterThan(MEBIBYTE)
    document.close()
  })

  it.each<[how: string, end: string]>([
    ['throws', 'setImmediate(() => { throw new Error("crashed") })'],
    ['ends', 'process.exit(3)'],
  ])('that %s fails everybody who waits, and is replaced', async (_, end) => {
    const all = documents({ code: `
      const { parentPort } = require('node:worker_threads')
      const open = new Set()
      parentPort.on('message', ({ type, id, name, document }) => {
        if (type === 'open') open.add(id) && parentPort.postMessage({ type: 'opened', id, document: { summary: { name } } })
        else if (type === 'render' && open.has(document)) { ${end} }
        else if (type === 'render') parentPort.postMessage({ type: 'error', id, code: 'INTERNAL', message: 'unknown document' })
      })` })
    const bytes = packument(MEBIBYTE)
    const held = await all.open(bytes, 'held')
    const render = () => failure(held.render({ form: 'full', tarballs: TARBALLS }, 'identity'))
    const errors = await Promise.all([render(), render()])
    expect(errors.map(({ code }) => code)).toEqual(['INTERNAL', 'INTERNAL'])
    // What the old worker held is gone with it; asking the new one is an error, not a wait without end.
    expect((await render()).message).toMatch(/unknown document/)
    held.close()
    const after = await all.open(bytes, 'fine')
    expect(after.summary.name).toBe('fine')
    after.close()
  })

  it('that cannot start is an error each time', async () => {
    const all = documents({ code: 'this is no program' })
    expect((await failure(all.open(packument(MEBIBYTE), 'x'))).code).toBe('INTERNAL')
    expect((await failure(all.open(packument(MEBIBYTE), 'x'))).code).toBe('INTERNAL')
    // Small documents do without it.
    const small = await all.open(packument(10), 'x')
    small.close()
  })

  it('closed while somebody waits does not keep them waiting', async () => {
    const all = documents({ code: 'require("node:worker_threads").parentPort.on("message", () => {})' })
    const waiting = failure(all.open(packument(MEBIBYTE), 'x'))
    await all.close()
    expect((await waiting).code).toBe('INTERNAL')
  })
})
