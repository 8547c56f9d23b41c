import { once } from 'node:events'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { RegistryError } from '../../../server/errors.ts'
import { bytes, chunked, createRoom, createUpstream, drink, eventually, httpSource, MiB, sourceOf, sri } from './fixture.ts'

vi.setConfig({ testTimeout: 30_000 })

const WHAT = 'x@1.0.0'
/** Larger than what is held back until it is verified. */
const LARGE = 3 * MiB

describe('one download for many readers', () => {
  test.each([0, 1, 20_000, 256 * 1024, 256 * 1024 + 1, LARGE])('of %i bytes', async (size) => {
    const { store, downloads, spooled } = await createRoom()
    const data = bytes(size)
    const upstream = await createUpstream(response => response.setHeader('content-length', size).end(data))
    const download = downloads.fetch(sri(data), [httpSource(upstream.url)], WHAT)
    expect(await download.head()).toEqual({ size })
    expect((await buffer(download.reader())).equals(data)).toBe(true)
    expect(await download.done).toEqual({ size, integrity: sri(data) })
    expect((await buffer((await store.open(sri(data)))!)).equals(data)).toBe(true)
    await downloads.drain(1000)
    expect(await spooled()).toEqual([])
    expect(upstream.requests).toBe(1)
  })

  test('readers at different speeds get the same bytes, and the slow one slows nobody', async () => {
    const { downloads } = await createRoom()
    const data = bytes(LARGE)
    const upstream = await createUpstream(response => response.end(data))
    const download = downloads.fetch(sri(data), [httpSource(upstream.url)], WHAT)
    let slowEnded = false
    const slow = drink(download.reader(), { pause: 10 }).finally(() => {
      slowEnded = true
    })
    const fast = await drink(downloads.fetch(sri(data), [], WHAT).reader())
    expect(fast.data.equals(data)).toBe(true)
    await download.done
    expect(slowEnded).toBe(false)
    expect((await slow).data.equals(data)).toBe(true)
    expect(download.joined).toBe(2)
    expect(upstream.requests).toBe(1)
  })

  test.each([[1000, 20_000], [100, MiB]])('%i readers of %i bytes', async (count, size) => {
    const { downloads } = await createRoom()
    const data = bytes(size)
    const upstream = await createUpstream(response => response.end(data))
    const all = await Promise.all(Array.from({ length: count }, async () => {
      return (await buffer(downloads.fetch(sri(data), [httpSource(upstream.url)], WHAT).reader())).equals(data)
    }))
    expect(all).toEqual(all.map(() => true))
    expect(upstream.requests).toBe(1)
  })

  test('one that leaves disturbs nobody', async () => {
    const { downloads } = await createRoom()
    const data = bytes(LARGE)
    const upstream = await createUpstream(response => response.end(data))
    const download = downloads.fetch(sri(data), [httpSource(upstream.url)], WHAT)
    await download.head()
    const [leaving, staying, never] = [download.reader(), download.reader(), download.reader()]
    never.destroy()
    const left = once(leaving, 'data').then(() => leaving.destroy())
    expect((await buffer(staying)).equals(data)).toBe(true)
    await left
    expect(leaving.readableEnded).toBe(false)
  })

  test('when all leave, the content is stored all the same', async () => {
    const { store, downloads } = await createRoom()
    const data = bytes(LARGE)
    const upstream = await createUpstream(response => response.end(data))
    const download = downloads.fetch(sri(data), [httpSource(upstream.url)], WHAT)
    const reader = download.reader()
    await once(reader, 'data')
    reader.destroy()
    await download.done
    expect(await store.find(sri(data))).toBeDefined()
  })

  test('late ones read from the store, and the store is asked before a source', async () => {
    const { downloads } = await createRoom()
    const data = bytes(LARGE)
    const source = sourceOf(chunked(data))
    const download = downloads.fetch(sri(data), [source], WHAT)
    await download.done
    await downloads.drain(1000)
    expect((await buffer(download.reader())).equals(data)).toBe(true)
  })

  test('what is stored needs no source', async () => {
    const { downloads } = await createRoom()
    const data = bytes(LARGE)
    const source = sourceOf(chunked(data))
    await downloads.fetch(sri(data), [source], WHAT).done
    const again = downloads.fetch(sri(data), [source], WHAT)
    // At once, before anybody knows where the content will come from.
    expect((await buffer(again.reader())).equals(data)).toBe(true)
    expect(await again.head()).toEqual({ size: LARGE })
    expect(source.opened).toBe(1)
  })

  test('closes what it opens', async () => {
    const { downloads } = await createRoom()
    const open = async () => (await readdir('/proc/self/fd')).length
    const data = Array.from({ length: 20 }, () => bytes(MiB))
    const before = await open()
    await Promise.all(data.map(async (data, index) => {
      const download = downloads.fetch(sri(data), [sourceOf(chunked(index % 2 ? data : data.subarray(1)))], WHAT)
      const readers = [download.reader(), download.reader(), download.reader()]
      readers[0]!.destroy()
      await Promise.all(readers.map(reader => drink(reader)))
    }))
    await downloads.drain(1000)
    await eventually(async () => await open() <= before)
  })
})

describe('bytes that do not match', () => {
  test('a small body: no head, no byte, nothing kept', async () => {
    const { store, downloads, spooled } = await createRoom()
    const data = bytes(20_000)
    const wrong = Buffer.from(data)
    wrong[19_999]! ^= 1
    const upstream = await createUpstream(response => response.end(wrong))
    const download = downloads.fetch(sri(data), [httpSource(upstream.url)], WHAT)
    const { data: got, error } = await drink(download.reader())
    expect(error).toBeInstanceOf(RegistryError)
    expect(error).toMatchObject({ code: 'INTEGRITY' })
    for (const part of [WHAT, 'upstream', sri(data), sri(wrong)]) expect(error?.message).toContain(part)
    expect(got.length).toBe(0)
    await expect(download.head()).rejects.toBe(error)
    await expect(download.done).rejects.toBe(error)
    await downloads.drain(1000)
    for (const integrity of [sri(data), sri(wrong)]) expect(await store.find(integrity)).toBeUndefined()
    expect(await spooled()).toEqual([])
  })

  test('a large body, wrong in its last byte: every reader fails short of the end', async () => {
    const { store, downloads, spooled } = await createRoom()
    const data = bytes(LARGE)
    const wrong = Buffer.from(data)
    wrong[LARGE - 1]! ^= 1
    // The end comes late: everybody has time to read all they are given.
    const source = sourceOf(chunked(wrong), { size: LARGE, then: () => sleep(300) })
    const download = downloads.fetch(sri(data), [source], WHAT)
    const readers = Array.from({ length: 5 }, () => drink(download.reader()))
    expect(await download.head()).toEqual({ size: LARGE })
    for (const { data: got, error } of await Promise.all(readers)) {
      expect(error).toMatchObject({ code: 'INTEGRITY' })
      expect(got.length).toBeGreaterThan(LARGE / 2)
      expect(got.length).toBeLessThan(LARGE)
    }
    await downloads.drain(1000)
    expect(store.stats()).toEqual({ count: 0, bytes: 0 })
    expect(await spooled()).toEqual([])
  })

  test('a reader that does not read is destroyed too', async () => {
    const { downloads } = await createRoom()
    const data = bytes(LARGE)
    const download = downloads.fetch(sri(data), [sourceOf(chunked(data.subarray(0, -1)))], WHAT)
    const stalled = download.reader()
    await expect(download.done).rejects.toMatchObject({ code: 'INTEGRITY' })
    await eventually(() => stalled.destroyed)
    expect((await drink(download.reader())).error).toMatchObject({ code: 'INTEGRITY' })
  })

  test('a failure is not remembered', async () => {
    const { downloads } = await createRoom()
    const data = bytes(LARGE)
    const wrong = downloads.fetch(sri(data), [sourceOf([bytes(10)])], WHAT)
    await expect(wrong.done).rejects.toMatchObject({ code: 'INTEGRITY' })
    expect(await downloads.fetch(sri(data), [sourceOf(chunked(data))], WHAT).done).toMatchObject({ size: LARGE })
  })

  test('an integrity that is none is refused at once', async () => {
    const { downloads } = await createRoom()
    expect(() => downloads.fetch('sha512-nonsense', [], WHAT)).toThrow(expect.objectContaining({ code: 'UPSTREAM_INVALID' }))
  })
})

describe('a version that has only a shasum', () => {
  test('is verified by it and found by both digests afterwards', async () => {
    const { store, downloads } = await createRoom()
    const data = bytes(LARGE)
    const download = downloads.fetch(sri(data, 'sha1'), [sourceOf(chunked(data))], WHAT)
    const stored = { size: LARGE, integrity: sri(data) }
    expect(await download.done).toEqual(stored)
    expect(await store.find(sri(data, 'sha1'))).toEqual(stored)
    expect(await store.find(sri(data))).toEqual(stored)
    expect((await buffer((await store.open(sri(data, 'sha1')))!)).equals(data)).toBe(true)
    expect(store.stats()).toEqual({ count: 1, bytes: LARGE })
  })

  test('is refused by it', async () => {
    const { downloads } = await createRoom()
    const download = downloads.fetch(sri(bytes(10), 'sha1'), [sourceOf([bytes(10)])], WHAT)
    await expect(download.done).rejects.toMatchObject({ code: 'INTEGRITY', message: expect.stringContaining('got sha1-') })
  })
})

describe('bodies that end wrongly', () => {
  test.each([20_000, LARGE])('truncated after %i bytes', async (sent) => {
    const { store, downloads } = await createRoom()
    const data = bytes(LARGE + 1)
    const upstream = await createUpstream((response) => {
      response.setHeader('content-length', data.length)
      response.write(data.subarray(0, sent), () => response.destroy())
    })
    const download = downloads.fetch(sri(data), [httpSource(upstream.url)], WHAT)
    const { data: got, error } = await drink(download.reader())
    expect(error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', message: expect.stringContaining(WHAT) })
    expect(got.length).toBeLessThan(sent)
    expect(store.stats().count).toBe(0)
  })

  test('shorter than its source said, without any error', async () => {
    const { downloads } = await createRoom()
    const data = bytes(1000)
    const download = downloads.fetch(sri(data), [sourceOf([data], { size: 1001 })], WHAT)
    await expect(download.done).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE', message: 'source broke off after 1000 of 1001 bytes of x@1.0.0; try again later.',
    })
  })

  test('longer than its source said', async () => {
    const { downloads } = await createRoom()
    const data = bytes(1000)
    const download = downloads.fetch(sri(data), [sourceOf([data], { size: 999 })], WHAT)
    await expect(download.done).rejects.toMatchObject({ code: 'UPSTREAM_INVALID' })
  })

  test('too large by its length: nothing of the body is read', async () => {
    const { downloads } = await createRoom({ maxTarballSize: MiB })
    const data = bytes(MiB + 1)
    const upstream = await createUpstream((response) => {
      response.setHeader('content-length', data.length).flushHeaders()
    })
    const download = downloads.fetch(sri(data), [httpSource(upstream.url)], WHAT)
    await expect(download.done).rejects.toMatchObject({ code: 'UPSTREAM_TOO_LARGE' })
    await eventually(() => upstream.closed === 1)
  })

  test('too large without a length: cut off when it is', async () => {
    const { downloads, spooled } = await createRoom({ maxTarballSize: MiB })
    const upstream = await createUpstream((response) => {
      const more = () => response.write(Buffer.alloc(64 * 1024), error => error || setImmediate(more))
      more()
    })
    const download = downloads.fetch(sri(bytes(1)), [httpSource(upstream.url)], WHAT)
    const { data, error } = await drink(download.reader())
    expect(error).toMatchObject({ code: 'UPSTREAM_TOO_LARGE' })
    expect(data.length).toBeLessThanOrEqual(MiB)
    await eventually(() => upstream.closed === 1)
    await eventually(async () => (await spooled()).length === 0)
  })

  test('exactly as large as allowed', async () => {
    const { downloads } = await createRoom({ maxTarballSize: MiB })
    const data = bytes(MiB)
    const download = downloads.fetch(sri(data), [sourceOf(chunked(data))], WHAT)
    expect(await download.done).toMatchObject({ size: MiB })
  })

  test('chunked: a large one has no size before its end, a small one has', async () => {
    const { downloads } = await createRoom()
    for (const size of [1000, LARGE]) {
      const data = bytes(size)
      const upstream = await createUpstream((response) => {
        response.write(data.subarray(0, size / 2))
        response.end(data.subarray(size / 2))
      })
      const download = downloads.fetch(sri(data), [httpSource(upstream.url)], WHAT)
      expect(await download.head()).toEqual({ size: size === LARGE ? undefined : size })
      expect((await buffer(download.reader())).equals(data)).toBe(true)
    }
  })

  test.each([
    ['before the body', 0], ['within the body', LARGE],
  ])('silence %s ends after the configured time', async (_, sent) => {
    const { downloads } = await createRoom({ bodyTimeout: 100 })
    const data = bytes(LARGE + 1)
    const upstream = await createUpstream((response) => {
      response.setHeader('content-length', data.length).flushHeaders()
      response.write(data.subarray(0, sent))
    })
    const { error } = await drink(downloads.fetch(sri(data), [httpSource(upstream.url)], WHAT).reader())
    expect(error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', message: expect.stringContaining('0.1 seconds') })
    await eventually(() => upstream.closed === 1)
  })

  test('a source that cannot be opened fails everybody who waits, and is asked again by the next', async () => {
    const { downloads } = await createRoom()
    const data = bytes(1000)
    const refusal = new RegistryError('UPSTREAM_REFUSED', 'The upstream refused our token.')
    const source = sourceOf([data])
    const failing = { name: 'failing', open: () => Promise.reject(refusal) }
    const [first, second] = [downloads.fetch(sri(data), [failing], WHAT), downloads.fetch(sri(data), [source], WHAT)]
    await expect(first.head()).rejects.toBe(refusal)
    await expect(second.done).rejects.toBe(refusal)
    expect((await drink(first.reader())).error).toBe(refusal)
    expect(source.opened).toBe(0)
    await downloads.fetch(sri(data), [source], WHAT).done
    expect(source.opened).toBe(1)
  })

  test('without any source there is a sentence', async () => {
    const { downloads } = await createRoom()
    await expect(downloads.fetch(sri(bytes(1)), [], WHAT).done).rejects.toThrow('No source is configured that could deliver x@1.0.0.')
  })
})

describe('several sources', () => {
  test('the next one is asked while nobody was told anything', async () => {
    const { downloads } = await createRoom()
    const data = bytes(100_000)
    const failures: string[] = []
    const failed = (error: RegistryError) => void failures.push(error.code)
    const sources = [
      { name: 'down', failed, open: () => Promise.reject(new Error('connect ECONNREFUSED')) },
      sourceOf([data.subarray(0, -1)], { failed, name: 'short' }),
      sourceOf([Buffer.from('<!doctype html>')], { failed, name: 'no tarball' }),
      sourceOf([data, data], { failed, name: 'wrong' }),
      sourceOf(chunked(data), { failed, name: 'right' }),
      sourceOf([], { failed, name: 'never asked' }),
    ]
    const download = downloads.fetch(sri(data), sources, WHAT)
    const reader = download.reader()
    expect(await download.head()).toEqual({ size: 100_000 })
    expect((await buffer(reader)).equals(data)).toBe(true)
    expect(failures).toEqual(['UPSTREAM_UNAVAILABLE', 'INTEGRITY', 'UPSTREAM_INVALID', 'INTEGRITY'])
    expect(sources[5]).toMatchObject({ opened: 0 })
  })

  test('of a large body that nobody has read, too', async () => {
    const { downloads } = await createRoom()
    const data = bytes(LARGE)
    const lying = sourceOf(chunked(bytes(LARGE + 1)), { size: LARGE + 1 })
    const download = downloads.fetch(sri(data), [lying, sourceOf(chunked(data), { size: LARGE })], WHAT)
    expect(await download.done).toEqual({ size: LARGE, integrity: sri(data) })
    expect(await download.head()).toEqual({ size: LARGE })
    expect((await buffer(download.reader())).equals(data)).toBe(true)
  })

  test.each([
    ['the same size is given', LARGE, undefined],
    ['no size is given', undefined, undefined],
    ['another size is given', LARGE + 1, 'UPSTREAM_INVALID'],
  ])('after a size was told, the next one must keep it: %s', async (_, size, code) => {
    const { downloads } = await createRoom()
    const data = bytes(LARGE)
    const told = Promise.withResolvers<undefined>()
    const lying = sourceOf(chunked(bytes(LARGE)), { size: LARGE, then: () => told.promise })
    const download = downloads.fetch(sri(data), [lying, sourceOf(chunked(data), { size })], WHAT)
    expect(await download.head()).toEqual({ size: LARGE })
    told.resolve(undefined)
    const reader = download.reader()
    reader.pause()
    const outcome = await download.done.catch((error: unknown) => error)
    // The first error is the answer: the lie, not what followed from it.
    expect(outcome).toMatchObject(code ? { code: 'INTEGRITY' } : { size: LARGE })
    if (!code) expect((await buffer(reader)).equals(data)).toBe(true)
  })

  test('an undeclared body that outgrows the size that was told never reaches a reader beyond it', async () => {
    const { downloads } = await createRoom()
    const data = bytes(LARGE)
    const told = Promise.withResolvers<undefined>()
    const first = sourceOf(chunked(bytes(MiB)), { size: MiB, then: () => told.promise })
    const download = downloads.fetch(sri(data), [first, sourceOf(chunked(data))], WHAT)
    await download.head()
    told.resolve(undefined)
    const { data: got, error } = await drink(download.reader())
    expect(error).toBeInstanceOf(RegistryError)
    expect(got.length).toBeLessThan(MiB)
  })

  test('an outage is the answer before a lie: asking again may help', async () => {
    const { downloads } = await createRoom()
    const sources = [sourceOf([bytes(10)]), { name: 'down', open: () => Promise.reject(new Error('connect ECONNREFUSED')) }]
    await expect(downloads.fetch(sri(bytes(10)), sources, WHAT).done).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE', message: expect.stringContaining('down broke off while sending x@1.0.0: connect ECONNREFUSED'),
    })
  })
})

describe('our own disk', () => {
  test('a store that fails costs the reader nothing and is reported', async () => {
    const { dir, store, downloads, errors } = await createRoom()
    await store.scanned
    await mkdir(join(dir, 'store'))
    await writeFile(join(dir, 'store', 'index-v5'), 'a file where a directory should be')
    const data = bytes(LARGE)
    const download = downloads.fetch(sri(data), [sourceOf(chunked(data))], WHAT)
    expect((await buffer(download.reader())).equals(data)).toBe(true)
    expect(await download.done).toEqual({ size: LARGE, integrity: sri(data) })
    expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining('was delivered but could not be stored') })])
    // A log is no place for the name of a private package.
    expect(errors[0]?.message).not.toContain(WHAT)
  })

  test('temporary files that cannot be written are our failure, not a source\'s', async () => {
    const { tmpDir, downloads } = await createRoom()
    await downloads.fetch(sri(Buffer.alloc(0)), [sourceOf([])], WHAT).done
    await rm(tmpDir, { recursive: true })
    const data = bytes(LARGE)
    const failures: Error[] = []
    const next = sourceOf(chunked(data))
    const download = downloads.fetch(sri(data), [sourceOf(chunked(data), { failed: error => failures.push(error) }), next], WHAT)
    await expect(download.done).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('x@1.0.0') })
    expect(failures).toEqual([])
    expect(next.opened).toBe(0)
  })
})

describe('drain', () => {
  test('waits for what runs and accepts nothing new', async () => {
    const { store, downloads } = await createRoom()
    const data = bytes(LARGE)
    const download = downloads.fetch(sri(data), [sourceOf(chunked(data), { then: () => sleep(50) })], WHAT)
    const drained = downloads.drain(5000)
    expect(() => downloads.fetch(sri(bytes(1)), [], WHAT)).toThrow(expect.objectContaining({ code: 'UPSTREAM_UNAVAILABLE' }))
    expect(downloads.fetch(sri(data), [], WHAT)).toBe(download)
    await drained
    expect(await store.find(sri(data))).toBeDefined()
  })

  test('aborts what runs too long', async () => {
    const { downloads, spooled } = await createRoom()
    const data = bytes(LARGE)
    const upstream = await createUpstream(response => response.write(data.subarray(1)))
    const download = downloads.fetch(sri(data), [httpSource(upstream.url)], WHAT)
    const reading = drink(download.reader())
    await download.head()
    const started = Date.now()
    await downloads.drain(50)
    expect(Date.now() - started).toBeLessThan(2000)
    expect((await reading).error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', message: expect.stringContaining('stopped') })
    await eventually(() => upstream.closed === 1)
    expect(await spooled()).toEqual([])
  })

  test('aborts a source that ignores its signal', async () => {
    const { downloads } = await createRoom()
    const never = new Promise<never>(() => {})
    const opening = downloads.fetch(sri(bytes(1)), [{ name: 'deaf', open: () => never }], WHAT)
    const sending = downloads.fetch(sri(bytes(2)), [sourceOf([bytes(1)], { then: () => never })], WHAT)
    await downloads.drain(20)
    await expect(opening.done).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    await expect(sending.done).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
  })
})
