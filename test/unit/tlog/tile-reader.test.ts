import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkInclusion, createTileHashReader, createTrustedHashReader, emptyEdge, emptyRoot, grow, nodeHash, proveConsistency,
  proveInclusion, readRoot, rootOfEdge, tilePath, type NodeId, type ReadTiles,
} from '../../../shared/tlog/index.ts'
import { flipped, leaves, readLeaves, refusal, tilesOf, vectorRoot } from './tree.ts'
import { EXTREME_SIZES, uniformTree } from './uniform.ts'

const sizes = fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.constantFrom(255, 256, 257, 65_535, 65_536, 65_537, 70_000))

/** A size, and perfect subtrees of that tree. */
const questions = sizes.chain((size) => {
  const node: fc.Arbitrary<NodeId> = fc.nat(Math.floor(Math.log2(size)))
    .chain(level => fc.record({ level: fc.constant(level), index: fc.nat(Math.floor(size / 2 ** level) - 1) }))
  return fc.record({ size: fc.constant(size), nodes: fc.array(node, { maxLength: 6 }) })
})

describe('from tiles that anybody may have made', () => {
  it('every hash of a tree', async () => {
    for (const size of [1, 2, 255, 256, 257, 600]) {
      const nodes: NodeId[] = []
      for (let level = 0; 2 ** level <= size; level++) {
        for (let index = 0; (index + 1) * 2 ** level <= size; index++) nodes.push({ level, index })
      }
      const { read, calls } = tilesOf()
      const hashes = createTileHashReader({ size, root: vectorRoot(size) }, read)
      expect(await hashes(nodes)).toEqual(await readLeaves(nodes))
      expect(calls).toHaveLength(1)
    }
  })

  it('any hashes, with one read of the tiles as they are in that tree', async () => {
    await fc.assert(fc.asyncProperty(questions, async ({ size, nodes }) => {
      const { read, calls } = tilesOf()
      const hashes = createTileHashReader({ size, root: vectorRoot(size) }, read)
      expect(await hashes(nodes)).toEqual(await readLeaves(nodes))
      expect(calls).toHaveLength(1)
      expect(new Set(calls[0]).size).toBe(calls[0]!.length)
    }), { numRuns: 25 })
  })

  it('asks for the right edge, the tile of the node and those between', async () => {
    const { read, calls } = tilesOf()
    await createTileHashReader({ size: 70_000, root: vectorRoot(70_000) }, read)([{ level: 3, index: 42_424 / 8 }])
    expect(calls).toEqual([['tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1', 'tile/1/000', 'tile/0/165']])
  })

  it('any flipped bit of any tile is refused, with the tile\'s name', async () => {
    await fc.assert(fc.asyncProperty(questions, fc.nat(), async ({ size, nodes }, at) => {
      const root = vectorRoot(size)
      const honest = tilesOf()
      await createTileHashReader({ size, root }, honest.read)(nodes)
      for (const forged of honest.calls[0]!) {
        const { read } = tilesOf((path, bytes) => path === forged ? flipped(bytes, at % bytes.length) : bytes)
        await expect(createTileHashReader({ size, root }, read)(nodes)).rejects.toThrow(refusal('BAD_TILE', forged))
      }
    }), { numRuns: 15 })
  })

  it('every byte of a tile counts', async () => {
    const root = vectorRoot(600)
    for (const forged of ['tile/0/000', 'tile/0/002.p/88', 'tile/1/000.p/2']) {
      for (let at = 0; at < 8192; at += 97) {
        const { read } = tilesOf((path, bytes) => path === forged ? flipped(bytes, at % bytes.length) : bytes)
        const reader = createTileHashReader({ size: 600, root }, read)
        await expect(reader([{ level: 0, index: 0 }])).rejects.toThrow(refusal('BAD_TILE', forged))
      }
    }
  })

  it('another tree\'s tiles are refused, even when they agree with each other', async () => {
    const { edge, full } = grow(emptyEdge(), leaves.slice(1, 258))
    const other: ReadTiles = async tiles => tiles.map(({ level, width }) => width === 256 ? full[0]!.hashes : edge.levels[level]!)
    const node = { level: 0, index: 9 }
    expect(await createTileHashReader({ size: 257, root: rootOfEdge(edge) }, other)([node])).toEqual([leaves[10]])
    await expect(createTileHashReader({ size: 257, root: vectorRoot(257) }, other)([node])).rejects.toThrow(refusal('BAD_TILE'))
  })

  it('another root is refused, also when nothing is asked', async () => {
    for (const size of [0, 1, 256, 300]) {
      const reader = createTileHashReader({ size, root: flipped(vectorRoot(size), 5) }, tilesOf().read)
      await expect(reader([])).rejects.toThrow(refusal('BAD_TILE'))
    }
  })

  it('the empty tree has nothing to read', async () => {
    const { read, calls } = tilesOf()
    const reader = createTileHashReader({ size: 0, root: emptyRoot() }, read)
    expect(await reader([])).toEqual([])
    await expect(reader([{ level: 0, index: 0 }])).rejects.toThrow(refusal('OUT_OF_RANGE'))
    expect(calls).toEqual([])
  })

  it('proofs', async () => {
    const size = 70_000
    const { read, calls } = tilesOf()
    const reader = createTileHashReader({ size, root: vectorRoot(size) }, read)
    const hashes = await proveInclusion(42_424, size, reader)
    expect(() => checkInclusion({ index: 42_424, size, hashes, leaf: leaves[42_424]!, root: vectorRoot(size) })).not.toThrow()
    expect(await proveConsistency(1000, size, reader)).toEqual(await proveConsistency(1000, size, readLeaves))
    expect(await readRoot(1000, reader)).toEqual(vectorRoot(1000))
    expect(calls).toHaveLength(3)
  })

  it('of trees up to 2^53-1 leaves', async () => {
    for (const size of EXTREME_SIZES) {
      const { root, leaf, readTiles } = uniformTree(size)
      const reader = createTileHashReader({ size, root }, readTiles)
      for (const index of [0, Math.floor(size / 2), size - 1]) {
        const hashes = await proveInclusion(index, size, reader)
        expect(() => checkInclusion({ index, size, hashes, leaf, root })).not.toThrow()
      }
    }
  })
})

describe('from trusted tiles', () => {
  it('any hashes, with one read of only the tiles that hold them', async () => {
    await fc.assert(fc.asyncProperty(questions, async ({ size, nodes }) => {
      const { read, calls } = tilesOf()
      expect(await createTrustedHashReader(size, read)(nodes)).toEqual(await readLeaves(nodes))
      expect(calls).toHaveLength(nodes.length > 0 ? 1 : 0)
    }), { numRuns: 25 })
    const { read, calls } = tilesOf()
    const nodes = [{ level: 3, index: 5303 }, { level: 0, index: 69_999 }, { level: 0, index: 69_998 }]
    await createTrustedHashReader(70_000, read)(nodes)
    expect(calls).toEqual([['tile/0/165', 'tile/0/273.p/112']])
  })

  it('their content is not checked', async () => {
    const [a, b] = [leaves[0]!, leaves[1]!]
    const { read } = tilesOf((_, bytes) => flipped(bytes, 0))
    expect(await createTrustedHashReader(2, read)([{ level: 1, index: 0 }])).toEqual([nodeHash(flipped(a, 0), b)])
  })
})

describe.each([
  ['checked', (size: number, read: ReadTiles) => createTileHashReader({ size, root: vectorRoot(size) }, read)],
  ['trusted', createTrustedHashReader],
])('%s reader', (_, create) => {
  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['a hash short', bytes => bytes.subarray(32)],
    ['a hash long', bytes => new Uint8Array([...bytes, ...bytes.subarray(-32)])],
    ['a byte short', bytes => bytes.subarray(0, -1)],
    ['empty', () => new Uint8Array()],
  ])('refuses a tile that is %s', async (_, forge) => {
    for (const node of [{ level: 0, index: 0 }, { level: 0, index: 599 }]) {
      const wanted = node.index === 0 ? 'tile/0/000' : 'tile/0/002.p/88'
      const { read } = tilesOf((path, bytes) => path === wanted ? forge(bytes) : bytes)
      await expect(create(600, read)([node])).rejects.toThrow(refusal('BAD_TILE', wanted))
    }
  })

  it('refuses a missing tile', async () => {
    await expect(create(600, async () => [])([{ level: 0, index: 599 }])).rejects.toThrow(refusal('BAD_TILE', 'tile/0/002.p/88'))
  })

  it('says what cannot be read', async () => {
    const failing: ReadTiles = async ([tile]) => Promise.reject(new Error(`cannot read ${tilePath(tile!)}`))
    await expect(create(600, failing)([{ level: 0, index: 599 }])).rejects.toThrow('cannot read tile/0/002.p/88')
  })

  it.each([
    { level: 0, index: 600 }, { level: 1, index: 300 }, { level: 9, index: 1 }, { level: 10, index: 0 }, { level: 53, index: 0 },
    { level: 0, index: -1 }, { level: -1, index: 0 }, { level: 0.5, index: 0 }, { level: 0, index: 0.5 },
    { level: 2000, index: 0 }, { level: 0, index: 2 ** 53 }, { level: Number.NaN, index: 0 },
  ])('has no node $level, $index in size 600', async (node) => {
    const { read, calls } = tilesOf()
    await expect(create(600, read)([node])).rejects.toThrow(refusal('OUT_OF_RANGE'))
    expect(calls).toEqual([])
  })

  it.each([-1, 0.5, Number.NaN, Infinity, 2 ** 53])('there is none for size %d', (size) => {
    expect(() => create(size, tilesOf().read)).toThrow(refusal('OUT_OF_RANGE'))
  })

  it('gives hashes that nobody shares', async () => {
    const { read } = tilesOf()
    const kept = await read([{ level: 0, index: 0, width: 2 }])
    const [hash] = await create(2, async () => kept)([{ level: 0, index: 0 }])
    hash!.fill(0)
    expect(kept[0]!.subarray(0, 32)).toEqual(leaves[0])
  })
})
