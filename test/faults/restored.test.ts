import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { fsck } from '../../server/log/fsck.ts'
import { open, place, versions } from '../unit/log/fixture.ts'
import { letGo, loadWriter, scratch } from './harness.ts'
import { createWitness } from './witness.ts'

const DATABASE = 'registry.db'
const WAL = 'registry.db-wal'
const HEAD = 'sumdb.head'

/** What the log of a folder says of itself when it opens. */
async function statusOf(dir: string) {
  const { log, close } = await open(dir)
  const status = log.status()
  if (status.state !== 'ok') await expect(log.record(versions('more', 1))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', status: 503 })
  await close()
  return status
}

/** The checkpoint that is remembered in a folder. */
function noteIn(dir: string): string {
  return readFileSync(join(dir, HEAD), 'utf8').replace(/\0+$/, '')
}

function readOnly(reason: RegExp) {
  return { state: 'read-only', reason: expect.stringMatching(reason) }
}

/** Copies the files of a database, whatever lies there. */
function copyDatabase(from: string, to: string, { wal = true } = {}): void {
  mkdirSync(to, { recursive: true })
  for (const file of [DATABASE, WAL, 'registry.db-shm']) rmSync(join(to, file), { force: true })
  for (const file of wal ? [DATABASE, WAL] : [DATABASE]) {
    if (existsSync(join(from, file))) copyFileSync(join(from, file), join(to, file))
  }
}

// An older database together with its own remembered head, or with none, looks like a log that never went on. Nothing on this
// machine can tell; whoever keeps a newer checkpoint can.
describe('an older copy of the database', () => {
  it.each([['with', true, 600], ['without', false, 300]])('%s its write-ahead log is not written to', async (_, wal, size) => {
    const dir = place()
    const backup = join(dir, 'backup')
    const first = await open(dir)
    await first.log.record(versions('a', 300))
    await first.close()
    const second = await open(dir)
    await second.log.record(versions('b', 300))
    // A copy of a database in use: what was written last is in its write-ahead log only.
    copyDatabase(dir, backup, { wal })
    expect(statSync(join(dir, WAL)).size).toBeGreaterThan(0)
    await second.log.record(versions('c', 10))
    await second.close()
    copyDatabase(backup, dir)
    expect(await statusOf(dir)).toEqual(readOnly(new RegExp(`has ${size} records, but .*sumdb\\.head says that the log had 610: it is an older copy\\. Restore the newest one`)))
    // To look is not to change: the right copy is still welcome.
    expect(await statusOf(dir)).toEqual(readOnly(/older copy/))
  })

  it('that lost all its tables, or is gone, does not become another log', async () => {
    const dir = place()
    const { log, close } = await open(dir)
    await log.record(versions('a', 3))
    await close()
    rmSync(join(dir, DATABASE))
    expect(await statusOf(dir)).toEqual(readOnly(/The database has no log, but .*sumdb\.head holds a checkpoint of one\. Restore its database/))
  })

  it('of another history under the same key is noticed, however whole it is', async () => {
    const [dir, other] = [place(), place()]
    const first = await open(dir)
    await first.log.record(versions('a', 300))
    await first.close()
    copyFileSync(join(dir, 'sumdb.key'), join(other, 'sumdb.key'))
    const second = await open(other)
    await second.log.record(versions('b', 400))
    expect((await fsck(second.database)).problems).toEqual([])
    await second.close()
    copyDatabase(other, dir)
    expect(await statusOf(dir)).toEqual(readOnly(/The tree does not contain the checkpoint of size 300 in .*sumdb\.head: the database was changed\.$/))
  })
})

describe('a remembered head', () => {
  it.each<[string, (note: string, other: string) => string]>([
    ['empty', () => ''],
    ['torn', note => note.slice(0, 40)],
    ['without its signature', note => note.slice(0, note.indexOf('\n\n') + 1)],
    ['of zero bytes, as after a power failure', note => '\0'.repeat(note.length)],
    ['followed by the end of a longer one', note => `${note}\n`],
    ['edited', note => note.replace('\n300\n', '\n200\n')],
    ['of another log', (_, other) => other],
  ])('that is %s stops the log, which says what to do', async (_, change) => {
    const [dir, elsewhere] = [place(), place()]
    await (await open(elsewhere, { origin: 'other.example' })).close()
    const first = await open(dir)
    await first.log.record(versions('a', 300))
    await first.close()
    const file = join(dir, HEAD)
    const note = noteIn(dir)
    const changed = change(note, noteIn(elsewhere))
    expect(changed).not.toBe(note)
    writeFileSync(file, changed)
    expect(await statusOf(dir)).toEqual(readOnly(/sumdb\.head does not hold a checkpoint signed by this log's key\. Put back what it held; if that is lost and the database is certainly its newest copy, delete the file/))
    // What it says is left for the operator to see.
    expect(readFileSync(file, 'utf8')).toBe(changed)
    rmSync(file)
    expect(await statusOf(dir)).toEqual({ state: 'ok' })
    expect(noteIn(dir)).toBe(note)
  })
})

describe('records that change places', () => {
  it.each([
    ['far from the end, by fsck', 5, 6, undefined, 'Record 5 is filed under the version "1.0.5", but says "1.0.6".'],
    ['at the end, by opening and by fsck', 298, 299, /Record 298 is not what the tree says it is/, 'Record 298 is filed under the version "1.0.298", but says "1.0.299".'],
  ])('are noticed %s', async (_, one, other, sentence, problem) => {
    const dir = place()
    const first = await open(dir)
    await first.log.record(versions('a', 300))
    await first.log.close()
    const text = (index: number) => `(SELECT text FROM records WHERE idx = ${index})`
    await first.database.client.batch([
      `CREATE TEMP TABLE swapped AS SELECT ${text(one)} AS one, ${text(other)} AS other`,
      `UPDATE records SET text = (SELECT other FROM swapped) WHERE idx = ${one}`,
      `UPDATE records SET text = (SELECT one FROM swapped) WHERE idx = ${other}`,
    ], 'write')
    const { problems } = await fsck(first.database)
    expect(problems).toContain(problem)
    await first.database.close()
    expect(await statusOf(dir)).toEqual(sentence ? readOnly(sentence) : { state: 'ok' })
  })
})

describe('a write-ahead log that lost its end', () => {
  it('lost nothing that was acknowledged, or the log notices', async () => {
    const dir = scratch()
    const begun = await open(dir)
    await begun.log.record(versions('begun', 300))
    await begun.close()
    await letGo(dir)
    const writer = await (await loadWriter(dir, join(dir, 'told'), 7)).start()
    // Long enough to be worth cutting, not so long that the database takes it over.
    while (statSync(join(dir, WAL)).size < 500_000) await sleep(5)
    const told = await writer.kill()
    const { size } = statSync(join(dir, WAL))
    expect(size).toBeLessThan(16_000_000)
    const outcomes: string[] = []
    const anywhere = Array.from({ length: 12 }, (_, n) => Math.floor(size * (n + Math.random()) / 12))
    const cuts = [0, 31, ...anywhere, size - 4_096, size - 1, size]
    for (const cut of cuts) {
      const copy = join(dir, `cut-${cut}`)
      copyDatabase(dir, copy)
      for (const file of readdirSync(dir).filter(name => name.startsWith('sumdb.'))) cpSync(join(dir, file), join(copy, file))
      truncateSync(join(copy, WAL), cut)
      const { state, reason } = await statusOf(copy)
      if (state === 'ok') {
        const witness = createWitness(copy)
        witness.hear(told)
        await witness.check()
      } else {
        expect(reason).toMatch(/^The database has \d+ records, but .*sumdb\.head says that the log had \d+: it is an older copy\./)
      }
      outcomes.push(state)
    }
    expect(outcomes.at(-1)).toBe('ok')
    expect(outcomes.filter(state => state === 'read-only').length).toBeGreaterThan(8)
    console.info(`${cuts.length} cuts through ${size} bytes: ${outcomes.join(' ')}`)
  })
})
