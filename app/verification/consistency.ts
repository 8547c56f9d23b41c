import { checkBeginning, createTiles, LogError, ReadError, type Evidence, type Head, type Read } from '../../shared/sumdb/index.ts'
import { encodeBase64, openCheckpoint, TlogError, type NoteVerifier } from '../../shared/tlog/index.ts'
import type { StepState } from './steps.ts'

/**
 * What the comparison of two checkpoints comes to.
 *
 * - `consistent`: both signed, and the smaller tree is the beginning of the larger
 * - `fork`: both signed, and they cannot be states of one log
 * - `rollback`: a smaller tree than was shown before
 * - `invalid`: something that was shown is not the log's: no signature of its key, or tiles of another tree
 * - `unanswered`: it could not be checked
 */
type Outcome = 'running' | 'consistent' | 'fork' | 'rollback' | 'invalid' | 'unanswered'

interface SignedStep {
  state: StepState
  note: string
  head?: Head
  reason?: string
}

/** Two checkpoints, and all that was seen on the way from one to the other. */
export interface Comparison {
  outcome: Outcome
  older: SignedStep
  newer: SignedStep
  /** Of the newer tree; each led to its root. */
  tiles: { state: StepState, paths: readonly string[], reason?: string }
  proof: { state: StepState, hashes: readonly string[] }
  /** Of the older tree: `computed` from the tiles of the newer one. */
  roots: { state: StepState, signed?: string, computed?: string }
  /** Why it is not `consistent`. */
  reason?: string
  /** What proves a fork or a rollback to others. */
  evidence?: Evidence
}

/** A comparison of which nothing is known yet. */
export function unchecked(older: string, newer: string): Comparison {
  return {
    outcome: 'running',
    older: { state: 'pending', note: older },
    newer: { state: 'pending', note: newer },
    tiles: { state: 'pending', paths: [] },
    proof: { state: 'pending', hashes: [] },
    roots: { state: 'pending' },
  }
}

/**
 * Whether two checkpoints are states of one log, step by step.
 * @param first the one that was shown earlier, if `isOrdered`; then a smaller second one is a rollback
 * @param show called after every step
 */
export async function compareCheckpoints(
  first: string, second: string, { verifier, read }: { verifier: NoteVerifier, read: Read },
  show: (comparison: Comparison) => void, isOrdered = false,
): Promise<Comparison> {
  let comparison = unchecked(first, second)
  const set = (more: Partial<Comparison>): Comparison => {
    comparison = { ...comparison, ...more }
    show(comparison)
    return comparison
  }

  let older = set({ older: open(first, verifier) }).older
  let newer = set({ newer: open(second, verifier) }).newer
  if (!older.head || !newer.head) {
    return set({ outcome: 'invalid', reason: older.reason ?? newer.reason, evidence: { checkpoints: [first, second] } })
  }
  const isSmaller = newer.head.size < older.head.size
  if (isSmaller) ({ older, newer } = set({ older: newer, newer: older }))

  set({ tiles: { state: 'running', paths: [] } })
  const paths: string[] = []
  const tiles = createTiles(async (path) => {
    const bytes = await read(path)
    paths.push(path)
    return bytes
  }, new Map())
  try {
    const evidence = await checkBeginning(older.head!, newer.head!, tiles(newer.head!))
    const { root, proof } = evidence.beginning!
    set({
      tiles: { state: 'passed', paths },
      proof: { state: 'passed', hashes: proof },
      roots: { state: 'passed', signed: encodeBase64(older.head!.root), computed: root },
    })
    return set(isSmaller && isOrdered ? { outcome: 'rollback', evidence } : { outcome: 'consistent' })
  } catch (error) {
    if (error instanceof LogError && error.code === 'FORK') {
      const { root, proof } = error.evidence!.beginning!
      set({
        tiles: { state: 'passed', paths },
        proof: { state: 'passed', hashes: proof },
        roots: { state: 'failed', signed: encodeBase64(older.head!.root), computed: root },
      })
      return set({ outcome: 'fork', reason: error.message, evidence: error.evidence })
    }
    if (error instanceof LogError || error instanceof TlogError) {
      const reason = error.message
      return set({
        // Whoever shows less than before is wrong already, whether or not it still has what it had.
        outcome: isSmaller && isOrdered ? 'rollback' : 'invalid', reason, tiles: { state: 'failed', paths, reason },
        evidence: { checkpoints: [older.note, newer.note] },
      })
    }
    if (!(error instanceof ReadError)) throw error
    return set({ outcome: 'unanswered', reason: error.message, tiles: { state: 'unavailable', paths, reason: error.message } })
  }
}

function open(note: string, verifier: NoteVerifier): SignedStep {
  try {
    return { state: 'passed', note, head: openCheckpoint(note, verifier) }
  } catch (error) {
    if (!(error instanceof TlogError)) throw error
    return { state: 'failed', note, reason: error.message }
  }
}
