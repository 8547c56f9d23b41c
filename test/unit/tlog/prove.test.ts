import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkConsistency, checkInclusion, encodeBase64, proveConsistency, proveInclusion, readRoot, type NodeId,
} from '../../../shared/tlog/index.ts'
import { readLeaves, refusal, vectorRoot, vectors } from './tree.ts'
import { EXTREME_SIZES, uniformTree } from './uniform.ts'

describe('proofs are those of Go', () => {
  it.each(vectors.inclusion)('inclusion of $index in $size', async ({ index, size, proof }) => {
    expect((await proveInclusion(index, size, readLeaves)).map(encodeBase64)).toEqual(proof)
  })

  it.each(vectors.consistency)('consistency of $oldSize with $newSize', async ({ oldSize, newSize, proof }) => {
    expect((await proveConsistency(oldSize, newSize, readLeaves)).map(encodeBase64)).toEqual(proof)
  })

  it.each(vectors.roots)('root of size $size', async ({ size, root }) => {
    expect(encodeBase64(await readRoot(size, readLeaves))).toBe(root)
  })
})

it('one read each, and none for what needs no hash', async () => {
  const calls: (readonly NodeId[])[] = []
  const read = (nodes: readonly NodeId[]) => {
    calls.push(nodes)
    return readLeaves(nodes)
  }
  await proveInclusion(0, 1, read)
  await proveConsistency(0, 7, read)
  await proveConsistency(7, 7, read)
  await readRoot(0, read)
  expect(calls).toEqual([])
  await proveInclusion(2, 7, read)
  // The right half of 7 leaves is not stored as one hash: it is 2 and 1.
  expect(calls).toEqual([[{ level: 0, index: 3 }, { level: 1, index: 0 }, { level: 1, index: 2 }, { level: 0, index: 6 }]])
})

it('what a tree does not have is out of range', async () => {
  await expect(proveInclusion(7, 7, readLeaves)).rejects.toThrow(refusal('OUT_OF_RANGE'))
  await expect(proveInclusion(0, 0, readLeaves)).rejects.toThrow(refusal('OUT_OF_RANGE'))
  await expect(proveInclusion(-1, 7, readLeaves)).rejects.toThrow(refusal('OUT_OF_RANGE'))
  await expect(proveInclusion(0.5, 7, readLeaves)).rejects.toThrow(refusal('OUT_OF_RANGE'))
  await expect(proveInclusion(0, 2 ** 53, readLeaves)).rejects.toThrow(refusal('OUT_OF_RANGE'))
  await expect(proveConsistency(8, 7, readLeaves)).rejects.toThrow(refusal('OUT_OF_RANGE'))
  await expect(proveConsistency(-1, 7, readLeaves)).rejects.toThrow(refusal('OUT_OF_RANGE'))
  await expect(proveConsistency(1, Infinity, readLeaves)).rejects.toThrow(refusal('OUT_OF_RANGE'))
  await expect(readRoot(Number.NaN, readLeaves)).rejects.toThrow(refusal('OUT_OF_RANGE'))
})

it('what the reader throws comes through', async () => {
  const failing = () => Promise.reject(new Error('the disk is gone'))
  await expect(proveInclusion(2, 7, failing)).rejects.toThrow('the disk is gone')
})

it('roots of any beginning', async () => {
  await fc.assert(fc.asyncProperty(fc.nat(3000), async (size) => {
    expect(await readRoot(size, readLeaves)).toEqual(vectorRoot(size))
  }), { numRuns: 50 })
})

describe('trees up to 2^53-1 leaves', () => {
  const sizes = fc.oneof(fc.constantFrom(...EXTREME_SIZES), fc.maxSafeNat().filter(size => size > 1))
  const positions = sizes.chain(size => fc.record({
    size: fc.constant(size),
    index: fc.oneof(fc.maxSafeNat().map(n => n % size), fc.constantFrom(0, size - 1, Math.floor(size / 2))),
  }))

  it('have roots', async () => {
    for (const size of EXTREME_SIZES) {
      const tree = uniformTree(size)
      expect(await readRoot(size, tree.readNodes)).toEqual(tree.root)
    }
  })

  it('have inclusion proofs', async () => {
    await fc.assert(fc.asyncProperty(positions, async ({ size, index }) => {
      const tree = uniformTree(size)
      const claim = { index, size, hashes: await proveInclusion(index, size, tree.readNodes), leaf: tree.leaf, root: tree.root }
      expect(() => checkInclusion(claim)).not.toThrow()
      expect(() => checkInclusion({ ...claim, hashes: [...claim.hashes, tree.leaf] })).toThrow(refusal('BAD_PROOF'))
      expect(() => checkInclusion({ ...claim, hashes: claim.hashes.slice(1) })).toThrow(refusal('BAD_PROOF'))
    }), { numRuns: 200 })
  })

  it('have consistency proofs', async () => {
    await fc.assert(fc.asyncProperty(positions, async ({ size, index }) => {
      const tree = uniformTree(size)
      const hashes = await proveConsistency(index, size, tree.readNodes)
      const claim = { oldSize: index, oldRoot: uniformTree(index).root, newSize: size, newRoot: tree.root, hashes }
      expect(() => checkConsistency(claim)).not.toThrow()
      expect(() => checkConsistency({ ...claim, hashes: [...hashes, tree.leaf] })).toThrow(refusal('BAD_PROOF'))
    }), { numRuns: 200 })
  })
})
