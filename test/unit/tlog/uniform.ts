import { emptyRoot, leafHash, nodeHash, type Hash, type NodeId, type TileId } from '../../../shared/tlog/index.ts'

/**
 * A tree whose leaves are all the same, so that the hash of a perfect subtree depends on its level only: trees of any size
 * without the leaves. What is asked of it is checked in whole numbers of any size.
 */
export interface UniformTree {
  size: number
  root: Hash
  leaf: Hash
  readNodes: (nodes: readonly NodeId[]) => Promise<Hash[]>
  readTiles: (tiles: readonly TileId[]) => Promise<Uint8Array[]>
}

const byLevel: Hash[] = [leafHash(Uint8Array.of(7))]
for (let level = 0; level < 64; level++) byLevel.push(nodeHash(byLevel[level]!, byLevel[level]!))

export function uniformTree(size: number): UniformTree {
  return {
    size,
    root: size === 0 ? emptyRoot() : uniformRoot(BigInt(size)),
    leaf: byLevel[0]!,
    readNodes: async nodes => nodes.map(({ level, index }) => {
      if ((BigInt(index) + 1n) << BigInt(level) > BigInt(size)) throw new Error(`no node ${index} of level ${level} in size ${size}`)
      return byLevel[level]!
    }),
    readTiles: async tiles => tiles.map(({ level, index, width }) => {
      const hashes = BigInt(size) >> BigInt(8 * level)
      const start = BigInt(index) * 256n
      const found = hashes - start < 256n ? hashes - start : 256n
      if (BigInt(width) !== found) throw new Error(`tile ${index} of level ${level} in size ${size} is ${found} wide, not ${width}`)
      return uniformTile(level, width)
    }),
  }
}

/** A tile of any uniform tree. */
export function uniformTile(level: number, width: number): Uint8Array {
  const bytes = new Uint8Array(width * 32)
  for (let i = 0; i < width; i++) bytes.set(byLevel[8 * level]!, i * 32)
  return bytes
}

/** Sizes at which arithmetic breaks if it breaks. */
export const EXTREME_SIZES = [2 ** 16, 2 ** 24, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 48, 2 ** 52].flatMap(n => [n - 1, n, n + 1])
  .concat(2 ** 53 - 2, 2 ** 53 - 1)

function uniformRoot(size: bigint): Hash {
  const level = size.toString(2).length - 1
  const left = 1n << BigInt(level)
  return size === left ? byLevel[level]! : nodeHash(byLevel[level]!, uniformRoot(size - left))
}
