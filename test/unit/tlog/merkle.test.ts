import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkConsistency, checkInclusion, decodeBase64, emptyRoot, encodeBase64, equalHashes, leafHash, nodeHash, proveConsistency,
  proveInclusion, rootOf,
} from '../../../shared/tlog/index.ts'
import { rootOfHashes } from '../../../shared/tlog/merkle.ts'
import { definedRoot, entryOf, flipped, leaves, readLeaves, refusal, vectorRoot, vectors } from './tree.ts'

const sizes = fc.integer({ min: 1, max: 3000 })

describe('hashes', () => {
  it.each(vectors.leaves)('leaf $index', ({ index, entry, leafHash: hash }) => {
    expect(encodeBase64(leafHash(new TextEncoder().encode(entry)))).toBe(hash)
    expect(encodeBase64(leaves[index]!)).toBe(hash)
  })

  it.each(vectors.roots)('root of size $size', ({ size, root }) => {
    expect(encodeBase64(rootOf(leaves.slice(0, size)))).toBe(root)
  })

  it('are those of the recursive definition', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 600 }), (size) => {
      expect(rootOf(leaves.slice(0, size))).toEqual(definedRoot(leaves.slice(0, size)))
    }))
  })

  it('given out earlier do not change', () => {
    const first = leafHash(entryOf(0))
    const node = nodeHash(first, first)
    nodeHash(node, leafHash(entryOf(1)))
    expect(first).toEqual(leaves[0])
    expect(node).toEqual(definedRoot([first, first]))
    for (const root of [rootOf([first]), rootOfHashes(first)]) {
      expect(root).toEqual(first)
      expect(root.buffer).not.toBe(first.buffer)
    }
  })

  it('an entry that looks like a node has another hash', () => {
    const [a, b] = [leaves[0]!, leaves[1]!]
    expect(leafHash(new Uint8Array([...a, ...b]))).not.toEqual(nodeHash(a, b))
  })

  it('are compared by all their bytes', () => {
    for (let at = 0; at < 32; at++) expect(equalHashes(leaves[0]!, flipped(leaves[0]!, at))).toBe(false)
    expect(equalHashes(leaves[0]!, leaves[0]!.slice())).toBe(true)
    expect(equalHashes(leaves[0]!, leaves[0]!.subarray(0, 31))).toBe(false)
  })

  it('of another length are no leaves', () => {
    expect(() => rootOf([leaves[0]!, new Uint8Array(31)])).toThrow(refusal('MALFORMED', 'Hash 1 of 2'))
  })
})

describe('inclusion', () => {
  it.each(vectors.inclusion)('of leaf $index in size $size', ({ index, size, proof }) => {
    const claim = { index, size, hashes: proof.map(decodeBase64), leaf: leaves[index]!, root: vectorRoot(size) }
    expect(() => checkInclusion(claim)).not.toThrow()
    expect(() => checkInclusion({ ...claim, leaf: leaves[index + 1] ?? leaves[0]! })).toThrow(refusal('BAD_PROOF'))
  })

  it('holds for every leaf, and for no other index than its own', async () => {
    for (let size = 1; size <= 20; size++) {
      const root = vectorRoot(size)
      for (let index = 0; index < size; index++) {
        const claim = { index, size, hashes: await proveInclusion(index, size, readLeaves), leaf: leaves[index]!, root }
        expect(() => checkInclusion(claim)).not.toThrow()
        for (let other = 0; other < 40; other++) {
          if (other !== index) expect(() => checkInclusion({ ...claim, index: other })).toThrow(refusal('BAD_PROOF'))
        }
      }
    }
  })

  it('with any flipped bit is refused', async () => {
    const input = sizes.chain(size => fc.record({ size: fc.constant(size), index: fc.nat(size - 1), at: fc.nat() }))
    await fc.assert(fc.asyncProperty(input, async ({ size, index, at }) => {
      const hashes = await proveInclusion(index, size, readLeaves)
      const claim = { index, size, hashes, leaf: leaves[index]!, root: vectorRoot(size) }
      expect(() => checkInclusion(claim)).not.toThrow()
      const byte = at % 32
      expect(() => checkInclusion({ ...claim, leaf: flipped(claim.leaf, byte) })).toThrow(refusal('BAD_PROOF'))
      expect(() => checkInclusion({ ...claim, root: flipped(claim.root, byte) })).toThrow(refusal('BAD_PROOF'))
      for (let i = 0; i < hashes.length; i++) {
        const forged = hashes.with(i, flipped(hashes[i]!, byte))
        expect(() => checkInclusion({ ...claim, hashes: forged })).toThrow(refusal('BAD_PROOF'))
        expect(() => checkInclusion({ ...claim, hashes: hashes.toSpliced(i, 1) })).toThrow(refusal('BAD_PROOF'))
        expect(() => checkInclusion({ ...claim, hashes: hashes.toSpliced(i, 0, hashes[i]!) })).toThrow(refusal('BAD_PROOF'))
      }
    }), { numRuns: 60 })
  })

  const [a, b] = [leaves[0]!, leaves[1]!]
  const good = { index: 0, size: 2, hashes: [b], leaf: a, root: nodeHash(a, b) }
  it.each([
    ['an index that is the size', { index: 2 }],
    ['an index beyond the size', { index: 2 ** 33 }],
    ['a negative index', { index: -1 }],
    ['half an index', { index: 0.5 }],
    ['no number as index', { index: Number.NaN }],
    ['the empty tree', { size: 0 }],
    ['a negative size', { size: -2 }],
    ['half a size', { size: 1.5 }],
    ['a size that numbers cannot hold', { size: 2 ** 53 }],
    ['an infinite size', { size: Infinity }],
    ['a missing hash', { hashes: [] }],
    ['an extra hash', { hashes: [b, b] }],
    ['an extra hash before', { hashes: [a, b] }],
    ['a short hash', { hashes: [b.subarray(1)] }],
    ['a long hash', { hashes: [new Uint8Array([...b, 0])] }],
    ['an empty hash', { hashes: [new Uint8Array()] }],
    ['a byte moved from the proof to the leaf', { leaf: new Uint8Array([...a, b[0]!]), hashes: [b.subarray(1)] }],
    ['a short leaf', { leaf: a.subarray(1) }],
    ['a short root', { root: a.subarray(1) }],
    ['the root as leaf', { leaf: good.root, hashes: [] }],
  ])('with %s is refused', (_, change) => {
    expect(() => checkInclusion(good)).not.toThrow()
    expect(() => checkInclusion({ ...good, ...change })).toThrow(refusal('BAD_PROOF'))
  })
})

describe('consistency', () => {
  it.each(vectors.consistency)('of size $oldSize with size $newSize', ({ oldSize, newSize, proof }) => {
    const hashes = proof.map(decodeBase64)
    const claim = { oldSize, oldRoot: vectorRoot(oldSize), newSize, newRoot: vectorRoot(newSize), hashes }
    expect(() => checkConsistency(claim)).not.toThrow()
    expect(() => checkConsistency({ ...claim, oldRoot: flipped(claim.oldRoot, 0) })).toThrow(expect.objectContaining({ name: 'TlogError' }))
  })

  it('holds for every two sizes, and no other old size', async () => {
    for (let newSize = 0; newSize <= 20; newSize++) {
      for (let oldSize = 0; oldSize <= newSize; oldSize++) {
        const hashes = await proveConsistency(oldSize, newSize, readLeaves)
        const claim = { oldSize, oldRoot: vectorRoot(oldSize), newSize, newRoot: vectorRoot(newSize), hashes }
        expect(() => checkConsistency(claim)).not.toThrow()
        for (let other = 0; other <= 20; other++) {
          if (other !== oldSize) expect(() => checkConsistency({ ...claim, oldSize: other })).toThrow(expect.objectContaining({ name: 'TlogError' }))
        }
      }
    }
  })

  it('with any flipped bit is refused', async () => {
    await fc.assert(fc.asyncProperty(sizes, sizes, fc.nat(31), async (one, other, at) => {
      const [oldSize, newSize] = [Math.min(one, other), Math.max(one, other)]
      const hashes = await proveConsistency(oldSize, newSize, readLeaves)
      const claim = { oldSize, oldRoot: vectorRoot(oldSize), newSize, newRoot: vectorRoot(newSize), hashes }
      const code = oldSize === newSize ? 'INCONSISTENT' : 'BAD_PROOF'
      expect(() => checkConsistency(claim)).not.toThrow()
      expect(() => checkConsistency({ ...claim, oldRoot: flipped(claim.oldRoot, at) })).toThrow(refusal(code))
      expect(() => checkConsistency({ ...claim, newRoot: flipped(claim.newRoot, at) })).toThrow(refusal(code))
      for (let i = 0; i < hashes.length; i++) {
        const forged = hashes.with(i, flipped(hashes[i]!, at))
        expect(() => checkConsistency({ ...claim, hashes: forged })).toThrow(refusal('BAD_PROOF'))
        expect(() => checkConsistency({ ...claim, hashes: hashes.toSpliced(i, 1) })).toThrow(refusal('BAD_PROOF'))
        expect(() => checkConsistency({ ...claim, hashes: hashes.toSpliced(i, 0, hashes[i]!) })).toThrow(refusal('BAD_PROOF'))
      }
    }), { numRuns: 60 })
  })

  const [a, b] = [leaves[0]!, leaves[1]!]
  const ab = nodeHash(a, b)
  const good = { oldSize: 1, oldRoot: a, newSize: 2, newRoot: ab, hashes: [b] }
  it.each([
    ['sizes in the wrong order', { oldSize: 2, oldRoot: ab, newSize: 1, newRoot: a }],
    ['a proof from the empty tree', { oldSize: 0, oldRoot: emptyRoot() }],
    ['another root of the empty tree', { oldSize: 0, oldRoot: a, hashes: [] }],
    ['two empty trees with another root', { oldSize: 0, oldRoot: a, newSize: 0, newRoot: a, hashes: [] }],
    ['a proof between equal sizes', { newSize: 1, newRoot: a }],
    ['a missing proof', { hashes: [] }],
    ['a missing proof of an old size that is no power of two', { oldSize: 3, newSize: 4, hashes: [] }],
    ['an extra hash', { hashes: [b, b] }],
    ['a short hash', { hashes: [b.subarray(1)] }],
    ['a byte moved from the proof to the old root', { oldRoot: new Uint8Array([...a, b[0]!]), hashes: [b.subarray(1)] }],
    ['a short old root', { oldRoot: a.subarray(1) }],
    ['a long new root', { newRoot: new Uint8Array([...ab, 0]) }],
    ['a negative size', { oldSize: -1 }],
    ['half a size', { oldSize: 1.5 }],
    ['a size that numbers cannot hold', { newSize: 2 ** 53 }],
    ['no number as size', { newSize: Number.NaN }],
  ])('with %s is refused', (_, change) => {
    expect(() => checkConsistency(good)).not.toThrow()
    expect(() => checkConsistency({ ...good, ...change })).toThrow(refusal('BAD_PROOF'))
  })

  it('two roots of one size are named: they prove a fork', () => {
    const fork = { oldSize: 1, oldRoot: a, newSize: 1, newRoot: b, hashes: [] }
    expect(() => checkConsistency(fork)).toThrow(refusal('INCONSISTENT', encodeBase64(a)))
    expect(() => checkConsistency(fork)).toThrow(refusal('INCONSISTENT', encodeBase64(b)))
  })
})
