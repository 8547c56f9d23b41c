/** A perfect subtree: the 2^level leaves from `index` × 2^level on. Level 0 is a leaf. */
export interface NodeId {
  level: number
  index: number
}

/**
 * The leaves [from, to), whose Merkle tree hash is one hash of a proof: the right half of a tree may be incomplete, and then
 * nobody stores its hash.
 */
export interface LeafRange {
  from: number
  to: number
}

/** What the inclusion proof of a leaf consists of, its sibling first. */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  const ranges: LeafRange[] = []
  let from = 0
  let to = size
  // SPEC: RFC 6962 2.1.1: "PATH(m, D[n]) = PATH(m, D[0:k]) : MTH(D[k:n]) for m < k; and
  // PATH(m, D[n]) = PATH(m - k, D[k:n]) : MTH(D[0:k]) for m >= k"
  while (to - from > 1) {
    const middle = from + leftSize(to - from)
    if (index < middle) {
      ranges.push({ from: middle, to })
      to = middle
    } else {
      ranges.push({ from, to: middle })
      from = middle
    }
  }
  return ranges.reverse()
}

/** What the consistency proof from the tree of `oldSize` leaves to the one of `newSize` consists of. */
export function consistencyRanges(oldSize: number, newSize: number): LeafRange[] {
  // SPEC: RFC 6962 2.1.2: "PROOF(m, D[n]) for a previous Merkle Tree Hash MTH(D[0:m]), 0 < m < n"
  if (oldSize === 0) return []
  const ranges: LeafRange[] = []
  let from = 0
  let to = newSize
  // SPEC: RFC 6962 2.1.2: "if m <= k, the right subtree entries D[k:n] only exist in the current tree"
  // and "if m > k, the left subtree entries D[0:k] are identical in both trees"
  while (to !== oldSize) {
    const middle = from + leftSize(to - from)
    if (oldSize <= middle) {
      ranges.push({ from: middle, to })
      to = middle
    } else {
      ranges.push({ from, to: middle })
      from = middle
    }
  }
  // SPEC: RFC 6962 2.1.2: "The subproof for m = n is empty if m is the value for which PROOF was originally requested (meaning
  // that the subtree Merkle Tree Hash MTH(D[0:m]) is known)"
  if (from > 0) ranges.push({ from, to })
  return ranges.reverse()
}

/**
 * The perfect subtrees of a range, left to right. Folded from the right they give its hash. The range begins where a perfect
 * subtree of its size could begin, as all ranges of proofs and whole trees do.
 */
export function nodesOfRange({ from, to }: LeafRange): NodeId[] {
  const nodes: NodeId[] = []
  let level = 52
  for (let start = from; start < to; level--) {
    const leaves = 2 ** level
    if (leaves > to - start) continue
    nodes.push({ level, index: start / leaves })
    start += leaves
  }
  return nodes
}

/** Leaves of the left half of a tree with at least two. */
function leftSize(size: number): number {
  // SPEC: RFC 6962 2.1: "let k be the largest power of two smaller than n (i.e., k < n <= 2k)"
  let k = 1
  while (k * 2 < size) k *= 2
  return k
}
