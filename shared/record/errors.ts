/**
 * Why something cannot stand in a record.
 *
 * - `BAD_RECORD`: a text that is no record, or a record that has no text
 * - `BAD_SUBJECT`: a package URL, a name, a version or a namespace
 * - `BAD_MANIFEST`: a manifest that has no digest
 * - `TOO_LARGE`: a record of more than 65,535 bytes
 */
export type RecordErrorCode = 'BAD_RECORD' | 'BAD_SUBJECT' | 'BAD_MANIFEST' | 'TOO_LARGE'

/** Every refusal of this room: a code to act upon, and one sentence to read. */
export class RecordError extends Error {
  readonly code: RecordErrorCode

  constructor(code: RecordErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RecordError'
    this.code = code
  }
}

/** A hostile value for a message: quoted, cut, and in printable ASCII whatever it was. */
export function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : `(${typeof value})`
  const start = text.length > 80 ? `${text.slice(0, 80)}...` : text
  return JSON.stringify(start).replace(/[^\x20-\x7E]/g, '?')
}
