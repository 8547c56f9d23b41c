import type { Client, InStatement } from '@libsql/client'
import type { LogRecord } from '../../shared/record/index.ts'
import { grow, rootOfEdge } from '../../shared/tlog/index.ts'
import { RegistryError } from '../errors.ts'
import { at, type Filing } from './draft.ts'
import { leafOf } from './leaves.ts'
import type { TreeState } from './tree-state.ts'

/** What one transaction adds to the log, and where the tree ends then. */
export interface Plan {
  next: TreeState
  records: readonly LogRecord[]
  statements: InStatement[]
}

/** A signed checkpoint that is not in the database yet. */
export interface UnkeptNote {
  size: number
  checkpoint: string
}

/**
 * The head moves only from where this process believes it to be: otherwise its size would be NULL, which no head can be, and
 * the whole transaction fails. (A WHERE that matches no row would not fail it.)
 */
const MOVE_HEAD = 'UPDATE head SET size = CASE WHEN size = ? AND root = ? THEN ? END, root = ?, recorded = ? WHERE id = 1'

// One statement for all rows, as JSON: a statement for each row costs several times as much as the row. Their texts one after
// the other beside it: to quote them, and to read them again, would cost as much as to insert them.
const ADD_PACKAGES = 'INSERT INTO packages (purl) SELECT value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING'
const ADD_RECORDS = `
  INSERT INTO records (idx, kind, package_id, version, key, text)
  SELECT ?1 + new.key, new.value ->> 0, (SELECT id FROM packages WHERE purl = new.value ->> 1), new.value ->> 2, new.value ->> 3,
    CAST(substr(?3, new.value ->> 4, new.value ->> 5) AS TEXT)
  FROM json_each(?2) AS new`
const ADD_TILE = 'INSERT INTO tiles (level, idx, hashes) VALUES (?, ?, ?)'
const setEdge = (levels: number) =>
  `INSERT INTO edge (level, hashes) VALUES ${Array(levels).fill('(?, ?)').join(', ')} ON CONFLICT (level) DO UPDATE SET hashes = excluded.hashes`
const ADD_CHECKPOINT = 'INSERT INTO checkpoints (size, root, recorded) VALUES (?, ?, ?)'
const KEEP_NOTE = 'UPDATE checkpoints SET note = ? WHERE size = ? AND note IS NULL'

/** Records write a year with four digits; one that nobody can read would be in the log for ever. */
const LAST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/**
 * Appends records to a state. Pure: nothing is written yet.
 * @param now milliseconds since the epoch; a clock that was set back does not take the log back
 * @throws RegistryError `LOG_UNAVAILABLE` for a time that no record can hold
 */
export function plan(state: TreeState, filings: readonly Filing[], now: number, unkept?: UnkeptNote): Plan {
  const recorded = Math.max(now, state.recorded)
  if (!(recorded <= LAST_TIME)) {
    throw new RegistryError('LOG_UNAVAILABLE', 'The clock of this registry is wrong; its log takes no records until it is set right.', { retryAfter: 60 })
  }
  const time = new Date(recorded).toISOString()
  const texts = filings.map(({ text: [before, behind] }) => before + time + behind)
  const { edge, full } = grow(state.edge, texts.map(leafOf))
  const next: TreeState = { edge, root: rootOfEdge(edge), recorded }
  const purls = [...new Set(filings.flatMap(({ purl }) => purl ?? []))]
  // As SQL counts.
  let position = 1
  const rows = filings.map(({ kind, purl, version, key }, n) => {
    const { length } = texts[n]!
    position += length
    return [kind, purl, version, key, position - length, length]
  })
  return {
    next,
    records: filings.map(({ draft }) => at(draft, time)),
    statements: [
      { sql: MOVE_HEAD, args: [state.edge.size, state.root, edge.size, next.root, recorded] },
      ...(unkept ? [keepNote(unkept)] : []),
      { sql: ADD_PACKAGES, args: [JSON.stringify(purls)] },
      // Records are ASCII: a character is a byte.
      { sql: ADD_RECORDS, args: [state.edge.size, JSON.stringify(rows), Buffer.from(texts.join(''), 'latin1')] },
      ...full.map(({ level, index, hashes }) => ({ sql: ADD_TILE, args: [level, index, hashes] })),
      { sql: setEdge(edge.levels.length), args: edge.levels.flatMap((hashes, level) => [level, hashes]) },
      { sql: ADD_CHECKPOINT, args: [edge.size, next.root, recorded] },
    ],
  }
}

/** One transaction: all of it, or nothing. When it returns, it is on the disk. */
export async function commit(client: Client, { statements }: Plan): Promise<void> {
  await client.batch(statements, 'write')
}

export function keepNote({ size, checkpoint }: UnkeptNote): InStatement {
  return { sql: KEEP_NOTE, args: [checkpoint, size] }
}
