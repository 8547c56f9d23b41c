import type { Client, LibsqlError } from '@libsql/client'
import { migrations } from './migrations.ts'

/**
 * Brings a database to the current schema. Keeps drizzle's own books, so that drizzle-kit reads them. Of several processes that
 * start at once one does the work: the others' transactions fail, and find it done.
 */
export async function migrate(client: Client): Promise<void> {
  await client.execute('CREATE TABLE IF NOT EXISTS __drizzle_migrations (id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric)')
  for (const [n, { tag, when, statements }] of migrations.entries()) {
    if (await isApplied(client, when)) continue
    const book = { sql: 'INSERT INTO __drizzle_migrations (id, hash, created_at) VALUES (?, ?, ?)', args: [n + 1, tag, when] }
    try {
      await client.batch([book, ...statements], 'write')
    } catch (error) {
      if ((error as LibsqlError).code !== 'SQLITE_CONSTRAINT' || !await isApplied(client, when)) throw error
    }
  }
}

async function isApplied(client: Client, when: number): Promise<boolean> {
  const { rows } = await client.execute({ sql: 'SELECT 1 FROM __drizzle_migrations WHERE created_at = ?', args: [when] })
  return rows.length > 0
}
