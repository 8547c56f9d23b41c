import { createClient, type Client, type LibsqlError } from '@libsql/client'
import { drizzle, type LibSQLDatabase } from 'drizzle-orm/libsql'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../errors.ts'
import { migrate } from './migrate.ts'
import * as schema from './schema.ts'
import { replacedWhenLocked } from './unlocked.ts'

export * as tables from './schema.ts'

/** The one database: the log, what is pinned, incidents. */
export interface Database {
  /** For queries. */
  orm: LibSQLDatabase<typeof schema>
  /** For transactions of many rows. */
  client: Client
  close(): Promise<void>
}

/** How long (ms) one process waits for another's transaction on the same file; it does nothing else meanwhile. */
const LOCK_TIMEOUT = 5_000
/** Between attempts to open a file that is locked (ms). */
const RETRY_DELAY = 20

/**
 * Opens a libSQL database, makes it if it is a file that does not exist, and brings it to the current schema.
 * @param url `file:`, `libsql:`, `http(s):` or `ws(s):`
 * @param options.lockTimeout milliseconds to wait for another process's transaction on the same file
 * @throws Error with a sentence that names the database
 */
export async function openDatabase(url: string, { lockTimeout = LOCK_TIMEOUT } = {}): Promise<Database> {
  const end = Date.now() + lockTimeout
  for (;;) {
    try {
      return await connect(url, lockTimeout)
    } catch (cause) {
      // SQLite does not wait by itself where another process begins the file, or is the last one to close it.
      if ((cause as LibsqlError).code === 'SQLITE_BUSY' && Date.now() < end) {
        await sleep(RETRY_DELAY)
        continue
      }
      // The query of a URL holds the token.
      throw new Error(`The database ${url.replace(/[?#].*/, '')} cannot be opened (${messageOf(cause)}). Mend it, or name another with NUXT_DATABASE_URL.`, { cause })
    }
  }
}

async function connect(url: string, lockTimeout: number): Promise<Database> {
  let client: Client | undefined
  try {
    // One connection to a file: what is set for it holds for everything.
    client = createClient({ url, concurrency: url.startsWith('file:') ? 1 : 20, timeout: lockTimeout })
    if (url.startsWith('file:')) {
      await prepareFile(client)
      client = replacedWhenLocked(client, prepareFile)
    }
    await migrate(client)
    const opened = client
    return {
      orm: drizzle(opened, { schema }),
      client: opened,
      async close() {
        // All of it in one file, which then can be copied; unless another process still uses it.
        if (url.startsWith('file:')) await opened.execute('PRAGMA wal_checkpoint(TRUNCATE)')
        opened.close()
      },
    }
  } catch (error) {
    client?.close()
    throw error
  }
}

async function prepareFile(client: Client): Promise<void> {
  await client.execute('PRAGMA journal_mode = WAL')
  // A commit is on the disk when it returns, also through a power failure.
  await client.execute('PRAGMA synchronous = FULL')
  // Fewer, larger checkpoints of the WAL (pages of 4 kB), and the pages that an append touches stay in memory (kB).
  await client.execute('PRAGMA wal_autocheckpoint = 4000')
  await client.execute('PRAGMA cache_size = -32768')
}
