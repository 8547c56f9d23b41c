import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase, type Database } from '../../../server/database/index.ts'
import { createPins } from '../../../server/verify/pins.ts'
import type { Ledger, VersionDraft } from '../../../server/verify/types.ts'
import { claim, createBench, sha512, summary, upstream } from './bench.ts'

let dir: string
let database: Database
let pins: Ledger

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pins-'))
  database = await openDatabase(`file:${join(dir, 'registry.db')}`)
  pins = createPins(database, 'npm.example')
})
afterAll(async () => {
  await database.close()
  await rm(dir, { recursive: true, force: true })
})

const draft = (name: string, version: string, content: string, namespace?: string): VersionDraft => ({
  kind: 'version', subject: { name, version, ...(namespace && { namespace }) }, integrity: sha512(content), manifest: claim('').manifest, evidence: 'claimed',
})

describe('pins', () => {
  it('keep what came first', async () => {
    const first = await pins.record([draft('a', '1.0.0', 'one'), draft('a', '2.0.0', 'two')])
    expect(first.map(({ isNew, record }) => [isNew, record.kind === 'version' && record.integrity])).toEqual([[true, sha512('one')], [true, sha512('two')]])
    const second = await pins.record([draft('a', '2.0.0', 'other'), draft('a', '3.0.0', 'three')])
    expect(second.map(({ isNew, record }) => [isNew, record.kind === 'version' && record.integrity])).toEqual([[false, sha512('two')], [true, sha512('three')]])
    expect([...(await pins.versionsOf({ name: 'a' })).keys()].toSorted()).toEqual(['1.0.0', '2.0.0', '3.0.0'])
  })

  it('keep authorities and names apart', async () => {
    await pins.record([draft('b', '1.0.0', 'one')])
    await pins.record([draft('b', '1.0.0', 'two', 'other.example')])
    const of = async (name: string, namespace?: string) => (await pins.versionsOf({ name, ...(namespace && { namespace }) })).get('1.0.0')?.record.integrity
    expect(await of('b')).toBe(sha512('one'))
    expect(await of('b', 'other.example')).toBe(sha512('two'))
    expect(await of('B')).toBeUndefined()
  })

  it('take thousands at once', async () => {
    const drafts = Array.from({ length: 5_000 }, (_, n) => draft('many', `1.${n}.0`, String(n)))
    expect((await pins.record(drafts)).every(({ isNew }) => isNew)).toBe(true)
    expect((await pins.versionsOf({ name: 'many' })).size).toBe(5_000)
  })

  it('stand for private names, of which the log sees nothing', async () => {
    const bench = createBench({ pins })
    const judge = (content: string) => bench.judge(upstream(), summary({ '1.0.0': claim(content) }, { name: '@private/x' }))
    expect((await judge('a')).withheld.size).toBe(0)
    expect((await judge('a')).withheld.size).toBe(0)
    const { withheld } = await judge('evil')
    expect(withheld.get('1.0.0')).toMatchObject({ code: 'CONFLICT' })
    expect(bench.log.texts).toEqual([])
    expect(bench.log.calls).toEqual({ versionsOf: 0, record: 0 })
    expect(bench.incidents).toMatchObject([{ record: undefined, isPrivate: true, evidence: { recorded: { pinned: { integrity: sha512('a') } }, claimed: { sha512: sha512('evil') } } }])
  })

  it('that cannot be written withhold for now', async () => {
    const bench = createBench({ pins: { ...pins, record: async (drafts) => {
      const closed = await openDatabase(`file:${join(dir, 'closed.db')}`)
      await closed.close()
      return createPins(closed, 'npm.example').record(drafts)
    } } })
    const { withheld, failure } = await bench.judge(upstream(), summary({ '1.0.0': claim('a') }, { name: '@private/closed' }))
    expect(withheld.get('1.0.0')).toMatchObject({ code: 'LOG_UNAVAILABLE' })
    expect(failure).toBeDefined()
  })
})
