import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../../../server/database/index.ts'
import { fsck } from '../../../server/log/fsck.ts'
import type { Standing } from '../../../server/log/index.ts'
import { parseRecord } from '../../../shared/record/index.ts'
import { open, place, version, versions } from './fixture.ts'
import { createFaultyDatabase } from './faulty.ts'

/** What the sequencer holds for callers, at most. */
const MAX_QUEUE = 65_536

/** A log whose database fails on demand. */
async function openFaulty() {
  const dir = place()
  const database = createFaultyDatabase(await openDatabase(pathToFileURL(join(dir, 'registry.db')).href))
  return { ...await open(dir, { database, patience: 100 }), faulty: database }
}

/** A log whose commits wait until they are let go. */
async function openHeld() {
  const dir = place()
  const database = createFaultyDatabase(await openDatabase(pathToFileURL(join(dir, 'registry.db')).href))
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  database.hold('append', async (perform) => {
    await released
    return perform()
  })
  return { ...await open(dir, { database }), release }
}

describe('the clock', () => {
  it('jumps, and the time of the log never goes back', async () => {
    const start = Date.UTC(2026, 0, 1)
    const day = 86_400_000
    const jumps = [0, 5, -day, 1, 400 * day, 2, -3_000 * day, 401 * day, 0]
    let now = start
    const dir = place()
    const { log, database, close } = await open(dir, { clock: () => now })
    const times: string[] = []
    for (const [n, jump] of jumps.entries()) {
      now = start + jump
      const standings = await log.record(versions(`p${n}`, 3))
      times.push(...standings.map(({ record }) => record.recorded))
      expect((await log.head()).recorded).toBe(Date.parse(times.at(-1)!))
    }
    expect(times).toEqual([...times].sort())
    expect(new Set(times).size).toBe(4)
    expect(times.at(-1)).toBe(new Date(start + 401 * day).toISOString())
    expect((await fsck(database)).problems).toEqual([])
    await close()
    // Another process, another clock.
    const again = await open(dir, { clock: () => start })
    const [later] = await again.log.record([version('later', '1.0.0')])
    expect(later!.record.recorded).toBe(times.at(-1))
    await again.close()
  })

  it('of one process is behind another\'s, and the time of the log never goes back', async () => {
    const dir = place()
    const now = Date.UTC(2026, 0, 1)
    const ahead = await open(dir, { clock: () => now + 60_000 })
    const behind = await open(dir, { clock: () => now })
    for (let n = 0; n < 5; n++) {
      await behind.log.record([version('behind', `1.0.${n}`)])
      await ahead.log.record([version('ahead', `1.0.${n}`)])
    }
    expect((await fsck(ahead.database)).problems).toEqual([])
    const times = (await ahead.log.texts(0, 10)).map(text => parseRecord(text).recorded)
    const later = new Date(now + 60_000).toISOString()
    expect(times).toEqual([new Date(now).toISOString(), ...Array.from({ length: 9 }, () => later)])
    await ahead.close()
    await behind.close()
  })

  it('that says what no record can hold stops the log until it is right', async () => {
    let now: number
    const { log, close } = await open(place(), { clock: () => now })
    for (now of [Number.NaN, Infinity, Date.UTC(10_000, 0, 1)]) {
      await expect(log.record([version('a', '1.0.0')])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', message: /clock/ })
    }
    now = Date.UTC(9_999, 11, 31, 23, 59, 59, 999)
    expect((await log.record([version('a', '1.0.0')]))[0]!.record.recorded).toBe('9999-12-31T23:59:59.999Z')
    await close()
  })
})

describe('the queue', () => {
  it('is bounded: who comes too late is told when to come again, all others are answered', async () => {
    const { log, release, close } = await openHeld()
    const waiting: Promise<Standing[]>[] = []
    // The first commit takes its share out of the queue, and waits.
    waiting.push(log.record(versions('first', 256)))
    await new Promise(resolve => setTimeout(resolve, 50))
    for (let n = 0; n < MAX_QUEUE / 256; n++) waiting.push(log.record(versions(`p${n}`, 256)))
    for (let n = 0; n < 3; n++) {
      await expect(log.record([version('late', '1.0.0')])).rejects.toMatchObject({
        code: 'LOG_UNAVAILABLE', status: 503, retryAfter: expect.any(Number), message: `The log is busy: ${MAX_QUEUE} records wait already. Ask again in a moment.`,
      })
    }
    expect(log.status()).toEqual({ state: 'ok' })
    release()
    const indexes = (await Promise.all(waiting)).flat().map(({ index }) => index)
    expect(indexes).toEqual(Array.from({ length: MAX_QUEUE + 256 }, (_, n) => n))
    expect((await log.record([version('late', '1.0.0')]))[0]!.index).toBe(MAX_QUEUE + 256)
    await close()
  }, 60_000)

  it('more than it ever takes is refused at once', async () => {
    const { log, close } = await open(place())
    await expect(log.record(versions('a', MAX_QUEUE + 1))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
    expect((await log.head()).size).toBe(0)
    await close()
  })
})

describe('a log that closes', () => {
  it('answers everybody who waits, and refuses who comes after', async () => {
    const dir = place()
    const { log, database } = await open(dir)
    const waiting = Array.from({ length: 40 }, (_, n) => log.record(versions(`p${n}`, 50)))
    const closing = log.close()
    await expect(log.record([version('late', '1.0.0')])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', status: 503 })
    const standings = (await Promise.all(waiting)).flat()
    await closing
    await database.close()
    expect(standings.map(({ index }) => index)).toEqual(Array.from({ length: 2_000 }, (_, n) => n))
    const again = await open(dir)
    expect((await again.log.head()).size).toBe(2_000)
    expect((await fsck(again.database)).problems).toEqual([])
    await again.close()
  })

  it('while the database never answers, rejects everybody and closes', async () => {
    const { log, faulty } = await openFaulty()
    await faulty.break('append', 'hanging')
    const waiting = Array.from({ length: 3 }, (_, n) => log.record(versions(`p${n}`, 300)))
    const closing = log.close()
    for (const one of await Promise.allSettled(waiting)) {
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'LOG_UNAVAILABLE', retryAfter: expect.any(Number) } })
    }
    await closing
    await expect(log.record([version('late', '1.0.0')])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
  })
})
