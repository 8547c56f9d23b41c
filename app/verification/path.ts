import { equalHashes, nodeHash, type Hash } from '../../shared/tlog/index.ts'
import { inclusionRanges, type LeafRange } from '../../shared/tlog/proof-nodes.ts'

/** One step of the way from a leaf to the root: two neighbours, and the node above them. */
export interface PathStep {
  /** Leaves below the node on the way. */
  node: LeafRange
  /** Leaves below its neighbour, whose hash the proof gives. */
  sibling: LeafRange
  /** Where the neighbour stands. */
  side: 'left' | 'right'
  /** Leaves below the node above both. */
  parent: LeafRange
}

/** The way from a leaf to the root of a tree, the leaf first. Empty in a tree of one leaf. */
export function merklePath(index: number, size: number): PathStep[] {
  let node: LeafRange = { from: index, to: index + 1 }
  return inclusionRanges(index, size).map((sibling) => {
    const side = sibling.from === node.to ? 'right' : 'left'
    const parent = side === 'right' ? { from: node.from, to: sibling.to } : { from: sibling.from, to: node.to }
    const step: PathStep = { node, sibling, side, parent }
    node = parent
    return step
  })
}

/** The hashes of the nodes above a leaf, the root last; one for each step that has its sibling's hash. */
export function foldPath(leaf: Hash, path: readonly PathStep[], siblings: readonly Hash[]): Hash[] {
  let hash = leaf
  return path.slice(0, siblings.length).map(({ side }, n) => hash = side === 'left' ? nodeHash(siblings[n]!, hash) : nodeHash(hash, siblings[n]!))
}

/** The first place at which two proofs differ; undefined: they are the same. */
export function firstDifference(one: readonly Hash[], other: readonly Hash[]): number | undefined {
  const length = Math.max(one.length, other.length)
  for (let n = 0; n < length; n++) {
    const [a, b] = [one[n], other[n]]
    if (!a || !b || !equalHashes(a, b)) return n
  }
  return undefined
}
