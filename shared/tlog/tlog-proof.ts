import { decodeBase64, encodeBase64 } from './base64.ts'
import { openCheckpoint, parseCheckpoint, type Checkpoint } from './checkpoint.ts'
import { TlogError } from './errors.ts'
import { formatDecimal, parseDecimal, parseHash } from './fields.ts'
import { checkInclusion, HASH_SIZE, leafHash, type Hash } from './merkle.ts'
import { parseNote, type NoteVerifier } from './note.ts'

/** That an entry is in a log, in one text that can be verified offline (`c2sp.org/tlog-proof@v1`, files named `.tlog-proof`). */
export interface TlogProof {
  /** The entry's place in the log, from 0. */
  index: number
  /** The inclusion proof, from the leaf's sibling to the root's child. */
  hashes: Hash[]
  /** The signed checkpoint, byte for byte, with whatever cosignatures it has. */
  checkpoint: string
  /** Data for the application. Nobody signed it. */
  extra?: Uint8Array
}

const FIRST_LINE = 'c2sp.org/tlog-proof@v1'
/** In UTF-16 units: a checkpoint of the largest size, and as much again. */
const MAX_PROOF_LENGTH = 2_000_000
/** A tree of 2^53 leaves has no longer path, and a hostile text makes us decode no more. */
const MAX_HASHES = 53

/** @throws TlogError `MALFORMED` for what cannot be a proof's index or hash */
export function formatTlogProof({ index, hashes, checkpoint, extra }: Omit<TlogProof, 'hashes'> & { hashes: readonly Hash[] }): string {
  const lines = [FIRST_LINE]
  if (extra !== undefined) lines.push(`extra ${encodeBase64(extra)}`)
  lines.push(`index ${formatDecimal(index)}`)
  for (const hash of hashes) {
    if (hash.length !== HASH_SIZE) throw malformed(`a hash has ${hash.length} bytes instead of 32`)
    lines.push(encodeBase64(hash))
  }
  return `${lines.join('\n')}\n\n${checkpoint}`
}

/**
 * Reads a proof. Nothing is verified: that is `verifyTlogProof`'s.
 *
 * @throws TlogError `MALFORMED`, also if the checkpoint in it is
 */
export function parseTlogProof(text: string): TlogProof {
  if (text.length > MAX_PROOF_LENGTH) throw malformed(`it is longer than ${MAX_PROOF_LENGTH} characters`)
  // SPEC: tlog-proof: After the inclusion proof lines and an empty line, the checkpoint issued by the log is included verbatim.
  // The lines before are non-empty, so the first empty line is that one.
  const split = text.indexOf('\n\n')
  if (split < 0) throw malformed('no empty line separates proof and checkpoint')
  const lines = text.slice(0, split).split('\n')
  const checkpoint = text.slice(split + 2)
  // SPEC: tlog-proof: The first line MUST be the string `c2sp.org/tlog-proof@v1`.
  if (lines.shift() !== FIRST_LINE) throw malformed(`its first line is not ${FIRST_LINE}`)
  const extra = lines[0]?.startsWith('extra ') ? decodeBase64(lines.shift()!.slice('extra '.length)) : undefined
  // SPEC: tlog-proof: The next line MUST start with the string `index` followed by a space and the zero-based index of the entry.
  const index = lines.shift()
  if (!index?.startsWith('index ')) throw malformed('it has no index line')
  if (lines.length > MAX_HASHES) throw malformed(`it has more than ${MAX_HASHES} hashes`)
  parseCheckpoint(parseNote(checkpoint).text)
  return {
    index: parseDecimal(index.slice('index '.length), 'index of a proof'),
    hashes: lines.map(line => parseHash(line, 'hash of a proof')),
    checkpoint,
    ...(extra !== undefined && { extra }),
  }
}

/**
 * Checks that a log has an entry: the log signed the checkpoint, and the entry's hash leads to its root.
 *
 * Extra data is not authenticated, so it is not returned. Cosignatures are not looked at: see `openNote`.
 *
 * @param entry the leaf's bytes, as the log keeps them
 * @param verifier the log's key
 * @returns the checkpoint, and where in the log the entry is
 * @throws TlogError `MALFORMED`, `UNTRUSTED`, `BAD_PROOF`
 */
export function verifyTlogProof(
  text: string,
  entry: Uint8Array,
  verifier: NoteVerifier,
): Checkpoint & { note: string, index: number } {
  const { index, hashes, checkpoint } = parseTlogProof(text)
  const opened = openCheckpoint(checkpoint, verifier)
  checkInclusion({ index, size: opened.size, hashes, leaf: leafHash(entry), root: opened.root })
  return { ...opened, index }
}

function malformed(reason: string): TlogError {
  return new TlogError('MALFORMED', `A log proof is malformed: ${reason}.`)
}
