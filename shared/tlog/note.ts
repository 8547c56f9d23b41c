import { decodeBase64, encodeBase64 } from './base64.ts'
import { TlogError } from './errors.ts'
import { isPlainText, quote } from './text.ts'

/**
 * Signed notes as `c2sp.org/signed-note` describes them: a text, an empty line, signature lines.
 *
 *     <text, ends in newline>
 *
 *     — <key name> <base64 of 4 bytes key id and the signature>
 */

/** Knows one key. `verify` answers false for whatever is no signature, it does not throw. */
export interface NoteVerifier {
  name: string
  keyId: number
  verify(message: Uint8Array, signature: Uint8Array): boolean
}

export interface NoteSigner {
  name: string
  keyId: number
  sign(message: Uint8Array): Uint8Array
}

export interface NoteSignature {
  name: string
  /** An unsigned 32-bit number. With the name it identifies key and algorithm. */
  keyId: number
  /** What follows the key id: at least one byte, its meaning depends on the algorithm. */
  signature: Uint8Array
}

/** In bytes. Room for a hundred signature lines of post-quantum keys, and far more than any checkpoint needs. */
const MAX_NOTE_SIZE = 1_000_000
// SPEC: signed-note: Verifiers SHOULD apply a maximum limit to the number of signatures in a note [...], but MUST accept at least
// up to 16 signatures.
const MAX_SIGNATURES = 100
const LINE_START = '\u2014 '

const encoder = new TextEncoder()

/**
 * Signs a text with every given key, in that order.
 *
 * @param text ends in newline
 * @throws TlogError `MALFORMED` if the text or a key's name cannot stand in a note, without signers, or if one signs twice
 */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  if (!text.endsWith('\n')) throw malformed('the text does not end in a newline')
  if (new Set(signers.map(keyOf)).size !== signers.length) throw malformed('a key would sign it twice')
  const message = encoder.encode(text)
  const lines = signers.map((signer) => {
    return formatSignatureLine({ name: signer.name, keyId: signer.keyId, signature: signer.sign(message) })
  })
  const note = `${text}\n${lines.join('')}`
  parseNote(note)
  return note
}

/**
 * Adds signature lines, such as a witness's answer, to a note. Nothing is verified here.
 *
 * A key that has signed already keeps the signature it has: whoever sends lines cannot replace the log's own.
 *
 * @param lines whole signature lines, each ending in newline
 * @throws TlogError `MALFORMED` if the note or a line is malformed, or the note becomes too large
 */
export function appendSignatures(note: string, lines: string): string {
  const { signatures } = parseNote(note)
  const present = new Set(signatures.map(keyOf))
  const added = parseSignatureLines(lines).filter((signature) => {
    const isNew = !present.has(keyOf(signature))
    present.add(keyOf(signature))
    return isNew
  })
  const longer = note + added.map(formatSignatureLine).join('')
  parseNote(longer)
  return longer
}

/**
 * A note's text, and who signed it. The text means nothing unless this returns.
 *
 * @returns `verified`: the signatures of given keys, one per key. `unverified`: those of other keys, which say nothing.
 * @throws TlogError `MALFORMED` for what is no note, or two keys of one name and id; `UNTRUSTED` if a given key's signature does
 * not verify, or no given key signed
 */
export function openNote(note: string, verifiers: readonly NoteVerifier[]): {
  text: string
  verified: NoteSignature[]
  unverified: NoteSignature[]
} {
  const known = new Map(verifiers.map(verifier => [keyOf(verifier), verifier]))
  if (known.size !== verifiers.length) {
    throw new TlogError('MALFORMED', 'Two of the keys that a note should be checked with have the same name and key id. Give each key once.')
  }
  const { text, signatures } = parseNote(note)
  const message = encoder.encode(text)
  const verified = new Map<string, NoteSignature>()
  const unverified = new Map<string, NoteSignature>()
  for (const signature of signatures) {
    const key = keyOf(signature)
    const verifier = known.get(key)
    if (verifier === undefined) {
      // SPEC: signed-note: Verifiers MUST ignore signatures from unknown keys, even if they share a name or ID (but not both)
      // with a known key.
      unverified.set(formatSignatureLine(signature), signature)
    } else if (!verified.has(key)) {
      // SPEC: signed-note: If the key name and ID match a known key, verifiers MUST verify the signature. If a signature from a
      // known key fails to verify, clients SHOULD reject the whole note.
      if (!verifier.verify(message, signature.signature)) {
        throw new TlogError('UNTRUSTED', `A signed note's signature by the key ${key} does not verify. The text was changed, or another key signed it.`)
      }
      verified.set(key, signature)
    }
  }
  // SPEC: signed-note: If no signature from a known key verifies successfully, clients MUST reject the note.
  if (verified.size === 0) {
    const wanted = [...known.keys()].slice(0, 3).join(', ') || 'no key at all'
    const found = signatures.slice(0, 3).map(one => quote(keyOf(one))).join(', ')
    throw new TlogError('UNTRUSTED', `A signed note carries no signature of a trusted key: trusted is ${wanted}, it was signed by ${found}.`)
  }
  return { text, verified: [...verified.values()], unverified: [...unverified.values()] }
}

/**
 * A note's parts, nothing verified.
 *
 * @throws TlogError `MALFORMED`
 */
export function parseNote(note: string): { text: string, signatures: NoteSignature[] } {
  // A UTF-16 unit is at least one byte, so that what is far too long is refused without being encoded.
  if (note.length > MAX_NOTE_SIZE || encoder.encode(note).length > MAX_NOTE_SIZE) throw malformed(`it is larger than ${MAX_NOTE_SIZE} bytes`)
  // SPEC: signed-note: Signed notes MUST be valid UTF-8 and MUST NOT contain any ASCII control characters (those below U+0020)
  // other than newline.
  if (!isPlainText(note)) throw malformed('it holds control characters or is not valid Unicode')
  // SPEC: signed-note: the text is separated from the signatures by the last empty line in the note.
  const split = note.lastIndexOf('\n\n')
  if (split < 0) throw malformed('no empty line separates text and signatures')
  return { text: note.slice(0, split + 1), signatures: parseSignatureLines(note.slice(split + 2)) }
}

// SPEC: signed-note: em dash (U+2014), space (U+0020), key name, space, base64-encoded signature, newline.
export function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  if (!isKeyName(name)) throw malformed(`${quote(name)} is not a key name`)
  if (signature.length === 0) throw malformed('a signature is empty')
  const bytes = new Uint8Array(4 + signature.length)
  new DataView(bytes.buffer).setUint32(0, keyId)
  bytes.set(signature, 4)
  return `${LINE_START}${name} ${encodeBase64(bytes)}\n`
}

/**
 * Reads one or more whole signature lines.
 *
 * @throws TlogError `MALFORMED`
 */
export function parseSignatureLines(text: string): NoteSignature[] {
  if (!text.endsWith('\n')) throw malformed('the signature lines do not end in a newline')
  const lines = text.slice(0, -1).split('\n', MAX_SIGNATURES + 1)
  if (lines.length > MAX_SIGNATURES) throw malformed(`it has more than ${MAX_SIGNATURES} signatures`)
  return lines.map((line) => {
    const space = line.indexOf(' ', LINE_START.length)
    if (!line.startsWith(LINE_START) || space < 0) throw malformed(`${quote(line)} is not a signature line`)
    const name = line.slice(LINE_START.length, space)
    if (!isKeyName(name)) throw malformed(`${quote(name)} is not a key name`)
    const bytes = decodeBase64(line.slice(space + 1))
    // SPEC: signed-note: Signatures are the base64 encoding of 4+n bytes. The first four bytes in the signature are the uint32
    // key ID stored in big-endian order.
    if (bytes.length < 5) throw malformed(`the signature of ${quote(name)} is too short`)
    return { name, keyId: new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), signature: bytes.slice(4) }
  })
}

// SPEC: signed-note: Key names MUST be non-empty and MUST NOT contain any Unicode spaces or plus (U+002B) characters.
export function isKeyName(name: string): boolean {
  // `\s` knows neither U+0085 nor that U+FEFF is no space any more; Go's `unicode.IsSpace` is Unicode's own property.
  return name !== '' && isPlainText(name) && !/[\p{White_Space}+]/u.test(name)
}

/** Name and key id as verifier keys begin. Unambiguous, since no name holds a plus. */
function keyOf({ name, keyId }: { name: string, keyId: number }): string {
  return `${name}+${keyId.toString(16).padStart(8, '0')}`
}

function malformed(reason: string): TlogError {
  return new TlogError('MALFORMED', `A signed note is malformed: ${reason}.`)
}
