import { createTiles, LogError, ReadError, type Head, type Read } from '../../shared/sumdb/index.ts'
import {
  bundlePath, decodeBundle, encodeBase64, equalHashes, hashesOf, leafHash, openCheckpoint, rootOf, TILE_WIDTH, tilePath,
  TlogError, widthAt, type Hash, type NoteVerifier, type TileId,
} from '../../shared/tlog/index.ts'
import type { StepState } from './steps.ts'

const HASH_SIZE = 32
/** Levels of the binary tree in a tile. */
const TILE_HEIGHT = 8

/** A tile, and all that was checked of it. */
export interface TileCheck {
  checkpoint: { state: StepState, reason?: string }
  /** The tile has as many hashes as it must. */
  tile: { state: StepState, hashes: readonly string[], reason?: string }
  /**
   * Its hashes lead to the root: those of a full tile fold to the hash that its parent has for them (`expected`), which itself
   * leads to the root; those of a partial tile give the root with the rest of the tree's right edge.
   */
  parent: { state: StepState, folded?: string, expected?: string, reason?: string }
  /** The records of a tile of level 0 hash to its hashes. Undefined for other levels. */
  bundle?: { state: StepState, reason?: string }
}

/** A tile of which nothing is known yet. */
export function uncheckedTile(level: number): TileCheck {
  return {
    checkpoint: { state: 'pending' },
    tile: { state: 'pending', hashes: [] },
    parent: { state: 'pending' },
    ...(level === 0 && { bundle: { state: 'pending' } }),
  }
}

/**
 * Whether a tile belongs to the tree that a log signed, step by step. It ends at the first step that fails.
 * @param tile as wide as the checkpoint's tree has it
 * @param note the signed checkpoint
 * @param show called after every step
 */
export async function checkTile(
  tile: TileId, note: string, { verifier, read }: { verifier: NoteVerifier, read: Read }, show: (check: TileCheck) => void,
): Promise<void> {
  let check = uncheckedTile(tile.level)
  const set = (more: Partial<TileCheck>) => show(check = { ...check, ...more })

  const head = await attempt(async () => openCheckpoint(note, verifier), checkpoint => set({ checkpoint }))
  if (!head) return
  set({ checkpoint: { state: 'passed' }, tile: { state: 'running', hashes: [] } })

  const bytes = await attempt(() => readTile(tile, head, read), failure => set({ tile: { ...failure, hashes: [] } }))
  if (!bytes) return
  const hashes = hashesOf(bytes)
  set({ tile: { state: 'passed', hashes: hashes.map(encodeBase64) }, parent: { state: 'running' } })

  const parent = await attempt(() => leadToRoot(tile, bytes, head, read), failure => set({ parent: failure }))
  if (!parent) return
  set({ parent })
  if (parent.state === 'failed' || !check.bundle) return

  set({ bundle: { state: 'running' } })
  const entries = await attempt(() => readBundle(tile, read), bundle => set({ bundle }))
  if (!entries) return
  const areEqual = entries.every((entry, i) => equalHashes(leafHash(entry), hashes[i]!))
  set({ bundle: { state: areEqual ? 'passed' : 'failed' } })
}

async function leadToRoot(tile: TileId, bytes: Uint8Array, head: Head, read: Read): Promise<TileCheck['parent']> {
  // The very bytes that were looked at count, whatever the server would say to a second question.
  const own = tilePath(tile)
  const proven = createTiles(async path => path === own ? bytes : read(path), new Map())(head)
  const level = tile.level * TILE_HEIGHT
  if (tile.width < TILE_WIDTH) {
    // Of the right edge: the reader refuses bytes that do not give the root.
    await proven([{ level, index: tile.index * TILE_WIDTH }])
    return { state: 'passed' }
  }
  const [expected] = await proven([{ level: level + TILE_HEIGHT, index: tile.index }])
  const folded: Hash = rootOf(hashesOf(bytes))
  return {
    state: equalHashes(folded, expected!) ? 'passed' : 'failed',
    folded: encodeBase64(folded),
    expected: encodeBase64(expected!),
  }
}

async function readTile(tile: TileId, { size }: Head, read: Read): Promise<Uint8Array> {
  const path = tilePath(tile)
  // Whoever asks has the size from somewhere; only what was signed counts.
  if (widthAt(tile.level, tile.index, size) !== tile.width) throw new TlogError('BAD_TILE', `A tree of ${size} records has no ${path}.`)
  const bytes = await read(path)
  if (bytes.length === tile.width * HASH_SIZE) return bytes
  throw new TlogError('BAD_TILE', `${path} has ${bytes.length} bytes instead of ${tile.width * HASH_SIZE}.`)
}

async function readBundle({ index, width }: TileId, read: Read): Promise<Uint8Array[]> {
  return decodeBundle(await read(bundlePath(index, width)), width)
}

async function attempt<T>(
  work: () => Promise<T>, fail: (failure: { state: StepState, reason: string }) => void,
): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ReadError) fail({ state: 'unavailable', reason: error.message })
    else if (error instanceof LogError || error instanceof TlogError) fail({ state: 'failed', reason: error.message })
    else throw error
    return undefined
  }
}
