import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { openDatabase } from '../../../server/database/index.ts'
import { fsck } from '../../../server/log/fsck.ts'
import type { Log, Standing } from '../../../server/log/index.ts'
import { formatRecord, type RecordDraft } from '../../../shared/record/index.ts'
import { encodeBase64, leafHash, rootOf } from '../../../shared/tlog/index.ts'
import { createFaultyDatabase, FAULTS, until, type FaultyDatabase } from './faulty.ts'
import { open, OTHER_INTEGRITY, place, version, versions } from './fixture.ts'

/** Everything that any key signed, whether anyone saw it or not. */
const signed = vi.hoisted<{ size: number, root: Uint8Array }[]>(() => [])
vi.mock('../../../server/log/signer.ts', async (original) => {
  const signer = await original<typeof import('../../../server/log/signer.ts')>()
  return {
    ...signer,
    createSigner(key: string) {
      const created = signer.createSigner(key)
      return {
        ...created,
        sign(size: number, root: Uint8Array) {
          signed.push({ size, root })
          return created.sign(size, root)
        },
      }
    },
  }
})

beforeEach(() => void signed.splice(0))

const PATIENCE = 150
const UNAVAILABLE = { code: 'LOG_UNAVAILABLE', status: 503, retryAfter: expect.any(Number), message: expect.stringMatching(/^\S.{20,}\.$/) }

interface Scene {
  dir: string
  log: Log
  database: FaultyDatabase
  troubles: string[]
  /** What was acknowledged. */
  acks: Standing[]
  record(drafts: RecordDraft[]): Promise<Standing[]>
  /**
   * When all is well again: the log recovered by itself, the same drafts are recorded, everything acknowledged is there, every
   * signed state is the beginning of one history, and a restart finds nothing wrong.
   */
  end(repeated: RecordDraft[]): Promise<void>
}

async function begin(): Promise<Scene> {
  const dir = place()
  const database = createFaultyDatabase(await openDatabase(pathToFileURL(join(dir, 'registry.db')).href, { lockTimeout: 20 }))
  const { log, troubles } = await open(dir, { database, patience: PATIENCE })
  const acks: Standing[] = []
  async function record(drafts: RecordDraft[]) {
    const standings = await log.record(drafts)
    acks.push(...standings)
    return standings
  }
  await record(versions('before', 253))
  return {
    dir, log, database, troubles, acks, record,
    async end(repeated) {
      await database.heal()
      await until('The log recovers', () => log.status().state === 'ok')
      expect(log.status()).toEqual({ state: 'ok' })
      await record(repeated)
      await record(versions('after', 5))
      await log.close()
      await database.close()

      const again = await open(dir)
      expect(again.log.status()).toEqual({ state: 'ok' })
      const head = await again.log.head()
      const texts = await again.log.texts(0, head.size)
      const leaves = texts.map(text => leafHash(new TextEncoder().encode(text)))
      for (const { index, record } of acks) expect(texts[index]).toBe(formatRecord(record))
      expect(signed.length).toBeGreaterThan(2)
      for (const { size, root } of signed) {
        expect(size).toBeLessThanOrEqual(head.size)
        expect(`${size} ${encodeBase64(root)}`).toBe(`${size} ${encodeBase64(rootOf(leaves.slice(0, size)))}`)
      }
      expect((await fsck(again.database)).problems).toEqual([])
      expect((await again.log.checkpoints({ limit: 1_000 })).map(({ size }) => size)).toContain(head.size)
      await again.close()
    },
  }
}

/** As callers see it: some wait for one record, some for more than fit into one commit. */
const DRAFTS = [[version('one', '1.0.0')], versions('many', 300), [version('one', '1.0.0'), version('before', '1.0.0')]]

/** The same, and in each commit something that is recorded already: it has to be looked up. */
const REPEATING = DRAFTS.map(drafts => [...drafts, version('before', '1.0.1')])

async function recordAll({ record }: Scene, drafts = DRAFTS): Promise<PromiseSettledResult<Standing[]>[]> {
  return Promise.allSettled(drafts.map(some => record(some)))
}

describe.each([['append', DRAFTS], ['standing', REPEATING]] as const)('while to %s fails', (operation, drafts) => {
  it.each(FAULTS)('(%s) everybody is refused with a sentence, and recorded later', async (fault) => {
    const scene = await begin()
    const { log, database } = scene
    const before = await log.head()
    await database.break(operation, fault)
    const results = await recordAll(scene, drafts)
    expect(database.hits()).toBeGreaterThan(0)
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    for (const result of results) expect(result).toMatchObject({ reason: UNAVAILABLE })
    expect(scene.troubles).not.toEqual([])

    const status = log.status()
    // Whoever holds the lock: nothing was written, and the next one may be luckier.
    if (fault === 'busy') expect(status).toEqual({ state: 'ok' })
    else expect(status).toEqual({ state: 'recovering', reason: expect.stringMatching(/^Nothing is appended until it is certain what was written \(.+\)\.$/) })
    // What is public stays public.
    expect((await log.head()).checkpoint).toBe(before.checkpoint)
    expect((await log.findVersion({ name: 'before', version: '1.0.7' }))!.index).toBe(7)
    await scene.end(drafts.flat())
  })
})

describe('a commit whose answer does not come', () => {
  it.each<[string, (perform: () => Promise<unknown>, release: Promise<void>) => Promise<unknown>]>([
    ['at once', perform => perform()],
    ['after the log went on', async (perform, release) => {
      await release
      return perform()
    }],
  ])('but which is done %s, does not fork the log', async (_, when) => {
    const scene = await begin()
    const { log, database } = scene
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const late: Promise<unknown>[] = []
    database.hold('append', (perform) => {
      late.push(when(perform, released))
      return new Promise(() => {})
    })
    const started = performance.now()
    const results = await recordAll(scene)
    expect(performance.now() - started).toBeLessThan(PATIENCE + 2_000)
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: UNAVAILABLE })
    await database.heal()
    await until('The log recovers', () => log.status().state === 'ok')
    await scene.record(versions('meanwhile', 3))
    release()
    const [outcome] = await Promise.allSettled(late)
    expect(late).toHaveLength(1)
    // Done late it is done in vain: the head was elsewhere.
    expect(outcome!.status).toBe(when.length === 1 ? 'fulfilled' : 'rejected')
    await scene.end(DRAFTS.flat())
  })

  it('and which is done between recovery and the next commit, is taken over', async () => {
    const scene = await begin()
    const { log, database } = scene
    const held: (() => Promise<unknown>)[] = []
    database.hold('append', (perform) => {
      held.push(perform)
      return new Promise(() => {})
    })
    await recordAll(scene)
    await database.heal()
    await until('The log recovers', () => log.status().state === 'ok')
    await held[0]!()
    const [standing] = await scene.record(DRAFTS[0]!)
    expect(standing).toMatchObject({ index: 253, isNew: false })
    const [next] = await scene.record([version('next', '1.0.0')])
    // The commit that came late held one of a full batch.
    expect(next!.index).toBe(253 + 256)
    await scene.end(DRAFTS.flat())
  })
})

describe('while a checkpoint cannot be remembered outside of the database', () => {
  it('nothing is acknowledged or shown, and what was committed is published later', async () => {
    const scene = await begin()
    const { log, dir } = scene
    const before = await log.head()
    const file = join(dir, 'sumdb.head')
    rmSync(file)
    mkdirSync(join(file, 'in-the-way'), { recursive: true })
    const results = await recordAll(scene)
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: UNAVAILABLE })
    expect(log.status()).toEqual({ state: 'recovering', reason: expect.stringContaining('sumdb.head') })
    expect((await log.head()).checkpoint).toBe(before.checkpoint)
    // Committed, but not public.
    expect(await log.findVersion({ name: 'one', version: '1.0.0' })).toBeUndefined()
    expect((await log.texts(0, 1_000)).length).toBe(253)
    rmSync(file, { recursive: true })
    await until('The log recovers', () => log.status().state === 'ok')
    expect(existsSync(file)).toBe(true)
    const [standing] = await scene.record(DRAFTS[0]!)
    expect(standing).toMatchObject({ index: 253, isNew: false })
    await scene.end(DRAFTS.flat())
  })
})

describe('while to keep a checkpoint fails', () => {
  it.each(FAULTS)('(%s) it is said, nobody notices, and it is signed again', async (fault) => {
    const scene = await begin()
    const { log, database } = scene
    await database.break('keep', fault)
    await scene.record([version('one', '1.0.0')])
    await until('The checkpoint is kept', () => database.hits() > 0)
    await until('The failure is told', () => scene.troubles.length > 0)
    expect(scene.troubles).toEqual([expect.stringMatching(/^keeping a checkpoint: /)])
    expect(log.status()).toEqual({ state: 'ok' })
    const [first] = await log.checkpoints({ limit: 1 })
    expect(first!.checkpoint).toBe((await log.head()).checkpoint)
    await scene.end(DRAFTS.flat())
  })

  it('a log that closes says so and closes', async () => {
    const scene = await begin()
    await scene.database.break('keep', 'hanging')
    const { checkpoint } = await scene.log.head()
    await scene.log.close()
    expect(scene.troubles).toEqual([expect.stringMatching(/^keeping a checkpoint: .*did not answer within 0.15 seconds/)])
    const again = await open(scene.dir)
    expect((await again.log.checkpoints({ limit: 1 }))[0]!.checkpoint).toBe(checkpoint)
    await again.close()
  })
})

describe('a record that the tree does not have', () => {
  it('is not given out, and stops the log', async () => {
    const { log, database } = await begin()
    const before = await log.head()
    await database.client.execute(`
      INSERT INTO records (idx, kind, package_id, version, text)
      SELECT 300, kind, package_id, '9.9.9', replace(text, '1.0.0', '9.9.9') FROM records WHERE idx = 0`)
    expect(await log.findVersion({ name: 'before', version: '9.9.9' })).toBeUndefined()
    await expect(log.record([version('before', '9.9.9')])).rejects.toMatchObject(UNAVAILABLE)
    expect(log.status()).toEqual({ state: 'read-only', reason: 'The database has record 300, but its tree only 253 records.' })
    await expect(log.record([version('more', '1.0.0')])).rejects.toMatchObject(UNAVAILABLE)
    expect((await log.head()).checkpoint).toBe(before.checkpoint)
    await log.close()
    await database.close()
  })
})

describe('while to follow another process fails', () => {
  it('(it appends between two looks) nothing is taken for damage', async () => {
    const scene = await begin()
    const other = await open(scene.dir)
    const [found] = await other.log.record([version('other', '1.0.0')])
    let between: Standing[] = []
    scene.database.hold('reload', async (perform) => {
      if (between.length === 0) between = await other.log.record([version('other', '1.0.1', OTHER_INTEGRITY)])
      return perform()
    })
    const standings = await scene.record(['1.0.0', '1.0.1', '1.0.2'].map(one => version('other', one)))
    expect(standings.map(({ index }) => index)).toEqual([found!.index, between[0]!.index, 255])
    expect(standings.map(({ isNew }) => isNew)).toEqual([false, false, true])
    expect(standings[1]!.record).toMatchObject({ integrity: OTHER_INTEGRITY })
    expect(scene.log.status()).toEqual({ state: 'ok' })
    await other.close()
    await scene.end(DRAFTS.flat())
  })

  it.each(FAULTS)('(%s) the last public state stays, and appending waits until it is known what the other wrote', async (fault) => {
    const scene = await begin()
    const { log, database } = scene
    const before = await log.head()
    await database.break('reload', fault)
    const other = await open(scene.dir)
    scene.acks.push(...await other.log.record(versions('other', 7)))
    await other.close()
    // Found in the database, but beyond what this process knows to be public.
    const found = await log.findVersion({ name: 'other', version: '1.0.0' })
    expect(database.hits()).toBeGreaterThan(0)
    expect(found).toBeUndefined()
    expect((await log.head()).checkpoint).toBe(before.checkpoint)
    const results = await recordAll(scene)
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: UNAVAILABLE })
    expect(scene.troubles).not.toEqual([])
    await database.heal()
    await until('The log recovers', () => log.status().state === 'ok')
    const [standing] = await scene.record([version('other', '1.0.6')])
    expect(standing).toMatchObject({ index: 259, isNew: false })
    await scene.end(DRAFTS.flat())
  })
})
