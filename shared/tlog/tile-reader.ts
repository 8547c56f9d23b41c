import { encodeBase64 } from './base64.ts'
import { TlogError } from './errors.ts'
import { rootOfEdge } from './growth.ts'
import { equalHashes, HASH_SIZE, isCount, pairUp, type Hash } from './merkle.ts'
import type { NodeId } from './proof-nodes.ts'
import type { HashReader } from './prove.ts'
import { TILE_WIDTH, tilePath, widthAt, type TileId } from './tiles.ts'

/**
 * Reads tiles, in the order asked for, each exactly as wide as asked for: who has only the full tile cuts it. What is read again
 * and again may be kept, as nothing is trusted without being checked.
 */
export type ReadTiles = (tiles: readonly TileId[]) => Promise<Uint8Array[]>

/** Levels of the binary tree in a tile. */
const TILE_HEIGHT = 8

/** A tile's hashes, and above them what they fold to, as far as somebody asked: row h holds perfect subtrees of 2^h of them. */
interface Pyramid {
  tile: TileId
  rows: Uint8Array[]
}

/**
 * Reads hashes of the tree of a size and root out of tiles that anybody may have made: those of the right edge must give the
 * root, every other one must be the one its parent holds the hash of. Each answer is one call of `readTiles`, for the tiles it
 * needs and those that prove them.
 *
 * The reader throws TlogError `BAD_TILE`, which names the tile that does not belong to the tree, and `OUT_OF_RANGE` for a node
 * that the tree does not have.
 */
export function createTileHashReader({ size, root }: { size: number, root: Hash }, readTiles: ReadTiles): HashReader {
  // SPEC: tlog-tiles: "Clients MUST NOT fetch arbitrary partial tiles without verifying a checkpoint with a size that requires
  // their existence": every tile is asked for as wide as the tree of this size, and no other, has it.
  const edge = edgeOf(size)
  return async (nodes) => {
    const known = new Set(edge.map(key))
    const inner: TileId[] = []
    for (const node of nodes) {
      // Above a full tile there is always another, up to one of the edge.
      for (let tile = tileOf(node, size); !known.has(key(tile)); tile = parentOf(tile, size)) {
        known.add(key(tile))
        inner.push(tile)
      }
    }
    inner.sort((a, b) => b.level - a.level)
    const pyramids = await readPyramids([...edge, ...inner], readTiles)

    const levels: Uint8Array[] = []
    for (const { tile, rows: [hashes] } of pyramids.slice(0, edge.length)) {
      while (levels.length < tile.level) levels.push(new Uint8Array())
      levels.push(hashes!)
    }
    if (!equalHashes(rootOfEdge({ size, levels }), root)) {
      const paths = edge.map(tilePath).join(', ') || 'No tiles'
      throw new TlogError('BAD_TILE', `${paths} do not give the root ${encodeBase64(root)} of the tree of size ${size}.`)
    }

    // From the top down: whatever stands above a tile is proven when its turn comes, so it is the tile that is wrong.
    const proven = new Map<string, Pyramid>()
    for (const pyramid of pyramids) {
      const { tile } = pyramid
      const parent = proven.get(key(parentOf(tile, size)))
      const isEdge = tile.width < TILE_WIDTH
      if (!isEdge && !equalHashes(hashAt(pyramid, TILE_HEIGHT, 0), hashAt(parent!, 0, tile.index % TILE_WIDTH))) {
        throw new TlogError('BAD_TILE', `${tilePath(tile)} does not belong to the tree of size ${size}, root ${encodeBase64(root)}.`)
      }
      proven.set(key(tile), pyramid)
    }
    return nodes.map(node => hashOf(node, size, proven))
  }
}

/**
 * Reads hashes of the tree of a size out of the server's own tiles, which it only checks to be as wide as they must be. Each
 * answer is one call of `readTiles`, for the tiles it needs.
 */
export function createTrustedHashReader(size: number, readTiles: ReadTiles): HashReader {
  checkSize(size)
  return async (nodes) => {
    const tiles = new Map(nodes.map(node => tileOf(node, size)).map(tile => [key(tile), tile]))
    const pyramids = await readPyramids([...tiles.values()], readTiles)
    const trusted = new Map(pyramids.map(pyramid => [key(pyramid.tile), pyramid]))
    return nodes.map(node => hashOf(node, size, trusted))
  }
}

/** The partial tiles of a tree. Folded they give its root. */
function edgeOf(size: number): TileId[] {
  checkSize(size)
  const tiles: TileId[] = []
  for (let level = 0; TILE_WIDTH ** level <= size; level++) {
    const index = Math.floor(size / TILE_WIDTH ** (level + 1))
    const width = widthAt(level, index, size)
    if (width > 0) tiles.push({ level, index, width })
  }
  return tiles
}

function checkSize(size: number): void {
  if (!isCount(size)) throw new TlogError('OUT_OF_RANGE', `${size} is not the size of a tree.`)
}

/** The tile out of which a node's hash can be computed. */
function tileOf(node: NodeId, size: number): TileId {
  if (!isCount(node.level) || !isCount(node.index) || (node.index + 1) * 2 ** node.level > size) {
    throw new TlogError('OUT_OF_RANGE', `A tree of size ${size} has no perfect subtree ${node.index} of 2^${node.level} leaves.`)
  }
  const level = Math.floor(node.level / TILE_HEIGHT)
  const index = Math.floor(node.index / nodesPerTile(node))
  return { level, index, width: widthAt(level, index, size) }
}

function parentOf(tile: TileId, size: number): TileId {
  const level = tile.level + 1
  const index = Math.floor(tile.index / TILE_WIDTH)
  return { level, index, width: widthAt(level, index, size) }
}

function hashOf(node: NodeId, size: number, pyramids: ReadonlyMap<string, Pyramid>): Hash {
  return hashAt(pyramids.get(key(tileOf(node, size)))!, node.level % TILE_HEIGHT, node.index % nodesPerTile(node))
}

/** How many nodes of a level a tile spans. */
function nodesPerTile({ level }: NodeId): number {
  return 2 ** (TILE_HEIGHT - level % TILE_HEIGHT)
}

function hashAt({ rows }: Pyramid, height: number, position: number): Hash {
  for (let row = rows.length; row <= height; row++) rows.push(pairUp(rows[row - 1]!))
  return rows[height]!.slice(position * HASH_SIZE, (position + 1) * HASH_SIZE)
}

async function readPyramids(tiles: readonly TileId[], readTiles: ReadTiles): Promise<Pyramid[]> {
  if (tiles.length === 0) return []
  const read = await readTiles(tiles)
  return tiles.map((tile, i) => {
    const size = read[i]?.length ?? 0
    if (size !== tile.width * HASH_SIZE) {
      throw new TlogError('BAD_TILE', `${tilePath(tile)} has ${size} bytes instead of ${tile.width * HASH_SIZE}.`)
    }
    return { tile, rows: [read[i]!] }
  })
}

function key({ level, index }: TileId): string {
  return `${level}/${index}`
}
