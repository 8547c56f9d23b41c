import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase, type Database } from '../../../server/database/index.ts'
import type { IncidentReport } from '../../../server/incidents/index.ts'

export interface TestDatabase {
  database: Database
  dir: string
  /** Another connection, as another process has it. */
  another(): Promise<Database>
  remove(): Promise<void>
}

export async function createTestDatabase(): Promise<TestDatabase> {
  const dir = await mkdtemp(join(tmpdir(), 'incidents-'))
  const url = `file:${join(dir, 'registry.db')}`
  const opened = [await openDatabase(url)]
  return {
    database: opened[0]!,
    dir,
    async another() {
      const database = await openDatabase(url)
      opened.push(database)
      return database
    },
    async remove() {
      for (const database of opened.toReversed()) await database.close()
      await rm(dir, { recursive: true })
    },
  }
}

export const ASKED = { source: 'npm', registry: 'https://npm.example/', at: '2026-01-01T00:00:00.000Z' }

export function report(cause: string, more: Partial<IncidentReport> = {}): IncidentReport {
  return {
    kind: 'conflict', cause, subject: 'pkg:npm/x@1.0.0', source: 'npm', sentence: 'It changed.', isPrivate: false, record: 7,
    evidence: { asked: ASKED, details: { cause } }, ...more,
  }
}
