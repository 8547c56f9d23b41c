import { parseNote, parseVkey, TlogError } from '../../shared/tlog/index.ts'

/** A signature line of a note, taken apart. Nothing of it is verified. */
export interface Signer {
  name: string
  /** Eight hexadecimal digits. */
  key: string
  /** Of the signature. */
  bytes: number
  /** Whether it is said to be the log's own. */
  isLog: boolean
}

/**
 * Who is said to have signed a note; undefined for what is none.
 * @param vkey the log's
 */
export function signersOf(note: string, vkey: string | undefined): Signer[] | undefined {
  try {
    const log = vkey === undefined ? undefined : parseVkey(vkey)
    return parseNote(note).signatures.map(({ name, keyId, signature }) => ({
      name,
      key: formatKeyId(keyId),
      bytes: signature.length,
      isLog: name === log?.name && keyId === log.keyId,
    }))
  } catch (error) {
    if (error instanceof TlogError) return undefined
    throw error
  }
}

/** A key in few characters: its name, and its id as verifier keys have it. */
export function shortKey(vkey: string): string {
  const { name, keyId } = parseVkey(vkey)
  return `${name}+${formatKeyId(keyId)}`
}

function formatKeyId(keyId: number): string {
  return keyId.toString(16).padStart(8, '0')
}
