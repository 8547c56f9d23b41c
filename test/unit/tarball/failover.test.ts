import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { describe, expect, test, vi } from 'vitest'
import type { RegistryError } from '../../../server/errors.ts'
import { IntegrityError } from '../../../server/tarball/index.ts'
import { bytes, chunked, createRoom, createUpstream, drink, eventually, httpSource, MiB, sourceOf, sri } from './fixture.ts'

vi.setConfig({ testTimeout: 30_000 })

const WHAT = 'x@1.0.0'
const LARGE = 3 * MiB

/** The data with one byte changed. */
function changed(data: Buffer, at: number): Buffer {
  const other = Buffer.from(data)
  other[at]! ^= 1
  return other
}

/** A source whose end comes only when somebody has read of it. */
function afterReading(data: Buffer, end: () => void = () => {}, size?: number) {
  const read = Promise.withResolvers<undefined>()
  const source = sourceOf(chunked(data), { size, name: 'first', then: () => read.promise.then(end) })
  return { source, async readBy(reader: Readable) {
    const [chunk] = await once(reader, 'data') as [Buffer]
    reader.unshift(chunk)
    read.resolve(undefined)
  } }
}

describe('a source that fails after its bytes were read, before one that begins with the same', () => {
  const breakOff = () => {
    throw new Error('socket hang up')
  }
  const data = bytes(LARGE)
  test.each([
    ['breaks off', data.subarray(0, 2 * MiB), breakOff, LARGE],
    ['ends early, as if that was all', data.subarray(0, 2 * MiB), undefined, undefined],
    ['ends earlier than it said', data.subarray(0, 2 * MiB), undefined, LARGE],
    ['lies in its last byte', changed(data, LARGE - 1), undefined, LARGE],
    ['sends too much', Buffer.concat([data, bytes(2)]), undefined, undefined],
  ])('%s: nobody notices', async (_, sent, end, size) => {
    const { store, downloads } = await createRoom()
    const { source, readBy } = afterReading(sent, end, size)
    const next = sourceOf(chunked(data, 50_000), { size })
    const download = downloads.fetch(sri(data), [source, next], WHAT)
    const [reader, slow] = [download.reader(), download.reader()]
    expect(await download.head()).toEqual({ size })
    await readBy(reader)
    expect((await buffer(reader)).equals(data)).toBe(true)
    expect((await drink(slow, { pause: 5 })).data.equals(data)).toBe(true)
    expect(await download.done).toEqual({ size: LARGE, integrity: sri(data) })
    expect((await buffer((await store.open(sri(data)))!)).equals(data)).toBe(true)
    expect(next.opened).toBe(1)
  })

  test('says nothing any more: nobody notices', async () => {
    const { downloads } = await createRoom({ bodyTimeout: 200 })
    const stalling = await createUpstream((response) => {
      response.setHeader('content-length', LARGE)
      response.write(data.subarray(0, MiB))
    })
    const next = await createUpstream(response => response.setHeader('content-length', LARGE).end(data))
    const download = downloads.fetch(sri(data), [httpSource(stalling.url), httpSource(next.url)], WHAT)
    expect((await buffer(download.reader())).equals(data)).toBe(true)
    await eventually(() => stalling.closed === 1)
  })

  test('one after the other: each goes on where the last one ended', async () => {
    const { downloads } = await createRoom()
    const ends = [1, 2, 2.5].map(part => afterReading(data.subarray(0, part * MiB), breakOff))
    const last = sourceOf(chunked(data))
    const download = downloads.fetch(sri(data), [...ends.map(({ source }) => source), last], WHAT)
    const reader = download.reader()
    const reading = drink(reader)
    const poll = download.reader()
    for (const { readBy } of ends) await readBy(poll)
    poll.destroy()
    const { data: got, error } = await reading
    expect(error).toBeUndefined()
    expect(got.equals(data)).toBe(true)
    expect(last.opened).toBe(1)
  })
})

describe('a source that fails after its bytes were read, before one that begins with others', () => {
  test.each([
    ['differs at once', 3],
    ['differs where it was read', 100_000],
  ])('%s: whoever read gets no byte of the other, whoever comes then gets all', async (_, at) => {
    const { store, downloads } = await createRoom()
    const data = bytes(LARGE)
    const { source, readBy } = afterReading(changed(data, at))
    const begun = Promise.withResolvers<undefined>()
    const go = Promise.withResolvers<undefined>()
    const next = sourceOf((function* () {
      yield* chunked(data.subarray(0, MiB))
      begun.resolve(undefined)
    })(), { name: 'second' })
    const rest = async function* () {
      yield* (await next.open(new AbortController().signal)).body
      await go.promise
      yield* chunked(data.subarray(MiB))
    }
    const download = downloads.fetch(sri(data), [source, { name: 'second', open: async () => ({ body: rest() }) }], WHAT)
    const reader = download.reader()
    await readBy(reader)
    const { data: got, error } = await drink(reader)
    expect(error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', message: expect.stringContaining('second sent other bytes') })
    expect(got.equals(changed(data, at).subarray(0, got.length))).toBe(true)
    expect(got.length).toBeLessThan(LARGE)
    expect((await drink(download.reader())).error).toBe(error)

    await begun.promise
    const anew = downloads.fetch(sri(data), [sourceOf(chunked(data))], WHAT)
    expect(anew).not.toBe(download)
    expect((await buffer(anew.reader())).equals(data)).toBe(true)
    go.resolve(undefined)
    expect(await download.done).toEqual({ size: LARGE, integrity: sri(data) })
    expect((await buffer((await store.open(sri(data)))!)).equals(data)).toBe(true)
  })

  test('ends before what was read: that is another content, too', async () => {
    const { store, downloads } = await createRoom()
    const data = bytes(300_000)
    const { source, readBy } = afterReading(Buffer.concat([data, bytes(LARGE)]))
    const download = downloads.fetch(sri(data), [source, sourceOf(chunked(data))], WHAT)
    const reader = download.reader()
    let got = 0
    reader.on('data', (chunk: Buffer) => got += chunk.length)
    await eventually(() => got > data.length)
    await readBy(download.reader())
    await eventually(() => reader.destroyed)
    expect(reader.errored).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    expect(await download.done).toEqual({ size: 300_000, integrity: sri(data) })
    expect((await buffer((await store.open(sri(data)))!)).equals(data)).toBe(true)
  })

  test('and lies: nobody is given anything, and nothing is kept', async () => {
    const { store, downloads, spooled } = await createRoom()
    const data = bytes(LARGE)
    const failures: RegistryError[] = []
    const { source, readBy } = afterReading(changed(data, 3))
    const lying = sourceOf(chunked(changed(data, 4)), { name: 'second', failed: error => failures.push(error) })
    const download = downloads.fetch(sri(data), [source, lying], WHAT)
    const reader = download.reader()
    await readBy(reader)
    expect((await drink(reader)).error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    await expect(download.done).rejects.toMatchObject({ code: 'INTEGRITY' })
    expect(failures).toEqual([expect.objectContaining({ got: sri(changed(data, 4)), size: LARGE })])
    await downloads.drain(1000)
    expect(store.stats()).toEqual({ count: 0, bytes: 0 })
    expect(await spooled()).toEqual([])
  })
})

describe('what is told of a source that was given up', () => {
  async function failuresOf(body: Uint8Array[], wanted: Buffer) {
    const { downloads } = await createRoom()
    const failures: { error: RegistryError, sent?: Buffer }[] = []
    const source = sourceOf(body, { failed: (error, sent) => failures.push({ error, sent }) })
    await downloads.fetch(sri(wanted), [source, sourceOf(chunked(wanted))], WHAT).done
    return failures
  }

  test.each([100, 256 * 1024, 256 * 1024 + 1, 8 * MiB])('a lie of %i bytes, with the bytes', async (size) => {
    const lie = bytes(size)
    const [failure, ...more] = await failuresOf([...chunked(lie)], bytes(1000))
    expect(more).toEqual([])
    expect(failure!.error).toBeInstanceOf(IntegrityError)
    expect(failure!.error).toMatchObject({ code: 'INTEGRITY', got: sri(lie), size })
    expect(failure!.sent?.equals(lie)).toBe(true)
  })

  test('a lie that is too large to be kept', async () => {
    const [failure] = await failuresOf([...chunked(bytes(8 * MiB + 1))], bytes(1000))
    expect(failure).toMatchObject({ error: { code: 'INTEGRITY', size: 8 * MiB + 1 }, sent: undefined })
  })

  test.each([
    ['a page', [Buffer.from('<!doctype html><title>Sign in</title>')]],
    ['nothing', []],
    ['a single byte', [Buffer.from([0x1f])]],
  ])('%s is no lie', async (_, body) => {
    const [failure] = await failuresOf(body, bytes(1000))
    expect(failure).toMatchObject({ error: { code: 'UPSTREAM_INVALID' }, sent: undefined })
    expect(failure!.error).not.toBeInstanceOf(IntegrityError)
  })

  test('a lie is one however its bytes arrive', async () => {
    const lie = bytes(100)
    const [failure] = await failuresOf([lie.subarray(0, 1), lie.subarray(1, 2), lie.subarray(2)], bytes(1000))
    expect(failure).toMatchObject({ error: { got: sri(lie) } })
  })
})
