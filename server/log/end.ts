import type { Client, ResultSet } from '@libsql/client'
import { rootOfHashes } from '../../shared/tlog/merkle.ts'
import { equalHashes, leafHash, openCheckpoint, TILE_WIDTH, type Checkpoint } from '../../shared/tlog/index.ts'
import type { RememberedHead } from './remembered.ts'
import type { Signer } from './signer.ts'
import type { StoredTiles } from './stored-tiles.ts'
import { DamagedLog, TREE_STATE, treeStateOf, type TreeState } from './tree-state.ts'

const encoder = new TextEncoder()

const LAST_RECORDS = `SELECT idx, text FROM records WHERE idx >= (SELECT size - size % ${TILE_WIDTH} FROM head WHERE id = 1) ORDER BY idx`
const NEWEST_NOTE = 'SELECT note FROM checkpoints WHERE note IS NOT NULL ORDER BY size DESC LIMIT 1'

/**
 * Where the tree ends; looked at before anything is signed on top of it: the last records against the edge, the last full tiles
 * against the level above, the newest signed checkpoint, and the one remembered outside of the database. (Everything else is
 * `log:fsck`'s.)
 *
 * An older database whose remembered head is gone, or as old as the database, looks like a log that never went on: only those who
 * keep newer checkpoints can tell.
 * @throws DamagedLog
 */
export async function readCheckedEnd(
  client: Client, tiles: StoredTiles, signer: Signer, remembered: RememberedHead,
): Promise<TreeState> {
  // First: what another process remembers meanwhile, the database has before.
  const outside = await remembered.read()
  const [heads, edges, records, notes] = await client.batch([...TREE_STATE, LAST_RECORDS, NEWEST_NOTE], 'read')
  const state = treeStateOf([heads!, edges!])
  checkLastRecords(records!, state)
  await checkLastTiles(tiles, state)
  const kept = noteOf(notes!)
  if (kept !== undefined) {
    await checkCheckpoint(open(kept, 'The newest checkpoint in the database is not signed by this log\'s key.', signer), 'the newest checkpoint in the database', tiles, state)
  }
  if (outside !== undefined) {
    const advice = `${remembered.file} does not hold a checkpoint signed by this log's key. Put back what it held; `
      + 'if that is lost and the database is certainly its newest copy, delete the file, and the log remembers where it stands.'
    await checkCheckpoint(open(outside, advice, signer), remembered.file, tiles, state)
  }
  return state
}

/** The newest signed checkpoint in the database. */
export async function newestNote(client: Client): Promise<string | undefined> {
  return noteOf(await client.execute(NEWEST_NOTE))
}

function noteOf({ rows: [row] }: ResultSet): string | undefined {
  return row && String(row.note)
}

function checkLastRecords({ rows }: ResultSet, { edge }: TreeState): void {
  const width = edge.size % TILE_WIDTH
  const first = edge.size - width
  if (rows.length !== width) throw new DamagedLog(`The database has ${rows.length} records from index ${first} on, its tree has ${width}.`)
  rows.forEach(({ idx, text }, n) => {
    const index = first + n
    const leaf = edge.levels[0]!.subarray(n * 32, n * 32 + 32)
    if (Number(idx) !== index || !equalHashes(leafHash(encoder.encode(String(text))), leaf)) {
      throw new DamagedLog(`Record ${index} is not what the tree says it is.`)
    }
  })
}

async function checkLastTiles(tiles: StoredTiles, { edge }: TreeState): Promise<void> {
  for (const [level, hashes] of edge.levels.entries()) {
    if (level === 0 || hashes.length === 0) continue
    const index = Math.floor(edge.size / TILE_WIDTH ** level) - 1
    const tile = await tiles.read(level - 1, index, edge)
    if (!tile || !equalHashes(rootOfHashes(tile), hashes.subarray(-32))) {
      throw new DamagedLog(`Tile ${index} of level ${level - 1} is not what the tile above says it is.`)
    }
  }
}

function open(note: string, refusal: string, signer: Signer): Checkpoint {
  try {
    return openCheckpoint(note, signer.verifier)
  } catch (cause) {
    throw new DamagedLog(refusal, { cause })
  }
}

/** A checkpoint that was public once: the tree must still contain it. */
async function checkCheckpoint(known: Checkpoint, where: string, tiles: StoredTiles, { edge }: TreeState): Promise<void> {
  if (known.size > edge.size) {
    throw new DamagedLog(
      `The database has ${edge.size} records, but ${where} says that the log had ${known.size}: it is an older copy. `
      + 'Restore the newest one; a log that goes on from an older one would be a second history.')
  }
  if (!equalHashes(await tiles.rootAt(known.size, edge), known.root)) {
    throw new DamagedLog(`The tree does not contain the checkpoint of size ${known.size} in ${where}: the database was changed.`)
  }
}
