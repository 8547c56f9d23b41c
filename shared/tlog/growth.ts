import { TlogError } from './errors.ts'
import { concatHashes, emptyRoot, HASH_SIZE, isCount, rootOfHashes, type Hash } from './merkle.ts'
import { TILE_SIZE, TILE_WIDTH } from './tiles.ts'

/** The right edge of a tree: all that its root, and every later root, depends on. Never changed in place. */
export interface Edge {
  /** leaves of the tree */
  size: number
  /** per tile level the concatenated hashes of its partial tile, 0 to 255 of them; up to the highest level that has any */
  levels: readonly Uint8Array[]
}

/** A tile that an append completed. */
export interface FullTile {
  level: number
  index: number
  /** 256 concatenated hashes */
  hashes: Uint8Array
}

/** The edge of the tree without leaves. */
export function emptyEdge(): Edge {
  return { size: 0, levels: [] }
}

/**
 * Appends leaves, any number of them.
 *
 * @returns the new edge, and the tiles that became full, level 0 first, in the order of their indexes
 * @throws TlogError `MALFORMED` if the edge's levels do not fit its size or a leaf is no hash, `OUT_OF_RANGE` above 2^53-1
 */
export function grow(edge: Edge, leaves: readonly Hash[]): { edge: Edge, full: FullTile[] } {
  checkEdge(edge)
  const size = edge.size + leaves.length
  if (!isCount(size)) throw new TlogError('OUT_OF_RANGE', `A tree of size ${edge.size} cannot grow by ${leaves.length} leaves.`)
  const levels: Uint8Array[] = []
  const full: FullTile[] = []
  let arriving = concatHashes(leaves)
  for (let level = 0; level < edge.levels.length || arriving.length > 0; level++) {
    const row = append(edge.levels[level], arriving)
    const count = Math.floor(row.length / TILE_SIZE)
    const first = Math.floor(edge.size / TILE_WIDTH ** (level + 1))
    // SPEC: tlog-tiles: "A partial tile contains between 1 and 255 hashes, and MUST NOT be hashed into a tile at the
    // level above."
    arriving = new Uint8Array(count * HASH_SIZE)
    for (let i = 0; i < count; i++) {
      const hashes = row.slice(i * TILE_SIZE, (i + 1) * TILE_SIZE)
      full.push({ level, index: first + i, hashes })
      arriving.set(rootOfHashes(hashes), i * HASH_SIZE)
    }
    levels.push(row.slice(count * TILE_SIZE))
  }
  return { edge: { size, levels }, full }
}

/**
 * The root of the tree.
 *
 * @throws TlogError `MALFORMED` if the edge's levels do not fit its size
 */
export function rootOfEdge(edge: Edge): Hash {
  checkEdge(edge)
  // From below: what the lower levels give is an incomplete last subtree of the level above.
  let root: Hash | undefined
  for (const level of edge.levels) {
    const row = append(level, root)
    if (row.length > 0) root = rootOfHashes(row)
  }
  return root ?? emptyRoot()
}

/** An edge is state that came back from storage, or untrusted tiles: with a hash too many or too few it is another tree's. */
function checkEdge({ size, levels }: Edge): void {
  if (!isCount(size)) throw new TlogError('MALFORMED', `${size} is not the size of a tree.`)
  for (let level = 0; level < levels.length || TILE_WIDTH ** level <= size; level++) {
    const expected = Math.floor(size / TILE_WIDTH ** level) % TILE_WIDTH * HASH_SIZE
    const found = levels[level]?.length ?? 0
    if (found !== expected) {
      throw new TlogError('MALFORMED', `Level ${level} of the edge of a tree of size ${size} has ${found} bytes instead of ${expected}.`)
    }
  }
}

function append(bytes: Uint8Array = new Uint8Array(), more: Uint8Array = new Uint8Array()): Uint8Array {
  const joined = new Uint8Array(bytes.length + more.length)
  joined.set(bytes)
  joined.set(more, bytes.length)
  return joined
}
