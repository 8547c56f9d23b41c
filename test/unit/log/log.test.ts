import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyEd25519 } from '../../../server/log/signer.ts'
import {
  checkConsistency, checkInclusion, createVerifier, equalHashes, leafHash, openCheckpoint, proveConsistency, proveInclusion,
  rootOf,
} from '../../../shared/tlog/index.ts'
import { formatRecord, parseRecord } from '../../../shared/record/index.ts'
import { INTEGRITY, open, OTHER_INTEGRITY, place, version, versions } from './fixture.ts'

const encoder = new TextEncoder()
const leaf = (text: string) => leafHash(encoder.encode(text))

describe('a new log', () => {
  it('is called localhost, has a key that only we can read, and is empty', async () => {
    const dir = place()
    const { log, close } = await open(dir)
    const head = await log.head()
    expect(log.origin).toBe('localhost')
    expect(log.vkey).toMatch(/^localhost\+[0-9a-f]{8}\+A/)
    expect(log.goVkey).toMatch(/^localhost\/go\+[0-9a-f]{8}\+A/)
    expect(head.size).toBe(0)
    expect(openCheckpoint(head.checkpoint, createVerifier(log.vkey, verifyEd25519))).toMatchObject({ origin: 'localhost', size: 0 })
    expect(statSync(join(dir, 'sumdb.key')).mode & 0o777).toBe(0o600)
    expect(log.status()).toEqual({ state: 'ok' })
    await close()
  })

  it('keeps its name and key', async () => {
    const dir = place()
    const first = await open(dir, { origin: 'sum.example' })
    const { vkey } = first.log
    await first.close()
    const second = await open(dir)
    expect(second.log.origin).toBe('sum.example')
    expect(second.log.vkey).toBe(vkey)
    await second.close()
  })
})

describe('recording', () => {
  it('gives each record its place in a published tree, and the time of the log', async () => {
    const { log, close } = await open(place(), { clock: () => Date.UTC(2026, 0, 1) })
    const standings = await log.record(versions('a', 3))
    expect(standings.map(({ index, isNew }) => [index, isNew])).toEqual([[0, true], [1, true], [2, true]])
    expect(standings[1]!.record).toEqual({ ...version('a', '1.0.1'), recorded: '2026-01-01T00:00:00.000Z' })
    const head = await log.head()
    const texts = await log.texts(0, 10)
    expect(head.size).toBe(3)
    expect(texts.map(parseRecord)).toEqual(standings.map(({ record }) => record))
    expect(equalHashes(head.root, rootOf(texts.map(leaf)))).toBe(true)
    await close()
  })

  it('records a version once, and says what stands', async () => {
    const { log, close } = await open(place())
    await log.record([version('a', '1.0.0')])
    const [again, twin, fresh] = await log.record([version('a', '1.0.0', OTHER_INTEGRITY), version('b', '1.0.0'), version('b', '1.0.0', OTHER_INTEGRITY)])
    expect(again).toMatchObject({ index: 0, isNew: false, record: { integrity: INTEGRITY } })
    expect(twin).toMatchObject({ index: 1, isNew: true })
    expect(fresh).toMatchObject({ index: 1, isNew: false, record: { integrity: INTEGRITY } })
    expect((await log.head()).size).toBe(2)
    await close()
  })

  it('tells packages of two authorities and of two spellings apart', async () => {
    const { log, close } = await open(place())
    const other = { ...version('a', '1.0.0', OTHER_INTEGRITY), subject: { name: 'a', version: '1.0.0', namespace: 'npm.other.example' } } as ReturnType<typeof version>
    const standings = await log.record([version('a', '1.0.0'), other, version('A', '1.0.0')])
    expect(standings.map(({ index }) => index)).toEqual([0, 1, 2])
    expect((await log.versionsOf({ name: 'a' })).get('1.0.0')).toMatchObject({ index: 0, record: { integrity: INTEGRITY } })
    expect((await log.findVersion({ name: 'a', version: '1.0.0', namespace: 'npm.other.example' }))!.index).toBe(1)
    expect(await log.findVersion({ name: 'a', version: '1.0.1' })).toBeUndefined()
    await close()
  })

  it('records one conflict for each cause', async () => {
    const { log, close } = await open(place())
    const subject = { name: 'a', version: '1.0.0' }
    const conflict = { kind: 'conflict', subject, integrity: INTEGRITY, other: OTHER_INTEGRITY, source: 'm1' } as const
    await log.record([version('a', '1.0.0')])
    const standings = await log.record([conflict, conflict, { ...conflict, source: 'm2' }])
    expect(standings.map(({ index, isNew }) => [index, isNew])).toEqual([[1, true], [1, false], [2, true]])
    expect((await log.record([conflict]))[0]).toMatchObject({ index: 1, isNew: false })
    await close()
  })

  it('never takes the time back', async () => {
    let now = Date.UTC(2026, 5, 1)
    const { log, close } = await open(place(), { clock: () => now })
    await log.record([version('a', '1.0.0')])
    now = Date.UTC(2020, 0, 1)
    const [later] = await log.record([version('a', '1.0.1')])
    expect(later!.record.recorded).toBe('2026-06-01T00:00:00.000Z')
    await close()
  })

  it('refuses what is no record before it reaches anyone else', async () => {
    const { log, close } = await open(place())
    await expect(log.record([version('a', '1.0.0', 'sha512-short')])).rejects.toThrow(/integrity/)
    expect((await log.head()).size).toBe(0)
    await close()
  })

  it('answers many at once, in few commits', async () => {
    let commits = 0
    const { log, close } = await open(place(), { observer: { committed: () => commits++, trouble() {} } })
    const standings = await Promise.all(Array.from({ length: 500 }, (_, n) => log.record([version(`p${n % 100}`, `1.0.${n % 250}`)])))
    expect(new Set(standings.map(([one]) => one!.index)).size).toBe(500)
    expect((await log.head()).size).toBe(500)
    expect(commits).toBeLessThanOrEqual(3)
    await close()
  })
})

describe('the tree', () => {
  it('proves every record and every earlier state, at any size', async () => {
    const { log, close } = await open(place())
    const heads = [await log.head()]
    for (const count of [1, 1, 253, 1, 1, 255, 300]) {
      await log.record(versions('a', count, heads.at(-1)!.size))
      heads.push(await log.head())
    }
    const last = heads.at(-1)!
    const texts = await log.texts(0, last.size)
    expect(last.size).toBe(812)
    for (const { size, root } of heads) {
      expect(equalHashes(root, rootOf(texts.slice(0, size).map(leaf)))).toBe(true)
      if (size === 0) continue
      const hashes = await proveConsistency(size, last.size, log.hashes(last.size))
      checkConsistency({ oldSize: size, oldRoot: root, newSize: last.size, newRoot: last.root, hashes })
    }
    for (const index of [0, 1, 255, 256, 511, 512, 811]) {
      const hashes = await proveInclusion(index, last.size, log.hashes(last.size))
      checkInclusion({ index, size: last.size, hashes, leaf: leaf(texts[index]!), root: last.root })
    }
    expect((await log.tile(0, 3))!.length).toBe((812 - 768) * 32)
    expect((await log.tile(1, 0))!.length).toBe(3 * 32)
    expect(await log.tile(0, 4)).toBeUndefined()
    expect(await log.tile(2, 0)).toBeUndefined()
    await close()
  })

  it('is the same after a restart, and goes on', async () => {
    const dir = place()
    const first = await open(dir)
    await first.log.record(versions('a', 300))
    const before = await first.log.head()
    await first.close()
    const second = await open(dir)
    expect(await second.log.head()).toEqual(before)
    const [standing] = await second.log.record(versions('a', 1, 300))
    expect(standing!.index).toBe(300)
    await second.close()
  })

  it('keeps every checkpoint, newest first, also one that was never written down', async () => {
    const dir = place()
    const { log, database, close } = await open(dir)
    const seen = []
    for (let n = 0; n < 3; n++) {
      await log.record(versions('a', 2, n * 2))
      seen.unshift((await log.head()).checkpoint)
    }
    await database.client.execute('UPDATE checkpoints SET note = NULL WHERE size = 2')
    expect((await log.checkpoints({ limit: 10 })).map(({ checkpoint }) => checkpoint)).toEqual(seen)
    expect((await log.checkpoints({ limit: 1, before: 6 })).map(({ size }) => size)).toEqual([4])
    await close()
  })
})

describe('finding', () => {
  it('lists newest first, by kind, package, and beginning of a name', async () => {
    const { log, close } = await open(place())
    await log.record([version('react', '1.0.0'), version('react-dom', '1.0.0'), version('@react/x', '1.0.0'), version('React', '1.0.0'), version('vue', '1.0.0')])
    await log.record([{ kind: 'withdrawn', subject: { name: 'react', version: '1.0.0' } }])
    const list = async (query: object) => (await log.list({ limit: 50, ...query })).entries.map(({ index }) => index)
    expect(await list({})).toEqual([5, 4, 3, 2, 1, 0])
    expect(await list({ limit: 2, before: 4 })).toEqual([3, 2])
    expect(await list({ kind: 'withdrawn' })).toEqual([5])
    expect(await list({ kind: 'version', limit: 1 })).toEqual([4])
    expect(await list({ package: { name: 'react' } })).toEqual([5, 0])
    expect(await list({ prefix: 'react' })).toEqual([5, 1, 0])
    expect(await list({ prefix: '@re' })).toEqual([2])
    expect(await list({ prefix: 'nothing' })).toEqual([])
    await close()
  })
})

describe('two logs on one database', () => {
  it('see what the other appended, and agree on every record', async () => {
    const dir = place()
    const one = await open(dir)
    const two = await open(dir)
    const write = (log: typeof one.log, who: number) => Promise.all(Array.from({ length: 200 }, (_, n) => log.record([version(`p${n % 50}`, `${who}.0.${n}`), version('shared', `1.0.${n}`)])))
    const [a, b] = await Promise.all([write(one.log, 1), write(two.log, 2)])
    const ids = [...a, ...b].flat().map(({ index, record }) => `${index} ${formatRecord(record)}`)
    expect(new Set(ids).size).toBe(600)
    await new Promise(resolve => setTimeout(resolve, 300))
    const [first, second] = [await one.log.head(), await two.log.head()]
    expect(first).toEqual(second)
    expect(first.size).toBe(600)
    expect(equalHashes(first.root, rootOf((await two.log.texts(0, 600)).map(leaf)))).toBe(true)
    await one.close()
    await two.close()
  })
})

describe('a log that must not go on', () => {
  it('refuses to append to an older copy of its database, and serves what the copy has', async () => {
    const dir = place()
    const first = await open(dir)
    await first.log.record(versions('a', 10))
    await first.close()
    const copy = readFileSync(join(dir, 'registry.db'))
    const second = await open(dir)
    await second.log.record(versions('a', 10, 10))
    await second.close()
    writeFileSync(join(dir, 'registry.db'), copy)
    const third = await open(dir)
    expect(third.log.status()).toEqual({ state: 'read-only', reason: expect.stringMatching(/has 10 records, but .*sumdb\.head says that the log had 20: it is an older copy/) })
    await expect(third.log.record(versions('a', 1, 30))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', status: 503 })
    expect((await third.log.head()).size).toBe(10)
    expect((await third.log.findVersion({ name: 'a', version: '1.0.9' }))!.index).toBe(9)
    await third.close()
  })

  it.each([
    ['a record', 'UPDATE records SET text = replace(text, \'claimed\', \'fetched\') WHERE idx = 301', /Record 301 is not what the tree says/],
    ['the edge', 'UPDATE edge SET hashes = zeroblob(length(hashes)) WHERE level = 0', /right edge does not have the root/],
    ['a part of the edge', 'DELETE FROM edge WHERE level = 0', /right edge does not fit/],
    ['the last tile', 'UPDATE tiles SET hashes = zeroblob(8192)', /Tile 0 of level 0 is not what the tile above says/],
    ['the head', 'UPDATE head SET size = size - 1', /right edge does not fit/],
    ['the last record', 'DELETE FROM records WHERE idx = 301', /has 45 records from index 256 on, its tree has 46/],
    ['a checkpoint', 'UPDATE checkpoints SET note = replace(note, \'localhost\', \'elsewhere\')', /newest checkpoint in the database is not signed/],
  ])('notices at its start that %s was changed', async (_, change, sentence) => {
    const dir = place()
    const first = await open(dir)
    await first.log.record(versions('a', 302))
    await first.close()
    const second = await open(dir)
    await second.database.client.execute(change)
    await second.close()
    const third = await open(dir)
    expect(third.log.status()).toEqual({ state: 'read-only', reason: expect.stringMatching(sentence) })
    await expect(third.log.record(versions('b', 1))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
    await third.close()
  })

  it('notices another key, another name, and a missing key or database', async () => {
    const dir = place()
    const first = await open(dir)
    await first.log.record(versions('a', 1))
    await first.close()
    const other = place()
    await (await open(other)).close()
    const reasonOf = async (at: string, options = {}) => {
      const { log, close } = await open(at, options)
      const { reason } = log.status()
      await close()
      return reason
    }
    expect(await reasonOf(dir, { origin: 'sum.example' })).toMatch(/NUXT_SUMDB_ORIGIN says "sum.example", but this log is "localhost"/)
    expect(await reasonOf(dir, { signerKey: readFileSync(join(other, 'sumdb.key'), 'utf8') })).toMatch(/key in NUXT_SUMDB_SIGNER_KEY is another log's/)
    expect(await reasonOf(dir, { dataDir: place() })).toMatch(/key of the log "localhost" is missing/)
    const { database } = await open(place())
    await database.client.batch(['DELETE FROM log', 'DELETE FROM head'])
    expect(await reasonOf(dir, { database })).toMatch(/The database has no log, but .*sumdb\.head holds a checkpoint of one/)
    await expect(open(dir, { signerKey: 'PRIVATE+KEY+localhost+00000000+AAAA' })).rejects.toThrow(/NUXT_SUMDB_SIGNER_KEY does not hold a signer key/)
  })
})
