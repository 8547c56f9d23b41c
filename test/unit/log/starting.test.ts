import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createRememberedHead } from '../../../server/log/remembered.ts'
import { open, place, version, versions } from './fixture.ts'

it('several processes that begin a log at once begin one', async () => {
  for (let round = 0; round < 20; round++) {
    const dir = place()
    const opened = await Promise.all(Array.from({ length: 5 }, () => open(dir)))
    for (const { log } of opened) expect(log.status()).toEqual({ state: 'ok' })
    expect(new Set(opened.map(({ log }) => log.vkey)).size).toBe(1)
    const standings = await Promise.all(opened.map(({ log }, n) => log.record([version(`p${n}`, '1.0.0')])))
    expect(standings.map(([one]) => one!.index).sort()).toEqual([0, 1, 2, 3, 4])
    for (const { close } of opened) await close()
    expect(readdirSync(dir).filter(name => name.startsWith('sumdb.'))).toEqual(['sumdb.head', 'sumdb.key'])
  }
}, 60_000)

it('a process starts beside one that appends all the time', async () => {
  const dir = place()
  const busy = await open(dir)
  let isWriting = true
  const writing = (async () => {
    for (let n = 0; isWriting; n += 3) await busy.log.record(versions('busy', 3, n))
  })()
  for (let round = 0; round < 40; round++) {
    const { log, close } = await open(dir)
    expect(log.status()).toEqual({ state: 'ok' })
    const [first] = await log.record([version('beside', `1.0.${round}`)])
    expect(first!.isNew).toBe(true)
    await close()
  }
  isWriting = false
  await writing
  expect((await busy.log.head()).size).toBeGreaterThan(80)
  await busy.close()
}, 60_000)

it('a process that knows an older state does not put it in the place of what another remembered', async () => {
  const dir = place()
  const [idle, busy] = [await open(dir), await open(dir)]
  await busy.log.record(versions('a', 5))
  const { checkpoint } = await busy.log.head()
  await idle.close()
  expect(await createRememberedHead(join(dir, 'sumdb.head')).read()).toBe(checkpoint)
  await busy.close()
})

it('remembers a shorter checkpoint in the place of a longer one with a single write', async () => {
  const file = join(place(), 'sumdb.head')
  const remembered = createRememberedHead(file)
  expect(await remembered.read()).toBeUndefined()
  const { ino } = (remembered.write('of a thousand\n'), statSync(file))
  for (const checkpoint of ['of 9\n', 'of ten and more\n', 'of 9\n']) {
    remembered.write(checkpoint)
    expect(await remembered.read()).toBe(checkpoint)
    expect(statSync(file)).toMatchObject({ ino, size: 4_096 })
  }
  expect(() => remembered.write('x'.repeat(4_097))).toThrow(/longer than/)
  expect(await remembered.read()).toBe('of 9\n')
})

it('a process that was killed while it made the key leaves none', async () => {
  const dir = place()
  // What is left of it: a part of the key, under a name that nobody reads.
  writeFileSync(join(dir, 'sumdb.key.0123456789ab'), 'PRIVATE+KEY+loc')
  const { log, close } = await open(dir)
  expect(log.status()).toEqual({ state: 'ok' })
  await close()
  expect(existsSync(join(dir, 'sumdb.key'))).toBe(true)
  rmSync(join(dir, 'sumdb.key'))
  // Nor is a new one made where there was a log.
  const without = await open(dir)
  expect(without.log.status()).toMatchObject({ state: 'read-only', reason: expect.stringMatching(/key of the log "localhost" is missing/) })
  await without.close()
})
