import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DATABASE_FILE } from '../../server/config/defaults.ts'
import { openDatabase, type Database } from '../../server/database/index.ts'
import { openLog, type Log } from '../../server/log/index.ts'
import { NAMESPACE } from './us.ts'

/** The database of a data directory, as the server opens it. */
export function openDatabaseIn(dataDir: string): Promise<Database> {
  return openDatabase(pathToFileURL(join(dataDir, DATABASE_FILE)).href)
}

/** Opens a log, or begins one. Trouble ends the process: what it would measure then is not what was meant. */
export function openLogIn(dataDir: string, database: Database): Promise<Log> {
  return openLog({
    database, dataDir, namespace: NAMESPACE,
    observer: {
      committed() {},
      trouble(what, error) {
        console.error(what, error)
        process.exit(1)
      },
    },
  })
}

/** What decides how safe, and so how fast, a commit is. */
export async function settingsOf({ client }: Database): Promise<Record<string, string>> {
  const settings: Record<string, string> = {}
  for (const name of ['journal_mode', 'synchronous', 'wal_autocheckpoint', 'cache_size', 'page_size']) {
    const { rows: [row] } = await client.execute(`PRAGMA ${name}`)
    settings[name] = String(row?.[0])
  }
  return settings
}
