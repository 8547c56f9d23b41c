import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyEdge, emptyRoot, encodeBase64, grow, rootOfEdge, tilePath, widthAt, type Edge } from '../../../shared/tlog/index.ts'
import { definedTile, flipped, leaves, refusal, vectorRoot, vectors } from './tree.ts'
import { EXTREME_SIZES, uniformTile, uniformTree } from './uniform.ts'

/** The edge of the vectors' tree by the definition of tiles. */
function definedEdge(size: number): Edge {
  const levels: Uint8Array[] = []
  for (let level = 0; 256 ** level <= size; level++) {
    const width = Math.floor(size / 256 ** level) % 256
    levels.push(definedTile({ level, index: Math.floor(size / 256 ** (level + 1)), width }))
  }
  return { size, levels }
}

describe('roots', () => {
  it.each(vectors.roots)('size $size', ({ size, root }) => {
    expect(encodeBase64(rootOfEdge(definedEdge(size)))).toBe(root)
    expect(encodeBase64(rootOfEdge(grow(emptyEdge(), leaves.slice(0, size)).edge))).toBe(root)
  })

  it('of the empty tree', () => {
    expect(rootOfEdge(emptyEdge())).toEqual(emptyRoot())
    expect(grow(emptyEdge(), [])).toEqual({ edge: emptyEdge(), full: [] })
  })

  it.each(EXTREME_SIZES)('size %d', (size) => {
    expect(rootOfEdge(uniformEdge(size))).toEqual(uniformTree(size).root)
  })
})

describe('growth', () => {
  it('in batches of any size makes the tiles and roots of the whole tree', () => {
    const batch = fc.oneof(fc.nat(3), fc.nat(600), fc.constantFrom(0, 255, 256, 257, 512))
    fc.assert(fc.property(fc.array(batch, { maxLength: 12 }), (batches) => {
      let edge = emptyEdge()
      const made = new Set<string>()
      for (const count of batches) {
        const grown = grow(edge, leaves.slice(edge.size, edge.size + count))
        expect(grown.full.map(({ level }) => level)).toEqual(grown.full.map(({ level }) => level).toSorted((a, b) => a - b))
        for (const { level, index, hashes } of grown.full) {
          const tile = { level, index, width: 256 }
          expect(made).not.toContain(tilePath(tile))
          made.add(tilePath(tile))
          expect(hashes).toEqual(definedTile(tile))
        }
        edge = grown.edge
        expect(rootOfEdge(edge)).toEqual(vectorRoot(edge.size))
      }
      expect(edge).toEqual(definedEdge(edge.size))
      expect(made.size).toBe(Math.floor(edge.size / 256))
    }), { numRuns: 25 })
  })

  it('by more than a level 1 tile at once fills every level', () => {
    const first = grow(emptyEdge(), leaves.slice(0, 300))
    const { edge, full } = grow(first.edge, leaves.slice(300))
    expect(edge).toEqual(definedEdge(70_000))
    const level0 = full.filter(({ level }) => level === 0)
    expect(level0.map(({ index }) => index)).toEqual(Array.from({ length: 272 }, (_, i) => i + 1))
    expect(level0.at(-1)!.hashes).toEqual(definedTile({ level: 0, index: 272, width: 256 }))
    expect(full.slice(272)).toEqual([{ level: 1, index: 0, hashes: definedTile({ level: 1, index: 0, width: 256 }) }])
  })

  it('one by one over the end of a level 1 tile', () => {
    let edge = definedEdge(65_534)
    for (const full of [[], [0, 1], []]) {
      const grown = grow(edge, [leaves[edge.size]!])
      expect(grown.full.map(({ level }) => level)).toEqual(full)
      edge = grown.edge
      expect(edge).toEqual(definedEdge(edge.size))
      expect(rootOfEdge(edge)).toEqual(vectorRoot(edge.size))
    }
  })

  it('leaves the old edge as it was, and shares nothing with it or the leaves', () => {
    const old = definedEdge(300)
    const copy = structuredClone(old)
    const leaf = leaves[300]!.slice()
    const { edge } = grow(old, [leaf])
    expect(old).toEqual(copy)
    leaf.fill(0)
    for (const level of old.levels) level.fill(0)
    expect(edge).toEqual(definedEdge(301))
  })

  it.each(EXTREME_SIZES.filter(size => size > 2 ** 20 && size < 2 ** 53 - 300))('from %d on', (size) => {
    const { leaf } = uniformTree(size)
    const { edge, full } = grow(uniformEdge(size), Array.from({ length: 300 }, () => leaf))
    expect(edge).toEqual(uniformEdge(size + 300))
    expect(rootOfEdge(edge)).toEqual(uniformTree(size + 300).root)
    for (const { level, index, hashes } of full) {
      expect(hashes).toEqual(uniformTile(level, 256))
      expect(widthAt(level, index, size)).toBeLessThan(256)
      expect(widthAt(level, index, size + 300)).toBe(256)
    }
    expect(full.filter(({ level }) => level === 0).length).toBe(Math.floor((size % 256 + 300) / 256))
  })

  it('up to 2^53-1 leaves and no further', () => {
    const { leaf } = uniformTree(1)
    const last = Number.MAX_SAFE_INTEGER
    const { edge } = grow(uniformEdge(last - 2), [leaf, leaf])
    expect(edge).toEqual(uniformEdge(last))
    expect(() => grow(edge, [leaf])).toThrow(refusal('OUT_OF_RANGE'))
  })

  it('by what is no hash is refused', () => {
    expect(() => grow(emptyEdge(), [leaves[0]!, new Uint8Array(33)])).toThrow(refusal('MALFORMED'))
    expect(() => grow(emptyEdge(), [new Uint8Array()])).toThrow(refusal('MALFORMED'))
  })
})

describe('an edge that does not fit its size', () => {
  const hash = leaves[0]!
  const none = new Uint8Array()
  const full = definedTile({ level: 0, index: 0, width: 256 })
  it.each<[string, Edge]>([
    ['a hash too many', { size: 0, levels: [hash] }],
    ['a hash too few', { size: 1, levels: [] }],
    ['another size', { ...definedEdge(300), size: 301 }],
    ['a missing level', { size: 256, levels: [none] }],
    ['a missing top level', { size: 300, levels: definedEdge(300).levels.slice(0, 1) }],
    ['a level too many', { size: 300, levels: [...definedEdge(300).levels, hash] }],
    ['a full tile', { size: 256, levels: [full] }],
    ['a full tile below its hash', { size: 256, levels: [full, hash] }],
    ['half a hash', { size: 1, levels: [hash.subarray(16)] }],
    ['levels in the wrong order', { size: 300, levels: definedEdge(300).levels.toReversed() }],
    ['a negative size', { size: -1, levels: [] }],
    ['half a size', { size: 1.5, levels: [hash] }],
    ['no number as size', { size: Number.NaN, levels: [] }],
    ['an infinite size', { size: Infinity, levels: [] }],
    ['a size that numbers cannot hold', { size: 2 ** 53, levels: [] }],
  ])('is refused: %s', (_, edge) => {
    expect(() => rootOfEdge(edge)).toThrow(refusal('MALFORMED'))
    expect(() => grow(edge, [])).toThrow(refusal('MALFORMED'))
  })

  it('has another root by any flipped bit', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 70_000 }), fc.nat(), (size, at) => {
      const edge = definedEdge(size)
      const level = edge.levels.findIndex(bytes => bytes.length > 0)
      const bytes = edge.levels[level]!
      const forged = edge.levels.with(level, flipped(bytes, at % bytes.length))
      expect(rootOfEdge({ size, levels: forged })).not.toEqual(rootOfEdge(edge))
    }), { numRuns: 20 })
  })
})

function uniformEdge(size: number): Edge {
  const levels: Uint8Array[] = []
  for (let level = 0; 256n ** BigInt(level) <= BigInt(size); level++) {
    levels.push(uniformTile(level, Number(BigInt(size) >> BigInt(8 * level) & 255n)))
  }
  return { size, levels }
}
