import { TILE_WIDTH, widthAt, type TileId } from '../../shared/tlog/index.ts'

/** Neighbouring tiles of a level: those below one tile of the level above. */
export interface TileWindow {
  level: number
  /** Tiles of the whole level. */
  count: number
  /** Index of the first one of the window. */
  first: number
  tiles: TileId[]
  /** Index of a tile in the window before, and in the one after. */
  earlier?: number
  later?: number
}

/** How many levels of tiles a tree of a size has. */
export function levelsOf(size: number): number {
  let levels = 0
  while (size >= TILE_WIDTH ** levels) levels++
  return size > 0 ? levels : 0
}

/** How many tiles a level of a tree has. */
export function tilesOf(level: number, size: number): number {
  return Math.ceil(Math.floor(size / TILE_WIDTH ** level) / TILE_WIDTH)
}

/** The tile with its width; undefined if the tree has none there. */
export function tileAt(level: number, index: number, size: number): TileId | undefined {
  const width = level < levelsOf(size) ? widthAt(level, index, size) : 0
  return width > 0 ? { level, index, width } : undefined
}

/**
 * What a map shows of each level, the top first: at most 256 tiles, among which are the chosen one, what is above it, and what is
 * below it. So a tree of any size fits on a page.
 */
export function windowsOf(chosen: Pick<TileId, 'level' | 'index'>, size: number): TileWindow[] {
  return Array.from({ length: levelsOf(size) }, (_, level) => {
    const count = tilesOf(level, size)
    // Its ancestor or its first descendant; a partial tile may have none above.
    const near = Math.min(Math.floor(chosen.index * TILE_WIDTH ** (chosen.level - level)), count - 1)
    const first = near - near % TILE_WIDTH
    const end = Math.min(first + TILE_WIDTH, count)
    return {
      level, count, first,
      tiles: Array.from({ length: end - first }, (_, i) => ({ level, index: first + i, width: widthAt(level, first + i, size) })),
      ...(first > 0 && { earlier: first - 1 }),
      ...(end < count && { later: end }),
    }
  }).reverse()
}

/** The records that a tile's hashes cover: the indexes of the first and the last. */
export function recordsOf({ level, index, width }: TileId): { first: number, last: number } {
  const each = TILE_WIDTH ** level
  const first = index * TILE_WIDTH * each
  return { first, last: first + width * each - 1 }
}
