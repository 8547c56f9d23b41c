import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bundlePath, decodeBundle, encodeBundle, hashesOf, parseBundlePath, parseTilePath, tilePath, widthAt,
} from '../../../shared/tlog/index.ts'
import { definedTile, entryOf, leaves, refusal, vectors } from './tree.ts'

const tiles = fc.record({
  level: fc.integer({ min: 0, max: 63 }),
  index: fc.oneof(fc.maxSafeNat(), fc.nat(2000), fc.constantFrom(999, 1000, 999_999, 1_000_000, Number.MAX_SAFE_INTEGER)),
  width: fc.integer({ min: 1, max: 256 }),
})

/** Almost a path. */
const almost = fc.tuple(tiles, fc.nat(60), fc.constantFrom('', '0', 'x', '/', '.p/', '256', '000/', 'x000/', ' ', '\n'))
  .map(([tile, at, piece]) => {
    const path = tilePath(tile)
    return path.slice(0, at) + piece + path.slice(at)
  })

describe('paths', () => {
  it.each(vectors.tilePaths)('$path', ({ index, path }) => {
    expect(tilePath({ level: 0, index, width: 256 })).toBe(`tile/0/${path}`)
    expect(tilePath({ level: 63, index, width: 8 })).toBe(`tile/63/${path}.p/8`)
    expect(bundlePath(index, 256)).toBe(`tile/entries/${path}`)
    expect(bundlePath(index, 255)).toBe(`tile/entries/${path}.p/255`)
    expect(parseTilePath(`tile/0/${path}`)).toEqual({ level: 0, index, width: 256 })
    expect(parseBundlePath(`tile/entries/${path}.p/1`)).toEqual({ index, width: 1 })
  })

  it('of any tile are read back', () => {
    fc.assert(fc.property(tiles, (tile) => {
      expect(parseTilePath(tilePath(tile))).toEqual(tile)
      expect(parseTilePath(bundlePath(tile.index, tile.width))).toBeUndefined()
      const { level: _, ...bundle } = tile
      expect(parseBundlePath(bundlePath(tile.index, tile.width))).toEqual(bundle)
      expect(parseBundlePath(tilePath(tile))).toBeUndefined()
    }), { numRuns: 1000 })
  })

  it('have one spelling', () => {
    fc.assert(fc.property(fc.oneof(almost, fc.string()), (path) => {
      const tile = parseTilePath(path)
      if (tile) expect(tilePath(tile)).toBe(path)
      const bundle = parseBundlePath(path.replace(/^tile\/\d+\//, 'tile/entries/'))
      if (bundle) expect(bundlePath(bundle.index, bundle.width)).toBe(path.replace(/^tile\/\d+\//, 'tile/entries/'))
    }), { numRuns: 2000 })
  })

  it.each([
    '000.p/256', '000.p/257', '000.p/0', '000.p/00', '000.p/01', '000.p/1000', '000.p/', '000.p', '000.p/-1', '000.p/+1', '000.p/1/', '000.P/1',
    '1', '01', '0', '', '/000', '000/', '0000', 'x000', 'x000/001', 'x000/x001/000', 'x000/x000/001', '001/000', 'x1/000', 'x001/00', 'X001/000',
    'x001/x000', 'x001//000', ' 000', '000 ', '000\n', '\u0660\u0660\u0660', '-01', '1e3', '0x1', '000?', '000#', '../000', '..%2f000',
    'x009/x007/x199/x254/x740/992', 'x999/x999/x999/x999/x999/999', 'x001/x000/x000/x000/x000/x000/000', `${'x999/'.repeat(10_000)}999`,
  ])('refuses %j', (position) => {
    expect(parseTilePath(`tile/0/${position}`)).toBeUndefined()
    expect(parseBundlePath(`tile/entries/${position}`)).toBeUndefined()
  })

  it.each(['tile/64/000', 'tile/100/000', 'tile/00/000', 'tile/01/000', 'tile//000', 'tile/-1/000', 'tile/x/000', 'tile/entries/000', '/tile/0/000', 'tile/8/0/000',
    'Tile/0/000', 'tile/0', 'tile', 'entries/000', 'tile/data/000', 'tile/0x1/000'])('refuses %j', (path) => {
    expect(parseTilePath(path)).toBeUndefined()
  })

  it('largest index that a number holds', () => {
    expect(parseTilePath('tile/0/x009/x007/x199/x254/x740/991')).toEqual({ level: 0, index: Number.MAX_SAFE_INTEGER, width: 256 })
  })

  it.each([
    { level: 64, index: 0, width: 256 }, { level: -1, index: 0, width: 256 }, { level: 0.5, index: 0, width: 256 },
    { level: 0, index: -1, width: 256 }, { level: 0, index: 0.5, width: 256 }, { level: 0, index: 2 ** 53, width: 256 },
    { level: 0, index: 0, width: 0 }, { level: 0, index: 0, width: 257 }, { level: 0, index: 0, width: 1.5 },
    { level: 0, index: 0, width: Number.NaN },
  ])('are not made for $level, $index, $width', (tile) => {
    expect(() => tilePath(tile)).toThrow(refusal('OUT_OF_RANGE'))
  })
})

describe('widths', () => {
  it('those of the example in tlog-tiles', () => {
    const widths = (level: number, indexes: number[]) => indexes.map(index => widthAt(level, index, 70_000))
    expect(widths(0, [0, 272, 273, 274])).toEqual([256, 256, 112, 0])
    expect(widths(1, [0, 1, 2])).toEqual([256, 17, 0])
    expect(widths(2, [0, 1])).toEqual([1, 0])
    expect(widths(3, [0])).toEqual([0])
    expect([widthAt(0, 0, 256), widthAt(0, 1, 256), widthAt(1, 0, 256)]).toEqual([256, 0, 1])
  })

  it('are exact up to 2^53-1', () => {
    const sizes = fc.oneof(fc.maxSafeNat(), fc.constantFrom(2 ** 53 - 1, 2 ** 48, 2 ** 48 - 1, 2 ** 32, 2 ** 31))
    fc.assert(fc.property(fc.integer({ min: 0, max: 63 }), sizes, fc.maxSafeNat(), (level, size, any) => {
      const last = Number((BigInt(size) >> BigInt(8 * level)) / 256n)
      for (const index of [any, last, Math.max(0, last - 1), last + 1, 0]) {
        const hashes = (BigInt(size) >> BigInt(8 * level)) - BigInt(index) * 256n
        expect(widthAt(level, index, size)).toBe(hashes < 0n ? 0 : hashes > 256n ? 256 : Number(hashes))
      }
    }), { numRuns: 500 })
  })
})

describe('bytes', () => {
  it.each(vectors.tiles)('$path of size $treeSize', ({ path, treeSize, bytes, sha256 }) => {
    const tile = parseTilePath(path)
    const bundle = parseBundlePath(path)
    const { index, width } = (tile ?? bundle)!
    const content = tile
      ? definedTile(tile)
      : encodeBundle(Array.from({ length: width }, (_, i) => entryOf(index * 256 + i)))
    expect(widthAt(tile?.level ?? 0, index, treeSize)).toBe(width)
    expect(content.length).toBe(bytes)
    expect(createHash('sha256').update(content).digest('hex')).toBe(sha256)
    if (tile) expect(hashesOf(content)).toHaveLength(width)
    else expect(decodeBundle(content, width)[width - 1]).toEqual(entryOf(index * 256 + width - 1))
  })

  it('of a tile are its hashes', () => {
    expect(hashesOf(definedTile({ level: 0, index: 3, width: 2 }))).toEqual([leaves[768], leaves[769]])
  })

  it.each([0, 1, 31, 33, 257 * 32])('%d are no tile', (size) => {
    expect(() => hashesOf(new Uint8Array(size))).toThrow(refusal('MALFORMED'))
  })
})

describe('bundles', () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 })

  it('give back the entries', () => {
    fc.assert(fc.property(entries, (entries) => {
      // Within other bytes, as a piece of a larger read is.
      const around = new Uint8Array([9, ...encodeBundle(entries), 9])
      expect(decodeBundle(around.subarray(1, -1), entries.length)).toEqual(entries)
    }), { numRuns: 50 })
  })

  it('of any other width are refused', () => {
    fc.assert(fc.property(entries, fc.integer({ min: 0, max: 256 }), (entries, width) => {
      fc.pre(width !== entries.length)
      expect(() => decodeBundle(encodeBundle(entries), width)).toThrow(refusal('MALFORMED'))
    }), { numRuns: 50 })
  })

  it('hold entries of up to 65,535 bytes', () => {
    const largest = new Uint8Array(65_535).fill(1)
    expect(decodeBundle(encodeBundle([largest, new Uint8Array()]), 2)).toEqual([largest, new Uint8Array()])
    expect(() => encodeBundle([new Uint8Array(65_536)])).toThrow(refusal('OUT_OF_RANGE', '65536 bytes'))
  })

  it('hold 1 to 256 entries', () => {
    expect(() => encodeBundle([])).toThrow(refusal('OUT_OF_RANGE'))
    expect(() => encodeBundle(Array.from({ length: 257 }, () => new Uint8Array()))).toThrow(refusal('OUT_OF_RANGE'))
  })

  it.each([
    ['nothing', [], 1],
    ['half a length', [0], 1],
    ['a length without an entry', [0, 1], 1],
    ['half an entry', [0, 2, 7], 1],
    ['an entry too few', [0, 1, 7], 2],
    ['an entry too many', [0, 1, 7, 0, 1, 7], 1],
    ['a byte too many', [0, 1, 7, 0], 1],
    ['the other byte order', [1, 0, 7], 1],
  ])('with %s are refused', (_, bytes, width) => {
    expect(() => decodeBundle(Uint8Array.from(bytes), width)).toThrow(refusal('MALFORMED'))
  })
})
