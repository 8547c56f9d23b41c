import { TlogError } from './errors.ts'
import { HASH_SIZE, isCount, type Hash } from './merkle.ts'

/** Hashes of a full tile, and entries of a full bundle. */
export const TILE_WIDTH = 256

/** Bytes of a full tile. */
export const TILE_SIZE = TILE_WIDTH * HASH_SIZE

/**
 * Part of one level of the tree, eight levels of the binary tree apart from the next: hash i of tile (level, index) is that of
 * the perfect subtree number index × 256 + i of 256^level leaves.
 */
export interface TileId {
  /** 0..63 */
  level: number
  index: number
  /** Number of hashes, 1..256. Less than 256 is a partial tile: the right end of its level. */
  width: number
}

/**
 * A tile's path below the log's prefix, such as `tile/0/x001/234/067.p/8`.
 *
 * @throws TlogError `OUT_OF_RANGE` for what no tile can be
 */
export function tilePath({ level, index, width }: TileId): string {
  // SPEC: tlog-tiles: "`<L>` is the “level” of the tile, and MUST be a decimal ASCII integer between 0 and 63, with no additional
  // leading zeroes."
  if (!isCount(level) || level > 63) throw new TlogError('OUT_OF_RANGE', `There is no tile level ${level}.`)
  return `tile/${level}/${formatPosition(index, width)}`
}

/** Reads what `tilePath` writes. Undefined for every other text: a tile has one path only. */
export function parseTilePath(path: string): TileId | undefined {
  const match = /^tile\/(0|[1-9]\d?)\/(.+)$/.exec(path)
  const position = match && parsePosition(match[2]!)
  if (!position || Number(match[1]) > 63) return undefined
  return { level: Number(match[1]), ...position }
}

/**
 * A bundle's path below the log's prefix, such as `tile/entries/000.p/3`.
 *
 * @throws TlogError `OUT_OF_RANGE` for what no bundle can be
 */
export function bundlePath(index: number, width: number): string {
  return `tile/entries/${formatPosition(index, width)}`
}

/** Reads what `bundlePath` writes. Undefined for every other text. */
export function parseBundlePath(path: string): { index: number, width: number } | undefined {
  return path.startsWith('tile/entries/') ? parsePosition(path.slice('tile/entries/'.length)) : undefined
}

/**
 * How many hashes a tile has in the tree of a size: 256 if it is full, 0 beyond the right end. A bundle is as wide as the level 0
 * tile of its index.
 */
export function widthAt(level: number, index: number, size: number): number {
  // SPEC: tlog-tiles: "Full tiles MUST be exactly 256 hashes wide"; "The partial tile at level *l* for a tree of size *s* has
  // `floor(s / 256**l) mod 256` entries."
  // Dividing and multiplying by powers of two is exact.
  const hashes = Math.floor(size / TILE_WIDTH ** level)
  return Math.min(Math.max(hashes - index * TILE_WIDTH, 0), TILE_WIDTH)
}

/**
 * The hashes of a tile, as views of its bytes.
 *
 * @throws TlogError `MALFORMED` if that is not 1 to 256 hashes
 */
export function hashesOf(tileBytes: Uint8Array): Hash[] {
  const width = tileBytes.length / HASH_SIZE
  // SPEC: tlog-tiles: "Empty tiles MUST NOT be served."
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new TlogError('MALFORMED', `A tile of ${tileBytes.length} bytes does not hold 1 to ${TILE_WIDTH} hashes.`)
  }
  return Array.from({ length: width }, (_, i) => tileBytes.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE))
}

function formatPosition(index: number, width: number): string {
  if (!isCount(index)) throw new TlogError('OUT_OF_RANGE', `There is no tile number ${index}.`)
  if (!isCount(width) || width < 1 || width > TILE_WIDTH) throw new TlogError('OUT_OF_RANGE', `There is no tile of width ${width}.`)
  // SPEC: tlog-tiles: "It MUST be a non-negative integer encoded into zero-padded 3-digit path elements. All but the last path
  // element MUST begin with an `x`."
  const digits = String(index)
  const elements = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g)!
  const number = elements.map((element, i) => i < elements.length - 1 ? `x${element}` : element).join('/')
  // SPEC: tlog-tiles: "`<W>` is the width of the tile, a decimal ASCII integer between 1 and 255, with no additional leading
  // zeroes."
  return width < TILE_WIDTH ? `${number}.p/${width}` : number
}

function parsePosition(text: string): { index: number, width: number } | undefined {
  const match = /^((?:x\d{3}\/){0,5}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(text)
  if (!match) return undefined
  const index = Number(match[1]!.replaceAll(/[x/]/g, ''))
  const width = match[2] === undefined ? TILE_WIDTH : Number(match[2])
  if (!isCount(index) || width > TILE_WIDTH) return undefined
  // Whatever has a second spelling (`x000/001`, `.p/256`) is not written like this.
  return formatPosition(index, width) === text ? { index, width } : undefined
}
