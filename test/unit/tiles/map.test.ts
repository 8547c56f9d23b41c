import { describe, expect, it } from 'vitest'
import { levelsOf, recordsOf, tileAt, tilesOf, windowsOf } from '../../../app/tiles/map.ts'

const MILLION = 1_000_000

describe('the map of a tree', () => {
  it.each([
    [0, []], [1, [1]], [255, [1]], [256, [1, 1]], [257, [2, 1]], [65_535, [256, 1]], [65_536, [256, 1, 1]],
    [MILLION, [3907, 16, 1]],
  ])('of %i records has %j tiles', (size, counts) => {
    expect(levelsOf(size)).toBe(counts.length)
    expect(counts.map((_, level) => tilesOf(level, size))).toEqual(counts)
    expect(windowsOf({ level: 0, index: 0 }, size).map(({ count }) => count)).toEqual(counts.toReversed())
  })

  it('shows what is above and below a tile, and never more than 256 of a level', () => {
    for (const [level, index] of [[0, 0], [0, 255], [0, 256], [0, 3906], [1, 0], [1, 15], [2, 0]] as const) {
      const windows = windowsOf({ level, index }, MILLION)
      expect(windows.map(one => one.level)).toEqual([2, 1, 0])
      for (const one of windows) {
        expect(one.tiles.length).toBeLessThanOrEqual(256)
        expect(one.tiles.every(({ width }) => width > 0)).toBe(true)
      }
      expect(windows[2 - level]!.tiles.map(tile => tile.index)).toContain(index)
    }
    const [, middle, bottom] = windowsOf({ level: 1, index: 15 }, MILLION)
    expect(middle).toMatchObject({ first: 0, count: 16 })
    expect(bottom).toMatchObject({ first: 3840, count: 3907, earlier: 3839 })
    expect(bottom).not.toHaveProperty('later')
    expect(bottom!.tiles.at(-1)).toEqual({ level: 0, index: 3906, width: 64 })
    expect(windowsOf({ level: 0, index: 0 }, MILLION)[2]).toMatchObject({ first: 0, later: 256 })
  })

  it('knows what a tile covers', () => {
    expect(recordsOf(tileAt(0, 3906, MILLION)!)).toEqual({ first: 999_936, last: 999_999 })
    expect(recordsOf(tileAt(1, 15, MILLION)!)).toEqual({ first: 983_040, last: 999_935 })
    expect(recordsOf(tileAt(2, 0, MILLION)!)).toEqual({ first: 0, last: 983_039 })
    expect(tileAt(0, 3907, MILLION)).toBeUndefined()
    expect(tileAt(3, 0, MILLION)).toBeUndefined()
    expect(tileAt(9, 0, MILLION)).toBeUndefined()
  })
})
