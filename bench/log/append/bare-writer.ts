/**
 * Inserts the same bytes into the same kind of database with nothing around it: no tree, no signature, no look-up of what is
 * there. A process of its own, with the commands of `writer.ts`.
 */
import type { InStatement } from '@libsql/client'
import { mkdirSync } from 'node:fs'
import { formatPurl, formatRecord } from '../../../shared/record/index.ts'
import { leafHash } from '../../../shared/tlog/index.ts'
import type { Database } from '../../../server/database/index.ts'
import { openDatabaseIn, settingsOf } from '../../common/data-directory.ts'
import { packagesOf, takePackages, type VersionDraft } from '../records.ts'
import type { Chunk, Command } from './commands.ts'
import { serveCommands } from '../serve-commands.ts'

interface Row {
  key: string
  hash: Uint8Array
  text: string
}

/** Rows of one commit, as the log has at most. */
const COMMIT = 256
/** Rows of one INSERT with parameters. */
const ROWS = 64

const table = (name: string) =>
  `CREATE TABLE ${name} (idx INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, hash BLOB NOT NULL, text TEXT NOT NULL)`

/** Two ways to insert the rows of a commit; which one is faster depends on the driver. */
const WAYS = {
  '4 INSERTs of 64 rows': (name: string, first: number, rows: readonly Row[]): InStatement[] => {
    const statements: InStatement[] = []
    for (let start = 0; start < rows.length; start += ROWS) {
      const some = rows.slice(start, start + ROWS)
      statements.push({
        sql: `INSERT INTO ${name} (idx, key, hash, text) VALUES ${some.map(() => '(?, ?, ?, ?)').join(', ')}`,
        args: some.flatMap(({ key, hash, text }, n) => [first + start + n, key, hash, text]),
      })
    }
    return statements
  },
  'one json_each': (name: string, first: number, rows: readonly Row[]): InStatement[] => [{
    sql: `INSERT INTO ${name} (idx, key, hash, text)
      SELECT ? + new.key, new.value ->> 0, unhex(new.value ->> 1), new.value ->> 2 FROM json_each(?) AS new`,
    args: [first, JSON.stringify(rows.map(({ key, hash, text }) => [key, Buffer.from(hash).toString('hex'), text]))],
  }],
}
type Way = keyof typeof WAYS

let database: Database | undefined
let way: Way = 'one json_each'
let packages = packagesOf('')
let size = 0

const recorded = new Date().toISOString()

function rowOf(draft: VersionDraft): Row {
  const text = formatRecord({ ...draft, recorded })
  return { key: formatPurl(draft.subject), hash: leafHash(Buffer.from(text)), text }
}

function current(): Database {
  if (!database) throw new Error('no database is open')
  return database
}

async function insert(name: string, first: number, rows: readonly Row[], how: Way): Promise<Chunk> {
  const { client } = current()
  const cpu = process.cpuUsage()
  const started = performance.now()
  for (let start = 0; start < rows.length; start += COMMIT) {
    await client.batch(WAYS[how](name, first + start, rows.slice(start, start + COMMIT)), 'write')
  }
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { records: rows.length, seconds, cpuSeconds: (user + system) / 1e6 }
}

async function append(count: number): Promise<Chunk> {
  const rows = takePackages(packages, count).flat().map(rowOf)
  const chunk = await insert('bare', size, rows, way)
  size += rows.length
  return chunk
}

/** Tries both ways in turns on tables of their own, which also warms them up. */
async function fasterWay(): Promise<Way> {
  const ways = Object.keys(WAYS) as Way[]
  const trial = packagesOf('trial')
  const seconds = new Map<Way, number>()
  for (const [n] of ways.entries()) await current().client.execute(table(`trial${n}`))
  for (let round = 0; round < 6; round += 1) {
    const rows = takePackages(trial, 20 * COMMIT).flat().map(rowOf)
    for (const [n, one] of ways.entries()) {
      const chunk = await insert(`trial${n}`, round * 1e6, rows, one)
      if (round > 0) seconds.set(one, (seconds.get(one) ?? 0) + chunk.seconds)
    }
  }
  for (const [n] of ways.entries()) await current().client.execute(`DROP TABLE trial${n}`)
  return ways.toSorted((a, b) => seconds.get(a)! - seconds.get(b)!)[0]!
}

serveCommands(async (command: Command) => {
  switch (command.do) {
    case 'open':
      mkdirSync(command.dataDir, { recursive: true })
      // The same function as the server's: the same settings.
      database = await openDatabaseIn(command.dataDir)
      packages = packagesOf(command.world)
      await database.client.execute(table('bare'))
      way = await fasterWay()
      return way
    case 'append': return append(command.count)
    case 'settings': return settingsOf(current())
    default: throw new Error(`a bare writer cannot ${command.do}`)
  }
})
