import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDatabase, tables, type Database } from '../../../server/database/index.ts'
import { createIncidents, type IncidentReport } from '../../../server/incidents/index.ts'

let dir: string
let database: Database
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'incidents-'))
  database = await openDatabase(`file:${join(dir, 'registry.db')}`)
})
afterAll(async () => {
  await database.close()
  await rm(dir, { recursive: true })
})

it('keeps one incident for each cause, by whoever comes first, and tells of it once', async () => {
  const told: string[] = []
  const incidents = createIncidents(database, ({ cause }) => told.push(cause))
  const asked = { source: 'npm', registry: 'https://npm.example/', at: '2026-01-01T00:00:00.000Z' }
  const report = (cause: string): IncidentReport => ({
    kind: 'conflict', cause, subject: 'pkg:npm/x@1.0.0', source: 'npm', sentence: 'It changed.', isPrivate: false, record: 7, evidence: { asked, details: { cause } },
  })
  const added = await Promise.all([incidents.report([report('a'), report('b')]), incidents.report([report('b'), report('c')])])
  expect(added.flatMap(causes => [...causes]).toSorted()).toEqual(['a', 'b', 'c'])
  expect(told.toSorted()).toEqual(['a', 'b', 'c'])
  expect(await incidents.report([report('a')])).toEqual(new Set())
  expect(await incidents.report([])).toEqual(new Set())
  expect(told).toHaveLength(3)
  const rows = await database.orm.select().from(tables.incidents)
  expect(rows.map(({ kind, cause, record, evidence }) => ({ kind, cause, record, evidence: JSON.parse(evidence) }))).toEqual(['a', 'b', 'c'].map(cause =>
    ({ kind: 'conflict', cause, record: 7, evidence: { asked, details: { cause } } })))
  expect(Math.abs(rows[0]!.noticed - Date.now())).toBeLessThan(60_000)
})
