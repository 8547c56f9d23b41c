import {
  checkConsistency, emptyRoot, encodeBase64, equalHashes, openCheckpoint, proveConsistency, readRoot, TlogError, type Checkpoint,
  type Hash, type HashReader, type NoteVerifier,
} from '../tlog/index.ts'
import { LogError, ReadError, StateError, type Evidence } from './errors.ts'
import type { Head, HeadStore } from './types.ts'

/** The largest tree that was seen of a log, and what every further one must agree with. */
export interface Heads {
  /** Opens a note that the log says is its checkpoint. @throws LogError `UNTRUSTED`, `MALFORMED` */
  open(note: string): Head
  /**
   * Compares a tree with the largest one that was seen, and remembers it if it is larger.
   *
   * @param mayBeOlder whether a smaller tree is fine if it is the beginning of the largest
   * @returns the largest tree
   * @throws LogError `FORK`, `ROLLBACK`, `BAD_TILE`, `MISSING`; ReadError
   */
  meet(head: Head, mayBeOlder: boolean): Promise<Head>
  /** @throws StateError if what is remembered is no checkpoint of this log */
  latest(): Promise<Head | undefined>
}

export function createHeads(verifier: NoteVerifier, store: HeadStore, tiles: (head: Head) => HashReader): Heads {
  let seen: Head | undefined
  let isLoaded = false
  /** One tree is compared after the other, so that none is compared with what another one is about to replace. */
  let turn: Promise<unknown> = Promise.resolve()

  function open(note: string): Head {
    // The same signature need not be verified for each of a hundred lookups.
    if (seen?.note === note) return seen
    try {
      return openCheckpoint(note, verifier)
    } catch (error) {
      if (!(error instanceof TlogError)) throw error
      throw new LogError(error.code === 'UNTRUSTED' ? 'UNTRUSTED' : 'MALFORMED', error.message, {
        cause: error, evidence: { checkpoints: [note] },
      })
    }
  }

  async function load(): Promise<Head | undefined> {
    const note = await store.read()
    try {
      seen = note === undefined ? undefined : open(note)
    } catch (cause) {
      throw new StateError('What was remembered of this log is not a checkpoint that it signed. If you forget it, a rollback will not be noticed.', { cause })
    }
    isLoaded = true
    return seen
  }

  const latest = async () => isLoaded ? seen : load()

  async function compare(head: Head, mayBeOlder: boolean): Promise<Head> {
    let known = await latest()
    for (;;) {
      if (known && head.size <= known.size) {
        await checkOlder(head, known, mayBeOlder)
        return known
      }
      if (known && known.size > 0) await checkBeginning(known, head, tiles(head))
      // Nothing to compare with: at least the tiles must be those of the root.
      else await checkTiles(head)
      if (await store.replace(known?.note, head.note)) return seen = head
      // Another program that remembers the same log was faster.
      known = await load()
    }
  }

  async function checkTiles(head: Head): Promise<void> {
    if (head.size > 0) await tiles(head)([{ level: 0, index: head.size - 1 }])
    else if (!equalHashes(head.root, emptyRoot())) {
      throw new LogError('MALFORMED', 'The log signed an empty tree with a root that the empty tree does not have.', {
        evidence: { checkpoints: [head.note] },
      })
    }
  }

  async function checkOlder(head: Head, known: Head, mayBeOlder: boolean): Promise<void> {
    if (head.size === known.size) return void await checkBeginning(known, head, tiles(head))
    if (mayBeOlder) return void await checkBeginning(head, known, tiles(known))
    const rollback = `The log shows a tree of size ${head.size} and had shown one of size ${known.size} before: records are gone.`
    let evidence: Evidence
    try {
      // Whether it forgot records, or has others instead.
      evidence = await checkBeginning(head, known, tiles(known))
    } catch (cause) {
      if (!(cause instanceof LogError || cause instanceof ReadError) || (cause as LogError).code === 'FORK') throw cause
      throw new LogError('ROLLBACK', `${rollback} Whether it has others instead cannot be seen, since it does not show the larger tree any more.`, {
        cause, evidence: { checkpoints: [head.note, known.note] },
      })
    }
    throw new LogError('ROLLBACK', rollback, { evidence })
  }

  return {
    open,
    latest,
    meet(head, mayBeOlder) {
      const met = turn.then(() => compare(head, mayBeOlder))
      turn = met.catch(() => {})
      return met
    },
  }
}

/**
 * That the older tree is the beginning of the newer one.
 *
 * @param read verified hashes of the newer tree
 * @returns the proof
 * @throws LogError `FORK`, `BAD_TILE`, `MISSING`; ReadError
 */
export async function checkBeginning(older: Head, newer: Head, read: HashReader): Promise<Evidence> {
  const checkpoints = [older.note, newer.note]
  const { size } = older
  let hashes: Hash[]
  let root: Hash
  try {
    hashes = await proveConsistency(size, newer.size, read)
    root = size === newer.size ? newer.root : await readRoot(size, read)
  } catch (error) {
    if (!(error instanceof LogError)) throw error
    throw new LogError(error.code, `${error.message} So the tree of size ${size} cannot be seen to be its beginning.`, {
      cause: error, evidence: { checkpoints },
    })
  }
  // The hashes are the newer tree's beyond doubt. If the proof fails, it is the older tree that is not its beginning.
  const evidence = { checkpoints, beginning: { size, root: encodeBase64(root), proof: hashes.map(encodeBase64) } }
  try {
    checkConsistency({ oldSize: size, oldRoot: older.root, newSize: newer.size, newRoot: newer.root, hashes })
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause
    throw new LogError('FORK', sentenceOf(older, newer, encodeBase64(root)), { cause, evidence })
  }
  return evidence
}

function sentenceOf(older: Checkpoint, newer: Checkpoint, root: string): string {
  const first = `The log signed a tree of size ${older.size} with root ${encodeBase64(older.root)}`
  return older.size === newer.size
    ? `${first}, and one of the same size with root ${root}: it has two histories.`
    : `${first}, and one of size ${newer.size} whose first ${older.size} records have root ${root}: it has two histories.`
}
