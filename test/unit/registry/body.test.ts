import { Readable } from 'node:stream'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { RegistryConfig } from '../../../server/config/types.ts'
import { readBody, type UpstreamResponse } from '../../../server/registry/index.ts'

const REGISTRY: RegistryConfig = {
  id: 'npm', url: 'https://npm.example/', namespace: 'npm.example', role: 'authority', origin: 'test', tls: { rejectUnauthorized: true },
}
const TEXT = Buffer.from(JSON.stringify({ name: 'x', readme: 'lorem ipsum '.repeat(100) }))

function response(body: Iterable<Buffer> | AsyncIterable<Buffer>, encoding?: string | string[]) {
  const stream = Readable.from(body, { objectMode: false })
  return { status: 200, headers: { 'content-encoding': encoding }, body: stream as UpstreamResponse['body'], latency: 1, stream }
}
const read = (body: Buffer, encoding?: string | string[], max = 10_000) => readBody(response([body], encoding), REGISTRY, max)

describe('a body', () => {
  it.each<[encoding: string | undefined, body: Buffer]>([
    [undefined, TEXT], ['identity', TEXT], ['gzip', gzipSync(TEXT)], ['x-gzip', gzipSync(TEXT)], ['GZIP', gzipSync(TEXT)],
    ['deflate', deflateSync(TEXT)], ['br', brotliCompressSync(TEXT)], ['gzip', Buffer.concat([gzipSync(TEXT.subarray(0, 9)), gzipSync(TEXT.subarray(9))])],
  ])('encoded as %s is read', async (encoding, body) => {
    expect(await read(body, encoding)).toEqual(TEXT)
  })

  it('that is empty needs no decoding', async () => {
    expect(await read(Buffer.alloc(0), 'gzip')).toEqual(Buffer.alloc(0))
  })

  it.each<[what: string, encoding: string | string[], body: Buffer, message: RegExp]>([
    ['cut short', 'gzip', gzipSync(TEXT).subarray(0, -12), /compression is broken or cut short/],
    ['with a flipped bit', 'br', Buffer.from(brotliCompressSync(TEXT).map((byte, n) => n === 9 ? byte ^ 64 : byte)), /compression is broken/],
    ['that is not compressed', 'gzip', TEXT, /compression is broken/],
    ['in an encoding nobody asked for', 'zstd', TEXT, /content-encoding nobody asked for \(zstd\)/],
    ['in two encodings', 'gzip, br', TEXT, /content-encoding nobody asked for \(gzip, br\)/],
    ['in an inherited encoding', 'constructor', TEXT, /content-encoding nobody asked for/],
    ['with an endless encoding', 'x'.repeat(10_000), TEXT, /nobody asked for \(x{40}\)/],
  ])('%s is invalid', async (_, encoding, body, message) => {
    await expect(read(body, encoding)).rejects.toMatchObject({ code: 'UPSTREAM_INVALID', message: expect.stringMatching(message) as string })
  })

  it('that is larger than allowed is cut off', async () => {
    let sent = 0
    async function* endless() {
      for (;;) {
        sent++
        yield Buffer.alloc(1000)
      }
    }
    const { stream, ...one } = response(endless())
    await expect(readBody(one, REGISTRY, 10_000)).rejects.toMatchObject({ code: 'UPSTREAM_TOO_LARGE', status: 502 })
    expect(stream.destroyed).toBe(true)
    expect(sent).toBeLessThan(200)
  })

  it.each<[encoding: string, compress: (bytes: Buffer) => Buffer]>([['gzip', gzipSync], ['br', brotliCompressSync], ['deflate', deflateSync]])(
    'that is a %s bomb is not unpacked', async (encoding, compress) => {
      await expect(read(compress(Buffer.alloc(5_000_000)), encoding)).rejects.toMatchObject({ code: 'UPSTREAM_TOO_LARGE' })
    })

  it('of exactly the allowed size is read', async () => {
    expect(await read(gzipSync(TEXT), 'gzip', TEXT.length)).toEqual(TEXT)
    expect(await read(TEXT, undefined, TEXT.length)).toEqual(TEXT)
    await expect(read(TEXT, undefined, TEXT.length - 1)).rejects.toMatchObject({ code: 'UPSTREAM_TOO_LARGE' })
    await expect(read(gzipSync(TEXT), 'gzip', TEXT.length - 1)).rejects.toMatchObject({ code: 'UPSTREAM_TOO_LARGE' })
  })

  it('that breaks off is a failure to reach the registry', async () => {
    async function* broken() {
      yield TEXT
      throw Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })
    }
    await expect(readBody(response(broken()), REGISTRY, 10_000)).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE', message: 'Registry "npm" (npm.example) cannot be reached (UND_ERR_SOCKET); try again in a moment.',
    })
  })
})
