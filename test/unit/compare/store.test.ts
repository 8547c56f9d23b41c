import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createArrivals } from '../../../server/compare/arrivals.ts'
import { createPasses, LONGEST_PASS } from '../../../server/compare/passes.ts'
import { createSchedule } from '../../../server/compare/schedule.ts'
import { createStore } from '../../../server/compare/store.ts'
import type { Probe } from '../../../server/compare/types.ts'
import { openDatabase, tables, type Database } from '../../../server/database/index.ts'

const MINUTE = 60_000
const NOW = Date.parse('2026-06-01T12:00:00.000Z')

let dir: string
let database: Database
let other: Database
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'compare-'))
  const url = `file:${join(dir, 'registry.db')}`
  database = await openDatabase(url)
  // Another process, as far as the file is concerned.
  other = await openDatabase(url)
})
afterAll(async () => {
  await other.close()
  await database.close()
  await rm(dir, { recursive: true })
})
beforeEach(async () => {
  const { passes, arrivals, probes, comparisons, agreements, conformance } = tables
  for (const table of [passes, arrivals, probes, comparisons, agreements, conformance]) await database.orm.delete(table)
})

describe('a look at all sources', () => {
  it('is taken by one of two processes', async () => {
    const both = [database, other].map(one => createPasses(one, () => NOW))
    const taken = await Promise.all(both.map(passes => passes.take(10 * MINUTE)))
    expect(taken.map(({ isMine }) => isMine).toSorted()).toEqual([false, true])
    expect(taken[0]!.pass).toEqual(taken[1]!.pass)
  })

  it('is taken once also by a process whose clock is behind', async () => {
    expect((await createPasses(database, () => NOW).take(MINUTE)).isMine).toBe(true)
    const late = createPasses(other, () => NOW - 50)
    expect((await late.take(MINUTE)).isMine).toBe(false)
    expect((await late.take(0)).isMine).toBe(false)
    await late.finish((await late.last())!.id)
    expect((await late.take(0)).isMine).toBe(true)
  })

  it('is due again after the interval, and not while one runs', async () => {
    let now = NOW
    const passes = createPasses(database, () => now)
    const first = await passes.take(MINUTE)
    now += 2 * MINUTE
    expect((await passes.take(MINUTE)).isMine).toBe(false)
    await passes.finish(first.pass.id)
    expect((await passes.take(5 * MINUTE)).isMine).toBe(false)
    expect((await passes.take(MINUTE)).isMine).toBe(true)
    expect(await passes.last()).toMatchObject({ started: now, finished: null })
  })

  it('that never ended does not hold up all others for ever', async () => {
    let now = NOW
    const passes = createPasses(database, () => now)
    await passes.take(MINUTE)
    now += LONGEST_PASS + 1
    expect((await passes.take(MINUTE)).isMine).toBe(true)
  })

  it('of the future, when the clock was set back, does not count', async () => {
    let now = NOW
    const passes = createPasses(database, () => now)
    await passes.take(MINUTE)
    now -= 24 * 60 * MINUTE
    expect((await passes.take(MINUTE)).isMine).toBe(true)
  })
})

describe('a schedule', () => {
  function schedule(interval: number, look: (stop: AbortSignal) => Promise<undefined>, troubles: string[] = []) {
    return createSchedule({ passes: createPasses(database), interval, look, done() {}, trouble: what => troubles.push(what) })
  }

  it('looks once in an interval, and never without one', async () => {
    let looks = 0
    const look = async () => {
      looks++
      return undefined
    }
    const due = schedule(60 * MINUTE, look)
    expect(await due.whenDue()).toBe(true)
    expect(await due.whenDue()).toBe(false)
    expect(await schedule(0, look).whenDue()).toBe(false)
    expect(looks).toBe(1)
    expect(await createPasses(database).last()).toMatchObject({ error: null, finished: expect.any(Number) })
  })

  it('begins one when asked, and says which one runs already', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const manual = schedule(0, () => promise)
    const first = await manual.start()
    const second = await manual.start()
    expect([first.isMine, second.isMine, second.pass.id]).toEqual([true, false, first.pass.id])
    resolve(undefined)
    await manual.close()
    expect((await createPasses(database).last())!.finished).not.toBeNull()
  })

  it('breaks off when it is closed, and begins nothing any more', async () => {
    const stopped = schedule(MINUTE, stop => new Promise((_, reject) => stop.addEventListener('abort', () => reject(stop.reason))))
    const due = stopped.whenDue()
    while (!await createPasses(database).last()) await new Promise(setImmediate)
    await stopped.close()
    expect(await due).toBe(true)
    expect(await createPasses(database).last()).toMatchObject({ error: 'The server was stopped.' })
    await database.orm.delete(tables.passes)
    expect(await stopped.whenDue()).toBe(false)
  })

  it('survives a look that fails', async () => {
    const troubles: string[] = []
    const failing = schedule(MINUTE, () => Promise.reject(new Error('no')), troubles)
    expect(await failing.whenDue()).toBe(true)
    expect(troubles).toEqual(['looking at registries'])
    expect((await createPasses(database).last())!.error).toMatch(/failed/)
  })
})

describe('arrivals', () => {
  const A = 'pkg:npm/a@1.0.0'
  const B = 'pkg:npm/b@1.0.0'

  it('are of the first sight, and what is missing is looked for first where it was not looked for yet', async () => {
    const arrivals = createArrivals(database)
    await arrivals.saw('npm', [A, B], NOW)
    await arrivals.saw('npm', [A], NOW + 5)
    expect(await arrivals.pending('npm', 'm1', 0, 10)).toEqual([A, B])
    await arrivals.missed('m1', [A], NOW + 10)
    expect(await arrivals.pending('npm', 'm1', 0, 10)).toEqual([B, A])
    expect(await arrivals.pending('npm', 'm1', 0, 1)).toEqual([B])
    expect(await arrivals.pending('npm', 'm1', NOW + 1, 10)).toEqual([])
    await arrivals.saw('m1', [A], NOW + 20)
    await arrivals.missed('m1', [A], NOW + 30)
    await arrivals.saw('m1', [A], NOW + 40)
    expect(await arrivals.pending('npm', 'm1', 0, 10)).toEqual([B])
    // Another mirror has its own.
    expect(await arrivals.pending('npm', 'm2', 0, 10)).toEqual([A, B])
    const between = await arrivals.between('npm', 'm1', NOW, NOW)
    expect(between.toSorted((a, b) => (a.seen ?? 0) - (b.seen ?? 0))).toEqual([
      { arrived: NOW, seen: null, missing: null }, { arrived: NOW, seen: NOW + 20, missing: NOW + 10 },
    ])
    expect(await arrivals.between('npm', 'm1', NOW + 1, NOW + 100)).toEqual([])
  })

  it('go after their time, what never came as well', async () => {
    const arrivals = createArrivals(database)
    await arrivals.saw('npm', [A], NOW)
    await arrivals.missed('m1', [A], NOW + 10)
    await arrivals.deleteBefore(NOW)
    expect(await database.orm.select().from(tables.arrivals)).toHaveLength(2)
    await arrivals.deleteBefore(NOW + 1)
    expect(await database.orm.select().from(tables.arrivals)).toEqual([])
  })
})

describe('what was measured', () => {
  const probe = (at: number, rest: Partial<Probe> = {}): Probe =>
    ({ kind: 'ping', at, isOk: true, status: 200, latency: 1.5, size: null, duration: null, error: null, ...rest })

  it('is read by time, in any number, also where many have the same', async () => {
    const store = createStore(database)
    await store.addProbes('npm', Array.from({ length: 2_500 }, (_, n) => probe(NOW + (n % 3))))
    await store.addProbes('m1', [probe(NOW)])
    expect(await store.probesBetween('npm', NOW, NOW + 2)).toHaveLength(2_500)
    expect(await store.probesBetween('npm', NOW + 1, NOW + 1)).toHaveLength(833)
    expect(await store.probesBetween('m1', NOW, NOW)).toEqual([probe(NOW)])
    await store.deleteBefore(NOW + 2)
    expect(await store.probesBetween('npm', 0, NOW + 2)).toHaveLength(833)
  })

  it('comes in pages, newest first', async () => {
    const store = createStore(database)
    await store.addProbes('npm', [probe(NOW), probe(NOW + 1, { kind: 'tarball' }), probe(NOW + 2)])
    const [newest, next] = await store.probePage('npm', { limit: 2 })
    expect([newest!.at, next!.at]).toEqual([NOW + 2, NOW + 1])
    expect((await store.probePage('npm', { limit: 2, before: next!.id })).map(({ at }) => at)).toEqual([NOW])
    expect((await store.probePage('npm', { limit: 2, kind: 'tarball' })).map(({ at }) => at)).toEqual([NOW + 1])
  })

  it('is one comparison for each version and one line for each feature, the last one', async () => {
    const store = createStore(database)
    await store.addComparisons('npm', [{ subject: 'pkg:npm/a@1.0.0', at: NOW, found: { isPresent: false } }])
    await store.addComparisons('npm', [{ subject: 'pkg:npm/a@1.0.0', at: NOW + 1, found: { isPresent: true, integrity: 'equal' } }])
    expect(await store.comparisonsBetween('npm', 0, NOW + 1)).toEqual([{ subject: 'pkg:npm/a@1.0.0', at: NOW + 1, found: { isPresent: true, integrity: 'equal' } }])
    // How many agreed is kept of every look: that one of them is compared again changes nothing of what was.
    const other = { subject: 'pkg:npm/a@1.0.0', at: NOW + 2, found: { isPresent: true, integrity: 'other' } } as const
    await store.addComparisons('npm', [other, { ...other, subject: 'pkg:npm/b@1.0.0', found: { isPresent: true, integrity: 'equal' } }])
    expect(await store.agreementsBetween('npm', 0, NOW + 2)).toEqual([
      { at: NOW + 1, equal: 1, compared: 1 }, { at: NOW + 2, equal: 1, compared: 2 },
    ])
    await store.deleteBefore(NOW + 2)
    expect((await store.agreementsBetween('npm', 0, NOW + 2)).map(({ at }) => at)).toEqual([NOW + 2])
    await store.addFeatures('npm', [{ feature: 'etag', isOk: false, detail: 'None.' }], NOW)
    await store.addFeatures('npm', [{ feature: 'etag', isOk: true }], NOW + 1)
    expect(await store.features('npm')).toEqual([{ feature: 'etag', isOk: true, at: NOW + 1 }])
    expect([await store.lastFeatures('npm'), await store.lastFeatures('m1')]).toEqual([NOW + 1, undefined])
  })
})
