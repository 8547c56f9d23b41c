import type { Client } from '@libsql/client'
import { LRUCache } from 'lru-cache'
import { createTrustedHashReader, readRoot, TILE_WIDTH, type Edge, type Hash, type HashReader, type TileId } from '../../shared/tlog/index.ts'
import { DamagedLog } from './tree-state.ts'

/** The tiles of our own tree: full ones from the database, the right edge from memory. */
export interface StoredTiles {
  /** As far as a tree with this edge has it; undefined: not at all. */
  read(level: number, index: number, edge: Edge): Promise<Uint8Array | undefined>
  /** Hashes of the tree at a size up to the edge's. */
  hashes(size: number, edge: Edge): HashReader
  /** Root of the tree as it was at a size up to the edge's. */
  rootAt(size: number, edge: Edge): Promise<Hash>
}

/** Full tiles never change: 8 kB each. */
const CACHED_TILES = 512

export function createStoredTiles(client: Client): StoredTiles {
  const cache = new LRUCache<string, Uint8Array>({ max: CACHED_TILES })

  async function readFull(level: number, index: number): Promise<Uint8Array> {
    const key = `${level} ${index}`
    const known = cache.get(key)
    if (known) return known
    const { rows } = await client.execute({ sql: 'SELECT hashes FROM tiles WHERE level = ? AND idx = ?', args: [level, index] })
    const stored = rows[0]?.hashes
    if (!(stored instanceof ArrayBuffer) || stored.byteLength !== TILE_WIDTH * 32) {
      throw new DamagedLog(`Tile ${index} of level ${level} is ${rows.length === 0 ? 'missing' : 'damaged'} in the database.`)
    }
    const hashes = new Uint8Array(stored)
    cache.set(key, hashes)
    return hashes
  }

  async function read(level: number, index: number, edge: Edge): Promise<Uint8Array | undefined> {
    const complete = Math.floor(edge.size / TILE_WIDTH ** (level + 1))
    if (index < complete) return readFull(level, index)
    const partial = edge.levels[level]
    return index === complete && partial && partial.length > 0 ? partial : undefined
  }

  function hashes(size: number, edge: Edge): HashReader {
    return createTrustedHashReader(size, tiles => Promise.all(tiles.map(async (tile: TileId) => {
      const bytes = await read(tile.level, tile.index, edge)
      if (!bytes) throw new DamagedLog(`Tile ${tile.index} of level ${tile.level} lies beyond the tree.`)
      return bytes.subarray(0, tile.width * 32)
    })))
  }

  return { read, hashes, rootAt: (size, edge) => readRoot(size, hashes(size, edge)) }
}
