import { open, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import cacache from 'cacache'
import { expect, test } from 'vitest'
import { contentPath } from '../../../server/tarball/content.ts'
import { parseIntegrity } from '../../../server/tarball/integrity.ts'
import { createTarballStore, type TarballStore } from '../../../server/tarball/store.ts'
import { bytes, chunked, createRoom, drink, eventually, MiB, sri, temporaryDirectory } from './fixture.ts'

async function put(store: TarballStore, data: Buffer, aliases?: string[]): Promise<string> {
  const integrity = sri(data)
  await store.put(() => Readable.from(chunked(data)), { size: data.length, integrity }, aliases)
  return integrity
}

async function damage(dir: string, integrity: string, position: number) {
  const file = await open(contentPath(join(dir, 'store'), parseIntegrity(integrity)), 'r+')
  const byte = Buffer.alloc(1)
  await file.read(byte, 0, 1, position)
  await file.write(Buffer.from([byte[0]! ^ 1]), 0, 1, position)
  await file.close()
}

test.each([0, 1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 3 * MiB + 17])('gives back %i bytes', async (size) => {
  const { store } = await createRoom()
  const data = bytes(size)
  expect(await store.find(sri(data))).toBeUndefined()
  expect(await store.open(sri(data))).toBeUndefined()
  const integrity = await put(store, data)
  expect(await store.find(integrity)).toEqual({ size, integrity })
  expect((await buffer((await store.open(integrity))!)).equals(data)).toBe(true)
  expect(store.stats()).toEqual({ count: 1, bytes: size })
})

test('knows where cacache keeps a content', async () => {
  const { dir, store } = await createRoom()
  const integrity = await put(store, bytes(10))
  const info = await cacache.get.info(join(dir, 'store'), integrity)
  expect(contentPath(join(dir, 'store'), parseIntegrity(integrity))).toBe(info?.path)
})

test('answers a hit from memory', async () => {
  const { dir, store } = await createRoom()
  const integrity = await put(store, bytes(10))
  await rm(join(dir, 'store'), { recursive: true })
  expect(await store.find(integrity)).toEqual({ size: 10, integrity })
})

test('gives parts', async () => {
  const { store } = await createRoom()
  const data = bytes(200_000)
  const integrity = await put(store, data)
  for (const [start, end] of [[0, 0], [1, 99_999], [199_999, 199_999], [70_000, 199_999], [0, 199_999]] as const) {
    const part = await buffer((await store.open(integrity, { start, end }))!)
    expect(part.equals(data.subarray(start, end + 1))).toBe(true)
  }
})

test('a damaged small content is never answered, and removed', async () => {
  const { dir, store, corrupt } = await createRoom()
  const data = bytes(1000)
  const integrity = await put(store, data)
  await damage(dir, integrity, 999)
  expect(await store.open(integrity)).toBeUndefined()
  expect(corrupt).toEqual([integrity])
  expect(await store.find(integrity)).toBeUndefined()
  expect(store.stats()).toEqual({ count: 0, bytes: 0 })
  await put(store, data)
  expect((await buffer((await store.open(integrity))!)).equals(data)).toBe(true)
})

test.each([0, 500_000, MiB - 1])('a large content damaged at byte %i fails short of its end, and is removed', async (position) => {
  const { dir, store, corrupt } = await createRoom()
  const data = bytes(MiB)
  const integrity = await put(store, data)
  await damage(dir, integrity, position)
  const { data: got, error } = await drink((await store.open(integrity))!)
  expect(error).toMatchObject({ code: 'INTEGRITY', message: expect.stringContaining(integrity) })
  expect(got.length).toBeLessThan(MiB)
  expect(corrupt).toEqual([integrity])
  expect(await store.find(integrity)).toBeUndefined()
})

test('a content that became shorter fails', async () => {
  const { dir, store, corrupt } = await createRoom()
  const integrity = await put(store, bytes(MiB))
  await truncate(contentPath(join(dir, 'store'), parseIntegrity(integrity)), MiB - 1)
  const { error } = await drink((await store.open(integrity))!)
  expect(error).toMatchObject({ code: 'INTEGRITY' })
  expect(corrupt).toEqual([integrity])
})

test('a late reader of damaged bytes does not remove the good ones that replaced them', async () => {
  const { dir, store, corrupt } = await createRoom()
  const data = bytes(MiB)
  const integrity = await put(store, data)
  await damage(dir, integrity, 5)
  const late = (await store.open(integrity))!
  await drink((await store.open(integrity))!)
  await put(store, data)
  expect((await drink(late)).error).toMatchObject({ code: 'INTEGRITY' })
  expect(corrupt).toEqual([integrity, integrity])
  expect((await buffer((await store.open(integrity))!)).equals(data)).toBe(true)
})

test('a content that somebody else removed is a miss', async () => {
  const { dir, store, errors } = await createRoom()
  const integrity = await put(store, bytes(1000))
  await rm(contentPath(join(dir, 'store'), parseIntegrity(integrity)))
  expect(await store.open(integrity)).toBeUndefined()
  expect(await store.find(integrity)).toBeUndefined()
  expect(store.stats()).toEqual({ count: 0, bytes: 0 })
  expect(errors).toEqual([])
})

test('what does not have its digest is not stored', async () => {
  const { store } = await createRoom()
  const data = bytes(1000)
  const stored = { size: 1000, integrity: sri(bytes(1000)) }
  await expect(store.put(() => Readable.from([data]), stored)).rejects.toMatchObject({ code: 'EINTEGRITY' })
  await expect(store.put(() => Readable.from([data]), { size: 999, integrity: sri(data) })).rejects.toMatchObject({ code: 'EBADSIZE' })
  expect(await store.find(stored.integrity)).toBeUndefined()
  expect(await store.find(sri(data))).toBeUndefined()
})

test('is found by a weaker digest, also after a restart, until it is removed', async () => {
  const { dir, store } = await createRoom()
  const data = bytes(1000)
  const integrity = await put(store, data, [sri(data, 'sha1')])
  expect(await store.find(sri(data, 'sha1'))).toEqual({ size: 1000, integrity })
  await store.close()

  const again = await createRoom({ dir })
  expect(await again.store.find(sri(data, 'sha1'))).toEqual({ size: 1000, integrity })
  await damage(dir, integrity, 0)
  expect(await again.store.open(sri(data, 'sha1'))).toBeUndefined()
  expect(await cacache.ls(join(dir, 'store'))).toEqual({})
})

test('keeps the most recently used contents within its bound', async () => {
  const { dir, store } = await createRoom({ maxBytes: 3500 })
  const data = Array.from({ length: 5 }, () => bytes(1000))
  const [first, second, third] = [await put(store, data[0]!), await put(store, data[1]!), await put(store, data[2]!)]
  await drink((await store.open(first))!)
  await put(store, data[3]!)
  await put(store, data[4]!)
  await eventually(() => store.stats().count === 3)
  await store.close()
  expect(store.stats()).toEqual({ count: 3, bytes: 3000 })
  expect(await store.find(first)).toBeDefined()
  for (const gone of [second, third]) {
    expect(await store.find(gone)).toBeUndefined()
    await expect(stat(contentPath(join(dir, 'store'), parseIntegrity(gone)))).rejects.toMatchObject({ code: 'ENOENT' })
  }
})

test('a content that is being read outlives its eviction', async () => {
  const { store } = await createRoom({ maxBytes: 3 * MiB })
  const data = bytes(2 * MiB)
  const reading = (await store.open(await put(store, data)))!
  await put(store, bytes(2 * MiB))
  await eventually(() => store.stats().count === 1)
  await store.close()
  expect(await store.find(sri(data))).toBeUndefined()
  expect((await buffer(reading)).equals(data)).toBe(true)
})

test('a content that comes back while it is being evicted is there', async () => {
  const { store } = await createRoom({ maxBytes: 1500 })
  const contents = [bytes(1000), bytes(1000)]
  for (let round = 0; round < 20; round += 1) {
    const data = contents[round % 2]!
    expect((await drink((await store.open(await put(store, data)))!)).data.equals(data)).toBe(true)
  }
})

test('a content larger than the whole store is not kept', async () => {
  const { store } = await createRoom({ maxBytes: 1000 })
  const small = await put(store, bytes(900))
  expect(await store.find(await put(store, bytes(1001)))).toBeUndefined()
  expect(await store.find(small)).toBeDefined()
})

test('counts after a restart what it stored before, and evicts by last use', async () => {
  const { dir, store } = await createRoom()
  // Last used in the order of this list, whatever the order of their digests on disk.
  const contents: string[] = []
  for (let hours = 8; hours > 0; hours -= 1) {
    const integrity = await put(store, bytes(1000))
    const time = new Date(Date.now() - hours * 60 * 60 * 1000)
    await utimes(contentPath(join(dir, 'store'), parseIntegrity(integrity)), time, time)
    contents.push(integrity)
  }
  await store.close()
  await writeFile(join(dir, 'store', 'content-v2', 'sha512', 'stray'), 'not a content')
  await writeFile(join(dir, 'store', 'tmp', 'half-written'), 'left by a killed process')

  const again = await createRoom({ dir, maxBytes: 3500 })
  await again.store.scanned
  await eventually(() => again.store.stats().count <= 3)
  await again.store.close()
  expect(again.store.stats()).toEqual({ count: 3, bytes: 3000 })
  const found = await Promise.all(contents.map(integrity => again.store.find(integrity)))
  expect(found.map(Boolean)).toEqual([false, false, false, false, false, true, true, true])
  await expect(readFile(join(dir, 'store', 'tmp', 'half-written'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('is usable before its scan has ended', async () => {
  const { dir, store } = await createRoom()
  const old = await put(store, bytes(1000))
  await store.close()
  const again = await createRoom({ dir })
  const found = again.store.find(old)
  const fresh = await put(again.store, bytes(500))
  expect(await found).toEqual({ size: 1000, integrity: old })
  await again.store.scanned
  expect(again.store.stats()).toEqual({ count: 2, bytes: 1500 })
  expect(await again.store.find(fresh)).toBeDefined()
})

test('remembers the last use in the file\'s time', async () => {
  const { dir, store } = await createRoom()
  const integrity = await put(store, bytes(1000))
  await store.close()
  const path = contentPath(join(dir, 'store'), parseIntegrity(integrity))
  const old = new Date(Date.now() - 7_200_000)
  await utimes(path, old, old)
  const again = await createRoom({ dir })
  await again.store.scanned
  await drink((await again.store.open(integrity))!)
  expect((await stat(path)).mtimeMs).toBeGreaterThan(Date.now() - 60_000)
})

test('reports a directory that cannot be used', async () => {
  const dir = await temporaryDirectory()
  await writeFile(join(dir, 'store'), 'a file where the directory should be')
  const errors: Error[] = []
  const store = createTarballStore({ dir: join(dir, 'store'), maxBytes: 1000, onError: error => errors.push(error) })
  await store.scanned
  expect(errors).not.toEqual([])
  const data = bytes(10)
  await expect(store.put(() => Readable.from([data]), { size: 10, integrity: sri(data) })).rejects.toThrow()
  await store.close()
})
