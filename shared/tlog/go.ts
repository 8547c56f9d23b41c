import { encodeBase64 } from './base64.ts'
import { TlogError } from './errors.ts'
import { formatDecimal, parseDecimal, parseHash } from './fields.ts'
import { HASH_SIZE, type Hash } from './merkle.ts'
import { isPlainText } from './text.ts'
import { bundlePath, parseBundlePath, parseTilePath, tilePath, type TileId } from './tiles.ts'

/**
 * The same tree in the formats of Go's checksum database (`golang.org/x/mod/sumdb`), whose stock clients can verify it: another
 * text for the signed head, other paths for the same tiles, and data tiles of text instead of entry bundles.
 */

const TREE = 'go.sum database tree'
/** In bytes; Go refuses longer ones. */
const MAX_TREE_SIZE = 1_000_000

/**
 * The text that Go's clients want signed. Its first line is the same in every log, so no witness must ever see it: it would pass
 * for the checkpoint of another log.
 */
export function formatGoTree(size: number, root: Hash): string {
  if (root.length !== HASH_SIZE) throw malformed(`tree's root has ${root.length} bytes instead of 32`)
  return `${TREE}\n${formatDecimal(size)}\n${encodeBase64(root)}\n`
}

/** @throws TlogError `MALFORMED` */
export function parseGoTree(text: string): { size: number, root: Hash } {
  if (text.length > MAX_TREE_SIZE || new TextEncoder().encode(text).length > MAX_TREE_SIZE) {
    throw malformed(`tree is larger than ${MAX_TREE_SIZE} bytes`)
  }
  const [first, size, root, rest] = text.split('\n', 4)
  if (first !== TREE) throw malformed(`tree does not begin with the line "${TREE}"`)
  // What follows the third newline is not looked at: "A future backwards-compatible encoding may add additional lines, which the
  // parser can ignore" (x/mod/sumdb/tlog, FormatTree).
  if (size === undefined || root === undefined || rest === undefined) throw malformed('tree has fewer than three lines')
  return { size: parseDecimal(size, 'size of a Go tree'), root: parseHash(root, 'root of a Go tree') }
}

/**
 * Whether a leaf can be a record for Go: text without control characters but newline, ending in one, and without an empty line.
 *
 * Stricter than x/mod in one thing: an empty first line is an empty line too.
 */
export function isGoRecordText(text: string): boolean {
  return text.endsWith('\n') && !text.startsWith('\n') && !text.includes('\n\n') && isPlainText(text)
}

/** The answer to `/lookup`: a record, its index, and a signed tree that has it. */
export interface GoLookup {
  index: number
  /** The leaf's text. */
  record: string
  /** The signed note over a Go tree. */
  note: string
}

/** @throws TlogError `MALFORMED` for an impossible index or record text */
export function formatGoLookup({ index, record, note }: GoLookup): string {
  if (!isGoRecordText(record)) throw malformed('record is no text without empty lines')
  return `${formatDecimal(index)}\n${record}\n${note}`
}

/**
 * Reads what `formatGoLookup` writes. The note is as it came: `openNote` and `parseGoTree` go on from there.
 *
 * @throws TlogError `MALFORMED`
 */
export function parseGoLookup(text: string): GoLookup {
  const line = text.indexOf('\n')
  const blank = text.indexOf('\n\n')
  if (blank < 0) throw malformed('lookup has no empty line between record and tree')
  const index = parseDecimal(text.slice(0, line), 'index of a Go lookup')
  const record = text.slice(line + 1, blank + 1)
  if (!isGoRecordText(record)) throw malformed('lookup holds no record text')
  return { index, record, note: text.slice(blank + 2) }
}

/** A tile's path below the database's prefix, such as `tile/8/0/x001/234/067.p/8`: the C2SP one with the height in it. */
export function goTilePath(tile: TileId): string {
  return tilePath(tile).replace('tile/', 'tile/8/')
}

/** Reads what `goTilePath` writes. Undefined for every other text, data tiles and other heights too. */
export function parseGoTilePath(path: string): TileId | undefined {
  return path.startsWith('tile/8/') ? parseTilePath(`tile/${path.slice('tile/8/'.length)}`) : undefined
}

/** The path of the tile that holds record texts, such as `tile/8/data/000.p/3`. */
export function goDataPath(index: number, width: number): string {
  return bundlePath(index, width).replace('tile/entries/', 'tile/8/data/')
}

/** Reads what `goDataPath` writes. Undefined for every other text. */
export function parseGoDataPath(path: string): { index: number, width: number } | undefined {
  return path.startsWith('tile/8/data/') ? parseBundlePath(`tile/entries/${path.slice('tile/8/data/'.length)}`) : undefined
}

/**
 * The bytes of a data tile: every record's text and an empty line, without the records' indexes.
 *
 * @throws TlogError `MALFORMED` for a text that is no Go record
 */
export function encodeGoDataTile(texts: readonly string[]): Uint8Array {
  if (!texts.every(isGoRecordText)) throw malformed('record is no text without empty lines')
  return new TextEncoder().encode(texts.map(text => `${text}\n`).join(''))
}

function malformed(what: string): TlogError {
  return new TlogError('MALFORMED', `A Go ${what}.`)
}
