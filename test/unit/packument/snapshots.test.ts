import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createStorage } from 'unstorage'
import fsDriver from 'unstorage/drivers/fs'
import { unpack } from '../../../server/packument/packing.ts'
import { createSnapshots, type Snapshot, type Snapshots } from '../../../server/packument/snapshots.ts'

const MAX_SIZE = 10_000
const REGISTRY = 'https://npm.example/'

function open() {
  const dir = mkdtempSync(join(tmpdir(), 'snapshots-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const again = () => createSnapshots(createStorage({ driver: fsDriver({ base: dir }) }))
  const files = () => readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  return {
    snapshots: again(),
    again,
    files,
    meta: () => files().find(file => file.endsWith('meta'))!,
    body: () => files().find(file => !file.endsWith('meta'))!,
  }
}

function snapshot(text: string, more: Partial<Snapshot> = {}): [Snapshot, Buffer] {
  const bytes = Buffer.from(text)
  return [{ name: '@s/x', registry: REGISTRY, id: createHash('sha256').update(bytes).digest('base64url'), size: bytes.length, checkedAt: 1_700_000_000_000, ...more }, bytes]
}

/** The document of a snapshot as its reader gets it: unpacked, and only if it is the one that was saved. */
async function read(snapshots: Snapshots, one: Snapshot): Promise<Buffer | undefined> {
  const packed = await snapshots.body(one)
  const unpacked = packed && await unpack(packed, one.name, MAX_SIZE).catch(() => undefined)
  return unpacked?.id === one.id ? unpacked.bytes : undefined
}

it('gives back what was saved, to another process too', async () => {
  const { snapshots, again } = open()
  const [one, bytes] = snapshot('{"name":"@s/x"}', { etag: '"e"', lastModified: 'Mon, 01 Jan 2024 00:00:00 GMT' })
  await snapshots.save(one, bytes)
  for (const reader of [snapshots, again()]) {
    expect(await reader.load(REGISTRY, '@s/x')).toEqual(one)
    expect(await read(reader, one)).toEqual(bytes)
  }
})

it('keeps names, cases and registries apart', async () => {
  const { snapshots } = open()
  const kept = [
    snapshot('1', { name: 'x' }), snapshot('2', { name: 'X' }), snapshot('3', { name: '@s/x' }), snapshot('4', { name: 's/x' }),
    snapshot('5', { name: 'x', registry: 'https://other.example/' }), snapshot('6', { name: 'n'.repeat(300) }),
  ]
  for (const [one, bytes] of kept) await snapshots.save(one, bytes)
  for (const [one, bytes] of kept) {
    expect(await snapshots.load(one.registry, one.name)).toEqual(one)
    expect(await read(snapshots, one)).toEqual(bytes)
  }
  expect(await snapshots.load(REGISTRY, 'y')).toBeUndefined()
})

it('keeps what came compressed as it came, and compresses the rest', async () => {
  const { snapshots } = open()
  const [one, bytes] = snapshot(`{"readme":"${'lorem ipsum '.repeat(40)}"}`)
  const gzipped = gzipSync(bytes)
  await snapshots.save(one, gzipped)
  expect(await snapshots.body(one)).toEqual(gzipped)
  expect(await read(snapshots, one)).toEqual(bytes)
  await snapshots.save(one, bytes)
  expect((await snapshots.body(one))!.length).toBeLessThan(bytes.length / 2)
  expect(await read(snapshots, one)).toEqual(bytes)
})

it('replaces a state together with its body', async () => {
  const { snapshots, files } = open()
  const [before, oldBytes] = snapshot('{"old":1}')
  const [after, newBytes] = snapshot('{"new":1}')
  await snapshots.save(before, oldBytes)
  await snapshots.save(after, newBytes)
  expect(await snapshots.load(REGISTRY, '@s/x')).toEqual(after)
  expect(await read(snapshots, after)).toEqual(newBytes)
  expect(await read(snapshots, before)).toBeUndefined()
  expect(files()).toHaveLength(2)
})

it('touches without writing the body, and removes both', async () => {
  const { snapshots, files } = open()
  const [one, bytes] = snapshot('{}')
  await snapshots.save(one, bytes)
  await snapshots.touch({ ...one, checkedAt: 5, etag: '"new"' })
  expect(await snapshots.load(REGISTRY, '@s/x')).toEqual({ ...one, checkedAt: 5, etag: '"new"' })
  expect(await read(snapshots, one)).toEqual(bytes)
  await snapshots.remove(one)
  expect(await snapshots.load(REGISTRY, '@s/x')).toBeUndefined()
  expect(await read(snapshots, one)).toBeUndefined()
  expect(files()).toEqual([])
})

describe('a body', () => {
  it.each<[what: string, spoil: (file: string) => void]>([
    ['cut short', file => truncateSync(file, readFileSync(file).length - 3)],
    ['emptied', file => truncateSync(file, 0)],
    ['with a flipped bit', (file) => {
      const bytes = readFileSync(file)
      bytes[Math.floor(bytes.length / 2)]! ^= 4
      writeFileSync(file, bytes)
    }],
    ['that is not compressed', file => writeFileSync(file, '{"name":"@s/x"}')],
    ['of other contents', file => writeFileSync(file, zstdCompressSync(Buffer.from('{"name":"@s/x","versions":{}}')))],
    ['that is a bomb', file => writeFileSync(file, zstdCompressSync(Buffer.alloc(MAX_SIZE * 100)))],
    ['that is gone', file => rmSync(file)],
  ])('%s is as good as none', async (_, spoil) => {
    const { snapshots, again, body } = open()
    const [one, bytes] = snapshot(`{"name":"@s/x","readme":"${'lorem ipsum '.repeat(40)}"}`)
    await snapshots.save(one, bytes)
    spoil(body())
    expect(await read(snapshots, one)).toBeUndefined()
    expect(await read(again(), one)).toBeUndefined()
    await snapshots.save(one, bytes)
    expect(await read(snapshots, one)).toEqual(bytes)
  })
})

describe('what stands for a state', () => {
  const [valid] = snapshot('{}')
  it.each<[what: string, meta: string]>([
    ['is no JSON', '{"name":'],
    ['is empty', ''],
    ['is null', 'null'],
    ['is a list', '[]'],
    ['is a text', '"x"'],
    ['is another package\'s', JSON.stringify({ ...valid, name: 'y' })],
    ['is another registry\'s', JSON.stringify({ ...valid, registry: 'https://other.example/' })],
    ['has no id', JSON.stringify({ ...valid, id: undefined })],
    ['has no time', JSON.stringify({ ...valid, checkedAt: 'now' })],
    ['has an etag that is no text', JSON.stringify({ ...valid, etag: ['"e"'] })],
    ['has a date that is no text', JSON.stringify({ ...valid, lastModified: 1 })],
  ])('%s is not believed', async (_, meta) => {
    const { snapshots, again, meta: file } = open()
    const [one, bytes] = snapshot('{}')
    await snapshots.save(one, bytes)
    writeFileSync(file(), meta)
    expect(await again().load(REGISTRY, '@s/x')).toBeUndefined()
    await snapshots.save(one, bytes)
    expect(await again().load(REGISTRY, '@s/x')).toEqual(one)
  })
})

it('counts packages, not files', async () => {
  const { snapshots, again } = open()
  const [x, bytes] = snapshot('{}')
  await snapshots.save(x, bytes)
  await snapshots.save(...snapshot('{"a":1}'))
  await snapshots.save(...snapshot('{}', { name: 'y' }))
  expect(snapshots.count()).toBe(2)
  const later = again()
  await expect.poll(() => later.count()).toBe(2)
  await snapshots.remove(x)
  expect(snapshots.count()).toBe(1)
})
