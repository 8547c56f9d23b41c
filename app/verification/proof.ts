import type { Read } from '../../shared/sumdb/index.ts'
import {
  bundlePath, checkInclusion, decodeBundle, encodeBase64, leafHash, openCheckpoint, parseCheckpoint, parseNote, parseTlogProof,
  TILE_WIDTH, TlogError, widthAt, type NoteVerifier,
} from '../../shared/tlog/index.ts'
import type { StepState } from './steps.ts'

/** A proof and its record, and all that was checked of them. */
export interface ProofCheck {
  signature: { state: StepState, note?: string, size?: number, root?: string, reason?: string }
  leaf: { state: StepState, hash?: string, bytes?: number }
  path: { state: StepState, hashes: readonly string[], reason?: string }
}

/**
 * Checks that a log has a record, step by step, without asking anybody.
 * @param proof text of a `.tlog-proof`
 * @param record text of the leaf
 * @throws TlogError `MALFORMED` for what is no proof
 */
export function checkProof(proof: string, record: string, verifier: NoteVerifier): ProofCheck {
  const { index, hashes, checkpoint } = parseTlogProof(proof)
  const bytes = new TextEncoder().encode(record)
  const leaf = leafHash(bytes)
  const check: ProofCheck = {
    signature: { state: 'passed', note: checkpoint },
    leaf: { state: 'passed', hash: encodeBase64(leaf), bytes: bytes.length },
    path: { state: 'pending', hashes: hashes.map(encodeBase64) },
  }
  try {
    const { size, root } = openCheckpoint(checkpoint, verifier)
    Object.assign(check.signature, { size, root: encodeBase64(root) })
    try {
      checkInclusion({ index, size, hashes, leaf, root })
      check.path.state = 'passed'
    } catch (error) {
      Object.assign(check.path, { state: 'failed', reason: messageOf(error) })
    }
  } catch (error) {
    Object.assign(check.signature, { state: 'failed', reason: messageOf(error) })
  }
  return check
}

/**
 * The text of the record that a proof is about, as the server has it: whether it is the right one is for the proof to say.
 * @throws TlogError, ReadError
 */
export async function readRecord(proof: string, read: Read): Promise<string> {
  const { index, checkpoint } = parseTlogProof(proof)
  const { size } = parseCheckpoint(parseNote(checkpoint).text)
  const bundle = Math.floor(index / TILE_WIDTH)
  // As wide as the proof's tree has it, which the log keeps for every tree that it signed.
  const width = widthAt(0, bundle, size)
  if (index >= size) throw new TlogError('OUT_OF_RANGE', `There is no record ${index} in a log of ${size}.`)
  const entries = decodeBundle(await read(bundlePath(bundle, width)), width)
  return new TextDecoder().decode(entries[index % TILE_WIDTH])
}

function messageOf(error: unknown): string {
  if (error instanceof TlogError) return error.message
  throw error
}
