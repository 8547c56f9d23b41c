import type { Client, ResultSet } from '@libsql/client'
import { equalHashes, rootOfEdge, type Edge, type Hash } from '../../shared/tlog/index.ts'

/** Where the tree ends, as it was committed. */
export interface TreeState {
  edge: Edge
  root: Hash
  /** Time of the last record, milliseconds since the epoch. */
  recorded: number
}

/** The database contradicts itself: the sentence says where. Nothing is signed on top of it. */
export class DamagedLog extends Error {}

/** For one transaction: another process may append between two statements. */
export const TREE_STATE = ['SELECT size, root, recorded FROM head WHERE id = 1', 'SELECT level, hashes FROM edge ORDER BY level']

/** @throws DamagedLog */
export async function readTreeState(client: Client): Promise<TreeState> {
  return treeStateOf(await client.batch(TREE_STATE, 'read'))
}

/**
 * The right edge, if it has the head's root.
 * @param results of {@link TREE_STATE}
 * @throws DamagedLog
 */
export function treeStateOf([heads, edges]: ResultSet[]): TreeState {
  const [head] = heads!.rows
  if (!head) throw new DamagedLog('The database has a log without a head.')
  const root = new Uint8Array(head.root as ArrayBuffer)
  const levels: Uint8Array[] = []
  for (const { level, hashes } of edges!.rows) {
    while (levels.length < Number(level)) levels.push(new Uint8Array())
    levels.push(new Uint8Array(hashes as ArrayBuffer))
  }
  const edge: Edge = { size: Number(head.size), levels }
  if (!equalHashes(rootOf(edge), root)) throw new DamagedLog(`The tree's right edge does not have the root of its head (size ${edge.size}).`)
  return { edge, root, recorded: Number(head.recorded) }
}

function rootOf(edge: Edge): Hash {
  try {
    return rootOfEdge(edge)
  } catch (cause) {
    throw new DamagedLog(`The tree's right edge does not fit its head (size ${edge.size}).`, { cause })
  }
}
