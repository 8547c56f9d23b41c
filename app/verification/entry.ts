import { parseRecord, RecordError } from '../../shared/record/index.ts'
import type { Head } from '../../shared/sumdb/index.ts'
import { createTiles, readPart } from '../../shared/sumdb/tiles.ts'
import {
  bundlePath, checkConsistency, checkInclusion, decodeBase64, decodeBundle, encodeBase64, equalHashes, leafHash, openCheckpoint,
  openNote, proveConsistency, proveInclusion, TILE_WIDTH, TlogError, widthAt, type Hash, type HashReader,
} from '../../shared/tlog/index.ts'
import type { LogEntryDetail } from '../../shared/types/log.ts'
import type { BelievedLog } from './log.ts'
import { firstDifference, foldPath, merklePath } from './path.ts'
import { failureOf, Mismatch, type Fact, type Step } from './steps.ts'

/** The steps, in the order they are gone, and what each of them shows. */
const FACTS = {
  key: ['vkey'],
  signature: ['size', 'root', 'signer', 'signature'],
  consistency: ['rememberedSize', 'rememberedRoot', 'currentSize', 'currentRoot'],
  record: ['leafHash', 'bundle'],
  tiles: ['tiles', 'treeLeaf'],
  inclusion: ['siblings'],
  root: ['computedRoot', 'signedRoot'],
} as const

type EntryStepId = keyof typeof FACTS
type EntryFact = typeof FACTS[EntryStepId][number]

export interface EntryStep extends Step<EntryStepId> {
  facts: readonly Fact<EntryFact>[]
  /** Of the tiles: the paths that were asked for. */
  paths?: readonly string[]
  /** Of the inclusion: each sibling and what it gives with the hash below, in base64. */
  fold?: readonly { sibling: string, result: string }[]
}

/** What a page shows of an entry: all of it the server's word. */
export type ShownEntry = Pick<LogEntryDetail, 'index' | 'text' | 'leafHash' | 'proof' | 'checkpoint'>

/** What a step found out, for its own line and for the steps after it. */
type Outcome = Partial<Pick<EntryStep, 'state' | 'paths' | 'fold'>> & { facts: Partial<Record<EntryFact, string | null>> }

/** What the steps hand on. */
interface Found {
  log: BelievedLog
  /** The tree that the page shows. */
  head: Head
  leaf: Hash
  siblings: Hash[]
  computed: Hash
  tiles: (head: Head) => HashReader
  /** Tiles and bundles that were asked for. */
  paths: string[]
}

/** All steps before the first is gone. */
export function pendingSteps(): EntryStep[] {
  return (Object.keys(FACTS) as EntryStepId[]).map(id => ({ id, state: 'pending', facts: FACTS[id].map(label => ({ label })) }))
}

/**
 * Goes all the way from the log's key to the root, and believes nothing that is shown: yields all steps whenever one of them
 * begins or ends, and ends after the first that does not hold. Throws nothing.
 *
 * @param open of `useRegistryLog()`
 */
export async function* verifyEntry(
  open: () => Promise<BelievedLog>, shown: ShownEntry,
): AsyncGenerator<EntryStep[], void, undefined> {
  let steps = pendingSteps()
  function change(n: number, changes: Partial<EntryStep>): EntryStep[] {
    return steps = steps.map((step, i) => i === n ? { ...step, ...changes } : step)
  }

  const found = {} as Found
  for (const [n, { id }] of steps.entries()) {
    yield change(n, { state: 'running' })
    try {
      const { facts, ...more } = await GO[id](shown, found, open)
      yield change(n, { state: 'passed', ...more, facts: FACTS[id].map(label => ({ label, value: facts[label] })) })
    } catch (error) {
      change(n, failureOf(error))
      yield steps = steps.map((step, i) => i > n ? { ...step, state: 'skipped' } : step)
      return
    }
  }
}

const GO: Record<EntryStepId, (shown: ShownEntry, found: Found, open: () => Promise<BelievedLog>) => Promise<Outcome>> = {
  async key(_shown, found, open) {
    const log = await open()
    if (log.otherKey !== undefined) throw new Mismatch({ code: 'OTHER_KEY', expected: log.vkey, found: log.otherKey })
    const paths: string[] = []
    const read = (path: string) => {
      if (path.startsWith('tile/')) paths.push(path)
      return log.read(path)
    }
    Object.assign(found, { log, paths, tiles: createTiles(read, new Map<string, Uint8Array>()) })
    return { state: log.isFirstVisit ? 'assumed' : 'passed', facts: { vkey: log.vkey } }
  },

  async signature({ checkpoint, proof, index }, found) {
    const { log: { verifier, read } } = found
    const head = openCheckpoint(checkpoint, verifier)
    if (proof.size !== head.size || proof.root !== encodeBase64(head.root)) {
      throw new Mismatch({ code: 'OTHER_TREE', expected: `${head.size} ${encodeBase64(head.root)}`, found: `${proof.size} ${proof.root}` })
    }
    if (index >= head.size) throw new Mismatch({ code: 'OTHER_TREE', expected: `< ${head.size}`, found: String(index) })
    // The one on the page, and the one that the log shows to everybody now.
    openCheckpoint(textOf(await read('checkpoint')), verifier)
    found.head = head
    const [signature] = openNote(checkpoint, [verifier]).verified
    return {
      facts: {
        size: String(head.size), root: encodeBase64(head.root), signer: `${signature!.name}+${signature!.keyId.toString(16).padStart(8, '0')}`,
        signature: encodeBase64(signature!.signature),
      },
    }
  },

  async consistency(_shown, { log: { client }, head, tiles }) {
    const before = await client.seen()
    const now = await client.checkpoint()
    const [older, newer] = head.size <= now.size ? [head, now] : [now, head]
    await checkBeginning(older, newer, tiles)
    return {
      facts: {
        rememberedSize: before ? String(before.size) : null, rememberedRoot: before ? encodeBase64(before.root) : null,
        currentSize: String(now.size), currentRoot: encodeBase64(now.root),
      },
    }
  },

  async record({ text, index, leafHash: claimed }, found) {
    try {
      parseRecord(text)
    } catch (error) {
      if (!(error instanceof RecordError)) throw error
      throw new Mismatch({ code: 'NO_RECORD', sentence: error.message })
    }
    const bytes = new TextEncoder().encode(text)
    const leaf = leafHash(bytes)
    if (encodeBase64(leaf) !== claimed) throw new Mismatch({ code: 'OTHER_HASH', expected: encodeBase64(leaf), found: claimed })
    const { path, entry } = await readEntry(index, found)
    if (!equalHashes(entry, bytes)) {
      throw new Mismatch({ code: 'OTHER_RECORD', expected: encodeBase64(leafHash(entry)), found: encodeBase64(leaf) })
    }
    found.leaf = leaf
    return { facts: { leafHash: encodeBase64(leaf), bundle: path } }
  },

  async tiles({ index }, { head, tiles, leaf, paths }) {
    const [inTree] = await tiles(head)([{ level: 0, index }])
    if (!equalHashes(inTree!, leaf)) throw new Mismatch({ code: 'NOT_IN_TREE', expected: encodeBase64(inTree!), found: encodeBase64(leaf) })
    const used = [...new Set(paths.filter(path => !path.startsWith('tile/entries/')))]
    return { facts: { tiles: String(used.length), treeLeaf: encodeBase64(inTree!) }, paths: used }
  },

  async inclusion({ index, proof }, found) {
    const { head, tiles, leaf } = found
    const siblings = await proveInclusion(index, head.size, tiles(head))
    const given = proof.hashes.map(hash => decodeBase64(hash))
    const different = firstDifference(siblings, given)
    if (different !== undefined) {
      const show = (hash: Hash | undefined) => hash ? encodeBase64(hash) : '–'
      throw new Mismatch({ code: 'BAD_PROOF', expected: show(siblings[different]), found: show(given[different]) })
    }
    const above = foldPath(leaf, merklePath(index, head.size), siblings)
    Object.assign(found, { siblings, computed: above.at(-1) ?? leaf })
    return {
      facts: { siblings: String(siblings.length) },
      fold: siblings.map((sibling, n) => ({ sibling: encodeBase64(sibling), result: encodeBase64(above[n]!) })),
    }
  },

  async root({ index }, { head: { size, root }, leaf, siblings, computed }) {
    if (!equalHashes(computed, root)) throw new Mismatch({ code: 'OTHER_ROOT', expected: encodeBase64(root), found: encodeBase64(computed) })
    // The same once more, by the rules of RFC 6962 and none of ours.
    checkInclusion({ index, size, root, leaf, hashes: siblings })
    return { facts: { computedRoot: encodeBase64(computed), signedRoot: encodeBase64(root) } }
  },
}

async function checkBeginning(older: Head, newer: Head, tiles: (head: Head) => HashReader): Promise<void> {
  const hashes = await proveConsistency(older.size, newer.size, tiles(newer))
  try {
    checkConsistency({ oldSize: older.size, oldRoot: older.root, newSize: newer.size, newRoot: newer.root, hashes })
  } catch (error) {
    if (!(error instanceof TlogError)) throw error
    throw new Mismatch({ code: 'FORK', sentence: error.message, expected: encodeBase64(older.root), found: encodeBase64(newer.root) })
  }
}

/** The entry as everybody gets it who copies the log. Nothing is known of it yet. */
async function readEntry(index: number, { head, log: { read } }: Found): Promise<{ path: string, entry: Uint8Array }> {
  const number = Math.floor(index / TILE_WIDTH)
  const width = widthAt(0, number, head.size)
  const path = bundlePath(number, width)
  const { bytes, isWhole } = await readPart(read, path, bundlePath(number, TILE_WIDTH), head)
  return { path, entry: decodeBundle(bytes, isWhole ? TILE_WIDTH : width)[index % TILE_WIDTH]! }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}
