import { encodeBase64 } from './base64.ts'
import { TlogError } from './errors.ts'
import { formatDecimal, parseDecimal, parseHash } from './fields.ts'
import { HASH_SIZE, type Hash } from './merkle.ts'
import { openNote, type NoteVerifier } from './note.ts'
import { isPlainText, quote } from './text.ts'

/** A log's tree at one size, as `c2sp.org/tlog-checkpoint` writes it. */
export interface Checkpoint {
  /** Which log. Any line of text: a name to compare, not a URL to open. */
  origin: string
  /** How many leaves the tree has. */
  size: number
  root: Hash
  /** Further lines, which no monitor audits. We never write any. */
  extensions: string[]
}

/**
 * A checkpoint's text, to be signed as a note: exactly three lines.
 *
 * @throws TlogError `MALFORMED` for an impossible origin, size or root, or extension lines
 */
export function formatCheckpoint({ origin, size, root, extensions = [] }: Omit<Checkpoint, 'extensions'> & { extensions?: string[] }): string {
  if (origin === '' || origin.includes('\n') || !isPlainText(origin)) throw malformed(`${quote(origin)} cannot be an origin`)
  if (root.length !== HASH_SIZE) throw malformed(`its root has ${root.length} bytes instead of 32`)
  // SPEC: tlog-checkpoint: The use of extension lines is NOT RECOMMENDED, as they are not auditable by log monitors.
  if (extensions.length > 0) throw malformed('we sign no extension lines')
  return `${origin}\n${formatDecimal(size)}\n${encodeBase64(root)}\n`
}

/**
 * Reads a checkpoint's text. That it is a note's, and signed, is for `openCheckpoint` to see.
 *
 * Whether the root is that of a tree of this size shows in a proof only, also for size 0.
 *
 * @throws TlogError `MALFORMED`
 */
export function parseCheckpoint(text: string): Checkpoint {
  if (!isPlainText(text) || !text.endsWith('\n')) throw malformed('it is not lines of plain text')
  const lines = text.slice(0, -1).split('\n')
  const [origin, size, root, ...extensions] = lines
  if (origin === undefined || size === undefined || root === undefined) throw malformed('it has fewer than three lines')
  // SPEC: tlog-checkpoint: The origin MUST be non-empty. Extension lines, if any, MUST be non-empty.
  if (lines.includes('')) throw malformed('it has an empty line')
  return { origin, size: parseDecimal(size, 'tree size of a checkpoint'), root: parseHash(root, 'root of a checkpoint'), extensions }
}

/**
 * Reads a signed checkpoint of the log that the verifier's key belongs to.
 *
 * @returns the checkpoint, and the whole note it came in
 * @throws TlogError `MALFORMED`; `UNTRUSTED` if the log did not sign it, or signed it for another origin
 */
export function openCheckpoint(note: string, verifier: NoteVerifier): Checkpoint & { note: string } {
  const checkpoint = parseCheckpoint(openNote(note, [verifier]).text)
  // SPEC: tlog-checkpoint: The log's key name in its signature line SHOULD match the origin line.
  // For us it must: one key that signs for several origins would be several logs under one name.
  if (checkpoint.origin !== verifier.name) {
    throw new TlogError('UNTRUSTED', `A checkpoint signed by ${quote(verifier.name)} is of another log, ${quote(checkpoint.origin)}.`)
  }
  return { ...checkpoint, note }
}

function malformed(reason: string): TlogError {
  return new TlogError('MALFORMED', `A checkpoint is malformed: ${reason}.`)
}
