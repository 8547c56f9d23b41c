import { TlogError } from './errors.ts'
import { TILE_WIDTH } from './tiles.ts'

/** The largest entry a bundle can hold, in bytes. */
const MAX_ENTRY_SIZE = 65_535

/**
 * The entries below one level 0 tile, as C2SP tlog-tiles serves them.
 *
 * @param entries 1 to 256 of at most 65,535 bytes
 * @throws TlogError `OUT_OF_RANGE` for other counts or sizes
 */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length < 1 || entries.length > TILE_WIDTH) {
    throw new TlogError('OUT_OF_RANGE', `A bundle holds 1 to ${TILE_WIDTH} entries, not ${entries.length}.`)
  }
  let size = 0
  for (const { length } of entries) {
    if (length > MAX_ENTRY_SIZE) throw new TlogError('OUT_OF_RANGE', `An entry of ${length} bytes does not fit into a bundle.`)
    size += 2 + length
  }
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const entry of entries) {
    // SPEC: tlog-tiles: "Entry bundles are sequences of big-endian uint16 length-prefixed log entries."
    view.setUint16(at, entry.length)
    bytes.set(entry, at + 2)
    at += 2 + entry.length
  }
  return bytes
}

/**
 * The entries of a bundle, as views of its bytes. Whether they are the log's is for their leaf hashes to say.
 *
 * @param bytes of one bundle
 * @param width how many entries the bundle's path promises
 * @throws TlogError `MALFORMED` if the bytes are not exactly that many entries
 */
export function decodeBundle(bytes: Uint8Array, width: number): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const entries: Uint8Array[] = []
  let at = 0
  while (entries.length < width) {
    const start = at + 2
    const end = start <= bytes.length ? start + view.getUint16(at) : Infinity
    if (end > bytes.length) {
      throw new TlogError('MALFORMED', `A bundle that should hold ${width} entries ends within entry ${entries.length}.`)
    }
    entries.push(bytes.subarray(start, end))
    at = end
  }
  if (at < bytes.length) {
    throw new TlogError('MALFORMED', `A bundle has ${bytes.length - at} bytes after the ${width} entries it should hold.`)
  }
  return entries
}
