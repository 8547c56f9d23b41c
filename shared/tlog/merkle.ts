import { sha256 } from '@noble/hashes/sha2.js'
import { encodeBase64 } from './base64.ts'
import { TlogError } from './errors.ts'

/** A SHA-256 hash: 32 bytes. */
export type Hash = Uint8Array

/** Bytes of a hash. */
export const HASH_SIZE = 32

// SPEC: RFC 6962 2.1: "Note that the hash calculations for leaves and nodes differ. This domain separation is required to give
// second preimage resistance."
const LEAF = sha256.create().update(Uint8Array.of(0x00))
const NODE = sha256.create().update(Uint8Array.of(0x01))

// One hasher that starts from a copy of a prefix, and one place for what it gives: a third faster than new ones for each hash.
const scratch = sha256.create()
const result = new Uint8Array(HASH_SIZE)

/** RFC 6962 hash of one entry's bytes. */
export function leafHash(entry: Uint8Array): Hash {
  // SPEC: RFC 6962 2.1: "MTH({d(0)}) = SHA-256(0x00 || d(0))"
  LEAF._cloneInto(scratch).update(entry).digestInto(result)
  return result.slice()
}

/** RFC 6962 hash of an inner node. */
export function nodeHash(left: Hash, right: Hash): Hash {
  // SPEC: RFC 6962 2.1: "MTH(D[n]) = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n]))"
  NODE._cloneInto(scratch).update(left).update(right).digestInto(result)
  return result.slice()
}

/** Root of the tree without leaves. */
export function emptyRoot(): Hash {
  // SPEC: RFC 6962 2.1: "The hash of an empty list is the hash of an empty string: MTH({}) = SHA-256()."
  return sha256(new Uint8Array())
}

/** True for the same bytes. Hashes of a public log are no secret: the time this takes may depend on them. */
export function equalHashes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false
  }
  return true
}

/** Root of a tree whose leaf hashes are all in memory: for tests and small trees. */
export function rootOf(leaves: readonly Hash[]): Hash {
  return leaves.length === 0 ? emptyRoot() : rootOfHashes(concatHashes(leaves))
}

/** The hashes one after the other, as tiles hold them. */
export function concatHashes(hashes: readonly Hash[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * HASH_SIZE)
  for (const [i, hash] of hashes.entries()) {
    if (hash.length !== HASH_SIZE) {
      throw new TlogError('MALFORMED', `Hash ${i} of ${hashes.length} has ${hash.length} bytes instead of ${HASH_SIZE}.`)
    }
    bytes.set(hash, i * HASH_SIZE)
  }
  return bytes
}

/**
 * Root over one or more concatenated hashes: of leaves, or of perfect subtrees of one size, the last of which may also be an
 * incomplete smaller one.
 */
export function rootOfHashes(bytes: Uint8Array): Hash {
  let level = bytes
  while (level.length > HASH_SIZE) level = pairUp(level)
  return level.slice()
}

/**
 * The next level up: concatenated hashes of each two neighbours. An odd last one moves up as it is, which gives the tree of
 * RFC 6962, whose left half is the largest perfect one that leaves something to its right.
 */
export function pairUp(bytes: Uint8Array): Uint8Array {
  const pairs = Math.floor(bytes.length / (2 * HASH_SIZE))
  const rest = bytes.subarray(pairs * 2 * HASH_SIZE)
  const above = new Uint8Array(pairs * HASH_SIZE + rest.length)
  for (let i = 0; i < pairs; i++) {
    const pair = bytes.subarray(i * 2 * HASH_SIZE, (i + 1) * 2 * HASH_SIZE)
    NODE._cloneInto(scratch).update(pair).digestInto(above.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE))
  }
  above.set(rest, pairs * HASH_SIZE)
  return above
}

/**
 * Checks that a leaf stands at an index of the tree of a size and root.
 *
 * @param proof.index zero-based, below `size`
 * @param proof.hashes the inclusion proof, the leaf's sibling first
 * @param proof.leaf the leaf's hash, not the entry
 * @throws TlogError `BAD_PROOF`
 */
export function checkInclusion(proof: {
  index: number
  size: number
  hashes: readonly Hash[]
  leaf: Hash
  root: Hash
}): void {
  const { index, size, hashes, leaf, root } = proof
  const fail = (why: string) => {
    return new TlogError('BAD_PROOF', `The proof that leaf ${index} is in the tree of size ${size} is wrong: ${why}.`)
  }
  if (!isCount(size) || !isCount(index)) throw fail('index or size is no whole number below 2^53')
  if (index >= size) throw fail('the tree has no such leaf')
  if (![...hashes, leaf, root].every(isHash)) throw fail(`not every hash has ${HASH_SIZE} bytes`)

  // Upwards from the leaf: `node` is its ancestor's index in a level, `last` that of the level's last node.
  let node = index
  let last = size - 1
  let hash = leaf
  for (const sibling of hashes) {
    if (last === 0) throw fail('it goes on above the root')
    // A last node that is a left child has no sibling: it stands for itself in the levels above.
    while (node === last && node % 2 === 0) [node, last] = [half(node), half(last)]
    // SPEC: RFC 6962 2.1.1: "PATH(m, D[n]) = PATH(m, D[0:k]) : MTH(D[k:n]) for m < k; and
    // PATH(m, D[n]) = PATH(m - k, D[k:n]) : MTH(D[0:k]) for m >= k"
    hash = node % 2 === 1 ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
    [node, last] = [half(node), half(last)]
  }
  if (last !== 0) throw fail('it ends below the root')
  if (!equalHashes(hash, root)) throw fail('it gives another root')
}

/**
 * Checks that the tree of `oldSize` leaves and `oldRoot` is the beginning of the one of `newSize` leaves and `newRoot`.
 *
 * @throws TlogError `INCONSISTENT` for two roots of one size, `BAD_PROOF` for everything else
 */
export function checkConsistency(proof: {
  oldSize: number
  oldRoot: Hash
  newSize: number
  newRoot: Hash
  hashes: readonly Hash[]
}): void {
  const { oldSize, oldRoot, newSize, newRoot, hashes } = proof
  const fail = (why: string) => {
    return new TlogError('BAD_PROOF', `The proof that the tree of size ${oldSize} begins that of size ${newSize} is wrong: ${why}.`)
  }
  if (!isCount(oldSize) || !isCount(newSize)) throw fail('a size is no whole number below 2^53')
  if (oldSize > newSize) throw fail('the sizes are in the wrong order')
  if (![...hashes, oldRoot, newRoot].every(isHash)) throw fail(`not every hash has ${HASH_SIZE} bytes`)
  if (oldSize === 0 && !equalHashes(oldRoot, emptyRoot())) throw fail('the empty tree has another root')
  if (oldSize === newSize && !equalHashes(oldRoot, newRoot)) {
    throw new TlogError('INCONSISTENT', `Size ${oldSize} has two roots: ${encodeBase64(oldRoot)} and ${encodeBase64(newRoot)}.`)
  }
  // SPEC: RFC 6962 2.1.2: "PROOF(m, D[n]) for a previous Merkle Tree Hash MTH(D[0:m]), 0 < m < n"
  if (oldSize === 0 || oldSize === newSize) {
    if (hashes.length > 0) throw fail('there is nothing to prove')
    return
  }

  // Upwards from the largest perfect subtree that ends the old tree: `node` is its index, `last` that of the level's last node.
  let node = oldSize - 1
  let last = newSize - 1
  while (node % 2 === 1) [node, last] = [half(node), half(last)]
  // SPEC: RFC 6962 2.1.2: "The subproof for m = n is empty if m is the value for which PROOF was originally requested (meaning
  // that the subtree Merkle Tree Hash MTH(D[0:m]) is known)": so it is when the old tree is a single perfect subtree.
  const [first, ...siblings] = node === 0 ? [oldRoot, ...hashes] : hashes
  if (!first) throw fail('it is empty')
  let oldHash = first
  let newHash = first
  for (const sibling of siblings) {
    if (last === 0) throw fail('it goes on above the root')
    while (node === last && node % 2 === 0) [node, last] = [half(node), half(last)]
    if (node % 2 === 1) {
      oldHash = nodeHash(sibling, oldHash)
      newHash = nodeHash(sibling, newHash)
    } else {
      newHash = nodeHash(newHash, sibling)
    }
    [node, last] = [half(node), half(last)]
  }
  if (last !== 0) throw fail('it ends below the root')
  if (!equalHashes(oldHash, oldRoot)) throw fail('it gives another old root')
  if (!equalHashes(newHash, newRoot)) throw fail('it gives another new root')
}

// No bit operators: they cut numbers to 32 bits.
function half(count: number): number {
  return Math.floor(count / 2)
}

/** True for what can be a size or an index: a whole number that JavaScript knows exactly. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function isHash(hash: Hash): boolean {
  return hash.length === HASH_SIZE
}
