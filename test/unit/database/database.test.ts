import { readFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openDatabase } from '../../../server/database/index.ts'
import { migrations } from '../../../server/database/migrations.ts'

const folder = new URL('../../../server/database/migrations/', import.meta.url)

function file(): string {
  const dir = mkdtempSync(join(tmpdir(), 'database-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return pathToFileURL(join(dir, 'registry.db')).href
}

describe('the database', () => {
  it('is brought to the schema by the migrations that drizzle-kit made, all of them', () => {
    const { entries } = JSON.parse(readFileSync(new URL('meta/_journal.json', folder), 'utf8')) as { entries: { tag: string, when: number }[] }
    const written = entries.map(({ tag, when }) => ({
      tag, when,
      statements: readFileSync(new URL(`${tag}.sql`, folder), 'utf8').split('--> statement-breakpoint').map(one => one.trim().replace(/\s+/g, ' ')),
    }))
    expect(migrations).toEqual(written)
  })

  it('is durable: a commit waits for the disk', async () => {
    const database = await openDatabase(file())
    const pragma = async (name: string) => Object.values((await database.client.execute(`PRAGMA ${name}`)).rows[0]!)[0]
    expect(await pragma('journal_mode')).toBe('wal')
    expect(await pragma('synchronous')).toBe(2)
    await database.close()
  })

  it('is written again when another process lets go of it', async () => {
    const url = file()
    const { client, close } = await openDatabase(url, { lockTimeout: 20 })
    const other = await openDatabase(url)
    const write = () => client.batch(['CREATE TABLE IF NOT EXISTS x (n)', 'INSERT INTO x VALUES (1)'], 'write')
    const lock = await other.client.transaction('write')
    // One that meets the lock, and two that wait behind it for the one connection.
    const [locked, waiting, reading] = await Promise.allSettled([write(), write(), client.execute('SELECT 1')])
    expect([locked, waiting]).toMatchObject([{ reason: { code: 'SQLITE_BUSY' } }, { reason: { code: 'SQLITE_BUSY' } }])
    expect(reading.status).toBe('fulfilled')
    await lock.rollback()
    await write()
    expect((await client.execute('PRAGMA synchronous')).rows[0]!.synchronous).toBe(2)
    expect((await client.execute('PRAGMA cache_size')).rows[0]!.cache_size).toBe(-32_768)
    await close()
    await other.close()
  })

  it('is migrated once, also when several open it at the same time, and again', async () => {
    const url = file()
    const opened = await Promise.all(Array.from({ length: 4 }, () => openDatabase(url)))
    const { rows } = await opened[0]!.client.execute('SELECT hash FROM __drizzle_migrations')
    expect(rows.map(({ hash }) => hash)).toEqual(migrations.map(({ tag }) => tag))
    for (const database of opened) await database.close()
    await (await openDatabase(url)).close()
  })

  it('that cannot be opened is named, without its token', async () => {
    await expect(openDatabase('file:///nowhere/at/all/registry.db')).rejects.toThrow(/The database file:\/\/\/nowhere\/at\/all\/registry\.db cannot be opened \(.+\)\. Mend it/)
    await expect(openDatabase('libsql://127.0.0.1:9?authToken=s3cr3t&tls=0')).rejects.toThrow(/^The database libsql:\/\/127\.0\.0\.1:9 cannot be opened/)
  })
})
