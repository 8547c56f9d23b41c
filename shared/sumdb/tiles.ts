import {
  createTileHashReader, TILE_WIDTH, tilePath, TlogError, type Hash, type HashReader, type NodeId, type TileId,
} from '../tlog/index.ts'
import { LogError, ReadError } from './errors.ts'
import type { Head, Read, TileCache } from './types.ts'

const HASH_SIZE = 32
const TILE_SIZE = TILE_WIDTH * HASH_SIZE

/**
 * Hashes of a log's trees out of tiles that are fetched, verified against the tree's signed root, and only then cached.
 *
 * @throws (the readers) LogError `BAD_TILE`, `MISSING`; ReadError
 */
export function createTiles(read: Read, cache: TileCache): (head: Head) => HashReader {
  const underway = new Map<string, Promise<Uint8Array>>()

  /** One request for everybody who needs the same tile before it is verified and cached. */
  function fetchTile(tile: TileId, head: Head): Promise<Uint8Array> {
    const path = tilePath(tile)
    let fetched = underway.get(path)
    if (!fetched) {
      fetched = readPart(read, path, tilePath({ ...tile, width: TILE_WIDTH }), head)
        .then(({ bytes, isWhole }) => isWhole && bytes.length === TILE_SIZE ? bytes.slice(0, tile.width * HASH_SIZE) : bytes)
      underway.set(path, fetched)
    }
    return fetched
  }

  async function verified(head: Head, nodes: readonly NodeId[], isCacheUsed: boolean): Promise<Hash[]> {
    const fetched = new Map<string, Uint8Array | undefined>()
    let hasCached = false
    const readHashes = createTileHashReader(head, tiles => Promise.all(tiles.map(async (tile) => {
      const path = tilePath(tile)
      const cached = isCacheUsed ? await cache.get(path) : undefined
      if (cached) {
        hasCached = true
        return cached
      }
      fetched.set(path, undefined)
      const bytes = await fetchTile(tile, head)
      fetched.set(path, bytes)
      return bytes
    })))
    try {
      const hashes = await readHashes(nodes)
      await Promise.all(Array.from(fetched, ([path, bytes]) => cache.set(path, bytes!)))
      return hashes
    } catch (error) {
      if (!(error instanceof TlogError) || error.code !== 'BAD_TILE') throw error
      if (!hasCached) throw new LogError('BAD_TILE', error.message, { cause: error, evidence: { checkpoints: [head.note] } })
    } finally {
      for (const path of fetched.keys()) underway.delete(path)
    }
    // A cached tile that does not fit is damaged, or another tree's. Whether this tree has such a tile is for the log to show: if
    // it has, and signed both trees, that is a fork, and the proof of it needs the tiles of this one.
    return verified(head, nodes, false)
  }

  return head => nodes => verified(head, nodes, true)
}

/**
 * Reads a tile or bundle, or the full one that it became a part of.
 *
 * @param path of the part that the tree has
 * @param whole path of the full one; the same if that is what the tree has
 * @throws LogError `MISSING`; ReadError
 */
export async function readPart(
  read: Read, path: string, whole: string, head: Head,
): Promise<{ bytes: Uint8Array, isWhole: boolean }> {
  const found = await readIfThere(read, path)
  if (found) return { bytes: found, isWhole: path === whole }
  // SPEC: tlog-tiles: "[Logs] MAY delete any partial tile once the corresponding full tile is [...] available."
  const full = path === whole ? undefined : await readIfThere(read, whole)
  if (full) return { bytes: full, isWhole: true }
  // SPEC: tlog-tiles: "Logs MUST serve partial tiles corresponding to tree sizes for which a checkpoint was produced"; and
  // "Without a policy for when pruning is permitted, logs MUST NOT be pruned."
  throw new LogError('MISSING', `The log signed a tree of size ${head.size} and does not have ${path}, which is a part of it.`, {
    evidence: { checkpoints: [head.note] },
  })
}

async function readIfThere(read: Read, path: string): Promise<Uint8Array | undefined> {
  try {
    return await read(path)
  } catch (error) {
    if (error instanceof ReadError && (error.status === 404 || error.status === 410)) return undefined
    throw error
  }
}
