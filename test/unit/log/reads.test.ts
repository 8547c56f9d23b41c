import { describe, expect, it } from 'vitest'
import type { Log } from '../../../server/log/index.ts'
import { createReader } from '../../../server/log/reader.ts'
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

describe('a list of records', () => {
  const list = async (log: Log, query: object) => (await log.list({ limit: 50, ...query })).entries.map(({ index }) => index)
  const ofAcme = { name: '@acme/y', namespace: 'npm.acme.example/path' }

  it('is filtered by evidence and by authority, alone and with all else', async () => {
    const { log, close } = await open(place())
    const fetched = { ...version('b', '1.0.0'), evidence: 'fetched' } as RecordDraft
    await log.record([
      version('a', '1.0.0'), fetched, tags('@acme/y', '1.0.0', ofAcme.namespace),
      { ...version('@acme/y', '1.0.0'), subject: { ...ofAcme, version: '1.0.0' } } as RecordDraft,
      { kind: 'keys', namespace: ofAcme.namespace, keys: [] }, { kind: 'keys', namespace: 'npm.example', keys: [] },
    ])
    expect(await list(log, { evidence: 'claimed' })).toEqual([3, 0])
    expect(await list(log, { evidence: 'fetched' })).toEqual([1])
    expect(await list(log, { evidence: 'fetched', kind: 'tags' })).toEqual([])
    expect(await list(log, { namespace: ofAcme.namespace })).toEqual([4, 3, 2])
    expect(await list(log, { namespace: ofAcme.namespace, kind: 'version', evidence: 'claimed' })).toEqual([3])
    expect(await list(log, { namespace: ofAcme.namespace, prefix: '@acme' })).toEqual([3, 2])
    expect(await list(log, { namespace: 'npm.example' })).toEqual([5, 1, 0])
    expect(await list(log, { namespace: 'npm.example', package: { name: 'b' } })).toEqual([1])
    expect(await list(log, { namespace: 'nobody.example' })).toEqual([])
    expect(await list(log, { evidence: 'claimed', before: 3 })).toEqual([0])
    expect(await list(log, { evidence: 'signed' })).toEqual([])
    const signed = { ...version('c', '1.0.0'), evidence: 'signed', signature: { keyid: `SHA256:${'k'.repeat(43)}`, signature: 'c2ln' } } as RecordDraft
    await log.record([signed])
    expect(await list(log, { evidence: 'signed' })).toEqual([6])
    expect(await list(log, { evidence: 'claimed' })).toEqual([3, 0])
    expect(await log.namespaces()).toEqual(['npm.example', ofAcme.namespace])
    await close()
  })

  it('looks at so many records for one answer, and says how far it looked', async () => {
    const { log, database, close } = await open(place())
    await log.record([version('wanted', '1.0.0')])
    // The tree is of no interest here: 20,500 rows, of as many packages.
    await database.client.execute(`INSERT INTO packages (purl) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20500) SELECT 'pkg:npm/w' || i FROM n`)
    await database.client.execute(`INSERT INTO records (idx, kind, package_id, version, text) SELECT id - 1, 'tags', id, NULL, 'tags ' || purl || char(10) FROM packages WHERE id > 1`)
    const reader = createReader(database)
    const first = await reader.list({ before: 20_501, limit: 5, prefix: 'w', kind: 'version' })
    expect(first).toEqual({ entries: [], from: 501 })
    const second = await reader.list({ before: first.from, limit: 5, prefix: 'w', kind: 'version' })
    expect([second.entries.map(({ index }) => index), second.from]).toEqual([[0], 0])
    await close()
  })

  it.each<[what: string, where: string, index: string]>([
    ['evidence', `kind = 'version' AND evidence = 'fetched' AND evidence <> 'signed'`, 'versions_by_evidence'],
    ['an authority', `namespace = 'npm.acme.example'`, 'records_by_namespace'],
  ])('by %s is found by an index, without sorting', async (_, where, index) => {
    const { database, close } = await open(place())
    const { rows } = await database.client.execute(`EXPLAIN QUERY PLAN SELECT idx FROM records WHERE idx < 9 AND ${where} ORDER BY idx DESC LIMIT 1`)
    const steps = rows.map(({ detail }) => String(detail)).join()
    expect(steps).toContain(`INDEX ${index} (`)
    expect(steps).not.toContain('B-TREE')
    await close()
  })
})
