import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tables } from '../../../server/database/index.ts'
import { createIncidents, type IncidentQuery, type Incidents } from '../../../server/incidents/index.ts'
import { incidentDigest } from '../../../shared/record/index.ts'
import { ASKED, createTestDatabase, report, type TestDatabase } from './fixture.ts'

let test: TestDatabase
beforeEach(async () => {
  test = await createTestDatabase()
})
afterEach(() => test.remove())

describe('reports', () => {
  it('are kept once for each cause, by whoever comes first, and told of once', async () => {
    const told: string[] = []
    const incidents = createIncidents(test.database, ({ cause }) => told.push(cause))
    const added = await Promise.all([incidents.report([report('a'), report('b')]), incidents.report([report('b'), report('c')])])
    expect(added.flatMap(causes => [...causes]).toSorted()).toEqual(['a', 'b', 'c'])
    expect(told.toSorted()).toEqual(['a', 'b', 'c'])
    expect(await incidents.report([report('a')])).toEqual(new Set())
    expect(await incidents.report([])).toEqual(new Set())
    expect(told).toHaveLength(3)
    const rows = await test.database.orm.select().from(tables.incidents)
    expect(rows.map(({ kind, cause, record, evidence }) => ({ kind, cause, record, evidence: JSON.parse(evidence) }))).toEqual(['a', 'b', 'c'].map(cause =>
      ({ kind: 'conflict', cause, record: 7, evidence: { asked: ASKED, details: { cause } } })))
    expect(Math.abs(rows[0]!.noticed - Date.now())).toBeLessThan(60_000)
  })

  it('are to be delivered to every receiver, but only what is new', async () => {
    const before = createIncidents(test.database, () => {})
    await before.report([report('old')])
    const incidents = createIncidents(test.database, () => {}, ['r1', 'r2'])
    await incidents.report([report('old'), report('a'), report('b'), report('b')])
    const rows = await test.database.orm.select().from(tables.deliveries)
    const shown = rows.map(({ incident, receiver, attempts, delivered }) => [incident, receiver, attempts, delivered])
    expect(shown.toSorted()).toEqual([
      [2, 'r1', 0, null], [2, 'r2', 0, null], [3, 'r1', 0, null], [3, 'r2', 0, null],
    ])
    expect(rows.every(({ next }) => next !== null && next <= Date.now())).toBe(true)
  })

  it('of a hostile registry are cut to what can be kept and digested', async () => {
    const incidents = createIncidents(test.database, () => {})
    const hostile = JSON.parse('{"__proto__": {"x": 1}}') as Record<string, unknown>
    let deep: unknown = 'x'
    for (let n = 0; n < 5_000; n++) deep = [deep]
    await incidents.report([report('a', {
      sentence: 'It \ud800 broke.',
      evidence: {
        asked: ASKED,
        recorded: { index: 3, text: 'x'.repeat(60_000) },
        claimed: {
          integrity: `\udc00${'x'.repeat(1_000_000)}`,
          signatures: Array.from({ length: 5_000 }, () => ({ keyid: 'k', signature: 's' })),
        },
        details: { hostile, deep, number: Number.NaN },
      },
    })])
    const [incident] = await incidents.list({ limit: 1, withPrivate: false })
    const { recorded, claimed } = incident!.evidence
    expect(recorded).toEqual({ index: 3, text: 'x'.repeat(60_000) })
    expect(claimed!.integrity!.length).toBeLessThan(10_000)
    expect(claimed!.signatures!).toHaveLength(100)
    expect(incident!.sentence).toBe('It \ufffd broke.')
    expect(incidentDigest({ ...incident!, subject: null })).toMatch(/^sha256-/)
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })
})

describe('the list', () => {
  let incidents: Incidents
  const causes = async (query: Partial<IncidentQuery>) =>
    (await incidents.list({ limit: 50, withPrivate: false, ...query })).map(({ cause }) => cause)

  beforeEach(async () => {
    incidents = createIncidents(test.database, () => {})
    await incidents.report([
      report('a'),
      report('b', { subject: 'pkg:npm/x@2.0.0?repository_url=acme.example', source: 'acme' }),
      report('c', { subject: 'pkg:npm/x', kind: 'tag-moved-back' }),
      report('d', { subject: 'pkg:npm/xa@1.0.0' }),
      report('e', { subject: 'pkg:npm/%40s/x@1.0.0', isPrivate: true }),
      report('f', { subject: undefined, kind: 'keys-vanished', source: 'acme' }),
    ])
  })

  it('is newest first, in pages', async () => {
    expect(await causes({})).toEqual(['f', 'd', 'c', 'b', 'a'])
    const [first] = await incidents.list({ limit: 1, withPrivate: false })
    expect(await causes({ before: first!.id, limit: 2 })).toEqual(['d', 'c'])
  })

  it('has private ones for operators only', async () => {
    expect(await causes({ withPrivate: true })).toEqual(['f', 'e', 'd', 'c', 'b', 'a'])
    expect(await causes({ package: '@s/x' })).toEqual([])
    expect(await causes({ package: '@s/x', withPrivate: true })).toEqual(['e'])
  })

  it('can be narrowed, by a package of any registry and no other', async () => {
    expect(await causes({ package: 'x' })).toEqual(['c', 'b', 'a'])
    expect(await causes({ package: 'xa' })).toEqual(['d'])
    expect(await causes({ source: 'acme' })).toEqual(['f', 'b'])
    expect(await causes({ kind: 'keys-vanished' })).toEqual(['f'])
  })

  it('knows what is open, and counts it by source', async () => {
    const [newest] = await incidents.list({ limit: 1, withPrivate: false })
    const acknowledgement = { by: 'me', reason: 'seen', at: '2026-01-02T00:00:00.000Z', record: 12 }
    const answers = await Promise.all([incidents.acknowledge(newest!.id, acknowledgement), incidents.acknowledge(newest!.id, { ...acknowledgement, by: 'you' })])
    expect(answers).toEqual([true, false])
    expect((await incidents.find(newest!.id))!.acknowledged).toEqual(acknowledgement)
    expect(await causes({ state: 'acknowledged' })).toEqual(['f'])
    expect(await causes({ state: 'open' })).toEqual(['d', 'c', 'b', 'a'])
    expect(await incidents.countOpen()).toBe(4)
    expect(await incidents.openBySource()).toEqual(new Map([['acme', { conflict: 1 }], ['npm', { 'conflict': 3, 'tag-moved-back': 1 }]]))
  })
})
