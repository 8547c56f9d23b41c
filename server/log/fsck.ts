import type { Client } from '@libsql/client'
import { parseRecord } from '../../shared/record/index.ts'
import {
  createVerifier, emptyEdge, equalHashes, grow, leafHash, openCheckpoint, rootOfEdge, TILE_WIDTH, type Edge, type Hash,
  type NoteVerifier,
} from '../../shared/tlog/index.ts'
import type { Database } from '../database/index.ts'
import { migrations } from '../database/migrations.ts'
import { messageOf } from '../errors.ts'
import { placeOf } from './draft.ts'
import { isSignedNamespace, verifyEd25519 } from './signer.ts'

export interface FsckReport {
  /** Records that were read. */
  records: number
  /** Of the tree that they make. */
  root: Hash
  checkpoints: number
  tiles: number
  /** One sentence for each difference, in the order they were found; no more than asked for. */
  problems: string[]
}

interface FsckOptions {
  /** Called now and then. */
  onProgress?(done: number, total: number): void
  /** Stop after so many. */
  maxProblems?: number
}

const encoder = new TextEncoder()

/** Ends a check that found enough. */
class Enough extends Error {}

/**
 * Builds the whole log anew from its records, and compares everything that is stored with what they give: every tile, the edge,
 * the head, every checkpoint and its signature, how records are filed, and that each version is recorded once. Nothing is
 * written. A server may go on appending to an embedded database meanwhile; a log on a database server must be at rest.
 */
export async function fsck({ client }: Database, options: FsckOptions = {}): Promise<FsckReport> {
  // One state of the database for all queries. Database servers end a transaction that takes as long as this.
  if (client.protocol !== 'file') return check(client, options)
  const snapshot = await client.transaction('read')
  try {
    return await check(snapshot, options)
  } finally {
    snapshot.close()
  }
}

async function check(
  source: Pick<Client, 'execute'>, { onProgress = () => {}, maxProblems = 50 }: FsckOptions,
): Promise<FsckReport> {
  const problems: string[] = []
  const tell = (sentence: string) => {
    if (problems.push(sentence) >= maxProblems) throw new Enough()
  }
  const query = async (sql: string, ...args: (string | number)[]) => (await source.execute({ sql, args })).rows
  let edge: Edge = emptyEdge()
  let records = 0
  let tiles = 0
  let checkpoints = 0
  let recorded = 0

  async function checkRows(verifier: NoteVerifier | undefined) {
    const total = Number((await query('SELECT count(*) AS n FROM records'))[0]!.n)
    // Read along with the records, in the same steps.
    for (let first = 0; ; first += TILE_WIDTH) {
      const rows = await query(`
        SELECT idx, kind, purl, version, key, text FROM records LEFT JOIN packages ON packages.id = package_id
        WHERE idx >= ? AND idx < ? ORDER BY idx`, first, first + TILE_WIDTH)
      const marks = await query('SELECT size, root, recorded, note FROM checkpoints WHERE size > ? AND size <= ? ORDER BY size', first, first + TILE_WIDTH)
      let pending: Hash[] = []
      for (const [n, row] of rows.entries()) {
        const index = first + n
        if (Number(row.idx) !== index) {
          tell(`Record ${index} is missing.`)
          return
        }
        pending.push(leafHash(encoder.encode(String(row.text))))
        checkRecord(index, row)
        records++
        if (marks.length === 0 || Number(marks[0]!.size) !== index + 1) continue
        await append(pending)
        pending = []
        checkCheckpoint(marks.shift()!, verifier)
      }
      await append(pending)
      for (const { size } of marks) tell(`A checkpoint of size ${String(size)} is stored, but there are only ${records} records.`)
      onProgress(records, total)
      if (rows.length < TILE_WIDTH) break
    }
    const [beyond] = await query('SELECT min(idx) AS idx FROM records WHERE idx < 0 OR idx >= ?', records)
    if (beyond?.idx != null) tell(`Record ${String(beyond.idx)} is stored, but record ${records} before it is missing.`)
  }

  async function append(leaves: readonly Hash[]) {
    const grown = grow(edge, leaves)
    edge = grown.edge
    for (const { level, index, hashes } of grown.full) {
      tiles++
      const [row] = await query('SELECT hashes FROM tiles WHERE level = ? AND idx = ?', level, index)
      if (!row) tell(`Tile ${index} of level ${level} is missing.`)
      else differing(bytesOf(row.hashes), hashes, n => tell(`Tile ${index} of level ${level} differs from the records at hash ${n}.`))
    }
  }

  function checkRecord(index: number, row: Record<string, unknown>) {
    let record
    try {
      record = parseRecord(String(row.text))
    } catch (error) {
      tell(`Record ${index} is no record: ${messageOf(error)}`)
      return
    }
    const filed = placeOf(record)
    for (const column of ['kind', 'purl', 'version', 'key'] as const) {
      if (row[column] !== filed[column]) tell(`Record ${index} is filed under the ${column} ${show(row[column])}, but says ${show(filed[column])}.`)
    }
    const time = Date.parse(record.recorded)
    if (time < recorded) tell(`Record ${index} is older than the one before it.`)
    recorded = Math.max(recorded, time)
  }

  function checkCheckpoint(row: Record<string, unknown>, verifier: NoteVerifier | undefined) {
    const size = edge.size
    const root = rootOfEdge(edge)
    checkpoints++
    if (!equalHashes(bytesOf(row.root), root)) tell(`The checkpoint of size ${size} has another root than the records.`)
    if (Number(row.recorded) !== recorded) tell(`The checkpoint of size ${size} has another time than its last record.`)
    if (row.note === null || !verifier) return
    try {
      const signed = openCheckpoint(String(row.note), verifier)
      if (signed.size !== size) tell(`The note of the checkpoint of size ${size} is signed for size ${signed.size}.`)
      else if (!equalHashes(signed.root, root)) tell(`The note of the checkpoint of size ${size} is signed for another tree.`)
    } catch (error) {
      tell(`The note of the checkpoint of size ${size} does not verify: ${messageOf(error)}`)
    }
  }

  async function checkEnd() {
    const heads = await query('SELECT id, size, root, recorded FROM head')
    const [head] = heads
    if (heads.length !== 1 || Number(head?.id) !== 1) tell(`There are ${heads.length} heads instead of one.`)
    if (head) {
      if (Number(head.size) !== edge.size) tell(`The head says ${String(head.size)} records, but there are ${edge.size}.`)
      if (!equalHashes(bytesOf(head.root), rootOfEdge(edge))) tell('The head has another root than the records.')
      if (Number(head.recorded) !== recorded) tell('The head has another time than the last record.')
    }
    const stored = new Map((await query('SELECT level, hashes FROM edge')).map(({ level, hashes }) => [Number(level), bytesOf(hashes)]))
    for (const level of new Set([...stored.keys(), ...edge.levels.keys()])) {
      differing(stored.get(level) ?? new Uint8Array(), edge.levels[level] ?? new Uint8Array(),
        n => tell(`The edge at level ${level} differs from the records at hash ${n}.`))
    }
    const count = Number((await query('SELECT count(*) AS n FROM tiles'))[0]!.n)
    if (count > tiles) tell(`${count - tiles} tiles are stored that no record needs.`)
    for (const { size } of await query('SELECT size FROM checkpoints WHERE size < 1 OR size > ? ORDER BY size LIMIT 5', edge.size)) {
      tell(`A checkpoint of size ${String(size)} is stored, but there are ${edge.size} records.`)
    }
    const twice = await query(`
      SELECT min(idx) AS one, max(idx) AS other FROM records WHERE kind = 'version' GROUP BY package_id, version HAVING count(*) > 1 LIMIT 5`)
    for (const { one, other } of twice) tell(`Records ${String(one)} and ${String(other)} are about the same version.`)
    for (const { purl } of await query('SELECT purl FROM packages WHERE id NOT IN (SELECT package_id FROM records WHERE package_id IS NOT NULL) LIMIT 5')) {
      tell(`Package ${show(purl)} is stored, but no record is about it.`)
    }
  }

  async function checkIdentity(): Promise<NoteVerifier | undefined> {
    const rows = await query('SELECT id, origin, vkey, namespace, statement FROM log')
    if (rows.length !== 1 || Number(rows[0]!.id) !== 1) tell(`The database is ${rows.length} logs instead of one.`)
    if (!rows[0]) return undefined
    try {
      const verifier = createVerifier(String(rows[0].vkey), verifyEd25519)
      if (verifier.name !== rows[0].origin) tell(`The log is called ${show(rows[0].origin)}, its key ${show(verifier.name)}.`)
      if (!isSignedNamespace(String(rows[0].statement), String(rows[0].namespace), verifier)) {
        tell('The log\'s namespace is not the one that its key signed.')
      }
      return verifier
    } catch (error) {
      if (error instanceof Enough) throw error
      tell(`What the database says of the log does not fit its key: ${messageOf(error)}`)
    }
  }

  async function checkDatabase() {
    for (const row of await query('PRAGMA integrity_check')) {
      const [line] = Object.values(row)
      if (line !== 'ok') tell(`SQLite: ${String(line)}`)
    }
    const applied = (await query('SELECT id, hash, created_at FROM __drizzle_migrations ORDER BY id'))
      .map(({ id, hash, created_at: when }) => `${String(id)} ${String(hash)} ${String(when)}`)
    const expected = migrations.map(({ tag, when }, n) => `${n + 1} ${tag} ${when}`)
    if (applied.join() !== expected.join()) tell(`The schema's history is ${show(applied.join())} instead of ${show(expected.join())}.`)
  }

  try {
    await checkDatabase()
    await checkRows(await checkIdentity())
    await checkEnd()
  } catch (error) {
    if (!(error instanceof Enough)) throw error
  }
  return { records, root: rootOfEdge(edge), checkpoints, tiles, problems }
}

function bytesOf(value: unknown): Uint8Array {
  return value instanceof ArrayBuffer ? new Uint8Array(value) : new Uint8Array()
}

/** Calls with the number of the first hash that differs. */
function differing(stored: Uint8Array, expected: Uint8Array, tell: (n: number) => void): void {
  if (equalHashes(stored, expected)) return
  const byte = expected.findIndex((value, n) => stored[n] !== value)
  tell(Math.floor((byte < 0 ? expected.length : byte) / 32))
}

function show(value: unknown): string {
  return JSON.stringify(typeof value === 'string' ? value.slice(0, 200) : value) ?? 'nothing'
}
