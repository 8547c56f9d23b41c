import { HASH_SIZE } from '../../shared/tlog/merkle.ts'
import { TILE_WIDTH } from '../../shared/tlog/index.ts'
import type { Log } from '../log/index.ts'

/** Tiles that are read at once. */
const CHUNK = 32
/** Tiles that are looked through: as many records as the digests' index knows. */
const REACH = 16_384

/** The record with a leaf hash. The lowest tiles hold all of them: the newest are looked through first. */
export async function findLeaf(log: Pick<Log, 'head' | 'tile'>, hash: Uint8Array): Promise<number | undefined> {
  const { size } = await log.head()
  const end = Math.ceil(size / TILE_WIDTH)
  for (let to = end; to > Math.max(0, end - REACH); to -= CHUNK) {
    const from = Math.max(0, to - CHUNK)
    const tiles = await Promise.all(Array.from({ length: to - from }, (_, n) => log.tile(0, from + n)))
    for (const [n, tile] of tiles.entries()) {
      const at = tile ? placeIn(tile, hash) : -1
      if (at !== -1) return (from + n) * TILE_WIDTH + at
    }
    await new Promise(setImmediate)
  }
  return undefined
}

function placeIn(tile: Uint8Array, hash: Uint8Array): number {
  const hashes = Buffer.from(tile.buffer, tile.byteOffset, tile.length)
  // Bytes of two neighbours are no hash.
  for (let at = hashes.indexOf(hash); at !== -1; at = hashes.indexOf(hash, at + 1)) {
    if (at % HASH_SIZE === 0) return at / HASH_SIZE
  }
  return -1
}
