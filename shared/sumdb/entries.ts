import {
  bundlePath, decodeBundle, equalHashes, leafHash, TILE_WIDTH, TlogError, widthAt, type HashReader,
} from '../tlog/index.ts'
import { LogError } from './errors.ts'
import { readPart } from './tiles.ts'
import type { EntryRun, Head, Read } from './types.ts'

/**
 * Bundles that are fetched at once; as many again are fetched while these are worked on. A hostile log's bundles have 16 MB each,
 * an honest one's about 100 kB.
 */
const AT_ONCE = 8

/**
 * The entries [from, to) of a tree, in order: each hashes to what the tree has at its place.
 *
 * @param hashes verified ones of the tree
 * @throws LogError `BAD_BUNDLE`, `BAD_TILE`, `MISSING`; ReadError; TlogError `OUT_OF_RANGE`
 */
export async function* readEntries(
  from: number, to: number, head: Head, hashes: HashReader, read: Read,
): AsyncGenerator<EntryRun, void, undefined> {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || to > head.size) {
    throw new TlogError('OUT_OF_RANGE', `A tree of size ${head.size} has no entries ${from} to ${to}.`)
  }
  const load = (start: number) => {
    const end = Math.min(to, (Math.floor(start / TILE_WIDTH) + AT_ONCE) * TILE_WIDTH)
    const run = readRun(start, end, head, hashes, read)
    // Its failure counts when its turn comes, unless the consumer stops before.
    run.catch(() => {})
    return { run, end }
  }
  let next = from < to ? load(from) : undefined
  while (next) {
    const run = await next.run
    next = next.end < to ? load(next.end) : undefined
    yield run
  }
}

async function readRun(from: number, to: number, head: Head, hashes: HashReader, read: Read): Promise<EntryRun> {
  const first = Math.floor(from / TILE_WIDTH)
  const bundles = Array.from({ length: Math.ceil(to / TILE_WIDTH) - first }, (_, i) => readBundle(first + i, head, read))
  const nodes = Array.from({ length: to - from }, (_, i) => ({ level: 0, index: from + i }))
  const [leaves, ...unbundled] = await Promise.all([hashes(nodes), ...bundles])
  const entries = unbundled.flat().slice(from - first * TILE_WIDTH, to - first * TILE_WIDTH)
  for (const [i, entry] of entries.entries()) {
    if (!equalHashes(leafHash(entry), leaves[i]!)) {
      throw new LogError('BAD_BUNDLE', `Entry ${from + i} is another one in the bundle than in the tree of size ${head.size}.`, {
        evidence: { checkpoints: [head.note] },
      })
    }
  }
  return { from, entries, leaves }
}

/** A bundle's entries, as many as the tree has. */
async function readBundle(index: number, head: Head, read: Read): Promise<Uint8Array[]> {
  const width = widthAt(0, index, head.size)
  const path = bundlePath(index, width)
  const { bytes, isWhole } = await readPart(read, path, bundlePath(index, TILE_WIDTH), head)
  try {
    return decodeBundle(bytes, isWhole ? TILE_WIDTH : width).slice(0, width)
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause
    throw new LogError('BAD_BUNDLE', `${path}: ${cause.message}`, { cause, evidence: { checkpoints: [head.note] } })
  }
}
