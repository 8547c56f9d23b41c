import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { onTestFinished } from 'vitest'
import { openDatabase, type Database } from '../../../server/database/index.ts'
import { openLog, type Log, type LogOptions } from '../../../server/log/index.ts'
import type { RecordDraft } from '../../../shared/record/index.ts'

export const INTEGRITY = `sha512-${Buffer.alloc(64, 1).toString('base64')}`
export const OTHER_INTEGRITY = `sha512-${Buffer.alloc(64, 2).toString('base64')}`
const MANIFEST = `sha256-${Buffer.alloc(32, 3).toString('base64')}`

export interface OpenLog {
  log: Log
  database: Database
  /** Things that went wrong, as the observer was told. */
  troubles: string[]
  close(): Promise<void>
}

/** A folder of its own for a database, its key and its head. */
export function place(): string {
  const dir = mkdtempSync(join(tmpdir(), 'log-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

export async function open(dir: string, options: Partial<LogOptions> = {}): Promise<OpenLog> {
  const database = options.database ?? await openDatabase(pathToFileURL(join(dir, 'registry.db')).href)
  const troubles: string[] = []
  const log = await openLog({
    database, dataDir: dir, namespace: 'npm.example',
    observer: { committed() {}, trouble: (what, error) => troubles.push(`${what}: ${String(error)}`) },
    ...options,
  })
  return {
    log, database, troubles,
    async close() {
      await log.close()
      await database.close()
    },
  }
}

export function version(name: string, version: string, integrity = INTEGRITY): RecordDraft {
  return { kind: 'version', subject: { name, version }, integrity, manifest: MANIFEST, evidence: 'claimed' }
}

/** So many versions of one package, from `first` on. */
export function versions(name: string, count: number, first = 0): RecordDraft[] {
  return Array.from({ length: count }, (_, n) => version(name, `1.0.${first + n}`))
}
