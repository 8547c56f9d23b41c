import { TlogError } from './errors.ts'
import { emptyRoot, isCount, nodeHash, type Hash } from './merkle.ts'
import { consistencyRanges, inclusionRanges, nodesOfRange, type LeafRange, type NodeId } from './proof-nodes.ts'

/** Reads stored hashes, in the order of the nodes. Nodes may repeat. */
export type HashReader = (nodes: readonly NodeId[]) => Promise<Hash[]>

/**
 * The proof that the leaf at `index` is in the tree of `size` leaves, with one read.
 *
 * @throws TlogError `OUT_OF_RANGE` if that tree has no such leaf, and whatever `read` throws
 */
export async function proveInclusion(index: number, size: number, read: HashReader): Promise<Hash[]> {
  if (!isCount(index) || !isCount(size) || index >= size) {
    throw new TlogError('OUT_OF_RANGE', `There is no leaf ${index} in a tree of size ${size}.`)
  }
  return readRanges(inclusionRanges(index, size), read)
}

/**
 * The proof that the tree of `oldSize` leaves is the beginning of the one of `newSize`, with one read. It is empty from the empty
 * tree and between equal sizes.
 *
 * @throws TlogError `OUT_OF_RANGE` if the sizes are in the wrong order, and whatever `read` throws
 */
export async function proveConsistency(oldSize: number, newSize: number, read: HashReader): Promise<Hash[]> {
  if (!isCount(oldSize) || !isCount(newSize) || oldSize > newSize) {
    throw new TlogError('OUT_OF_RANGE', `A tree of size ${oldSize} is not the beginning of one of size ${newSize}.`)
  }
  return readRanges(consistencyRanges(oldSize, newSize), read)
}

/**
 * The root of the tree of `size` leaves, with one read.
 *
 * @throws TlogError `OUT_OF_RANGE` if `size` is no size, and whatever `read` throws
 */
export async function readRoot(size: number, read: HashReader): Promise<Hash> {
  if (!isCount(size)) throw new TlogError('OUT_OF_RANGE', `${size} is not the size of a tree.`)
  const [root] = size === 0 ? [emptyRoot()] : await readRanges([{ from: 0, to: size }], read)
  return root!
}

/** One hash for each range: all nodes are read at once, then folded. */
async function readRanges(ranges: readonly LeafRange[], read: HashReader): Promise<Hash[]> {
  if (ranges.length === 0) return []
  const nodes = ranges.map(nodesOfRange)
  const hashes = await read(nodes.flat())
  let next = 0
  return nodes.map(({ length }) => hashes.slice(next, next += length).reduceRight((right, left) => nodeHash(left, right)))
}
