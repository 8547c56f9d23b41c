import { describe, expect, it } from 'vitest'
import type { RecordDraft } from '../../../shared/record/index.ts'
import { open, place, version } from './fixture.ts'

const tags = (name: string, latest: string, namespace?: string): RecordDraft =>
  ({ kind: 'tags', subject: namespace === undefined ? { name } : { name, namespace }, tags: [{ name: 'latest', version: latest }] })
const withdrawn = (name: string, version: string): RecordDraft => ({ kind: 'withdrawn', subject: { name, version } })

describe('the last tags of a package', () => {
  it('are those of this package that were recorded last', async () => {
    const { log, close } = await open(place())
    expect(await log.tagsOf({ name: 'a' })).toBeUndefined()
    await log.record([tags('a', '1.0.0'), version('a', '1.0.0'), tags('b', '3.0.0'), tags('a', '2.0.0', 'other.example')])
    await log.record([tags('a', '1.1.0'), withdrawn('a', '1.0.0')])
    expect(await log.tagsOf({ name: 'a' })).toMatchObject({ index: 4, record: { kind: 'tags', tags: [{ name: 'latest', version: '1.1.0' }] } })
    expect(await log.tagsOf({ name: 'a', namespace: 'other.example' })).toMatchObject({ index: 3 })
    expect(await log.tagsOf({ name: 'c' })).toBeUndefined()
    await close()
  })

  it('are found by an index, without sorting', async () => {
    const { database, close } = await open(place())
    const { rows } = await database.client.execute(`EXPLAIN QUERY PLAN SELECT idx FROM records
      WHERE kind <> 'version' AND package_id = (SELECT id FROM packages WHERE purl = 'pkg:npm/a')
        AND idx < 9 AND version IS NULL AND kind = 'tags' AND key IS NULL ORDER BY idx DESC LIMIT 1`)
    const steps = rows.map(({ detail }) => String(detail))
    expect(steps[0]).toMatch(/INDEX one_record_per_cause \(package_id=\? AND version=\? AND kind=\?/)
    expect(steps.join()).not.toContain('B-TREE')
    await close()
  })
})

describe('the withdrawn versions of a package', () => {
  it('are those that are recorded so', async () => {
    const { log, close } = await open(place())
    await log.record([version('a', '1.0.0'), version('a', '2.0.0'), version('b', '1.0.0')])
    expect(await log.withdrawnOf({ name: 'a' })).toEqual(new Set())
    await log.record([withdrawn('a', '1.0.0'), withdrawn('b', '1.0.0')])
    expect(await log.withdrawnOf({ name: 'a' })).toEqual(new Set(['1.0.0']))
    await close()
  })
})
