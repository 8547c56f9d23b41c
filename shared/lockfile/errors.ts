/**
 * - `TOO_LARGE`: larger than any lockfile we read.
 * - `UNKNOWN_FORMAT`: neither the file's name nor its content tells which client wrote it.
 * - `UNKNOWN_VERSION`: the client is known, this version of its format is not.
 * - `BINARY`: a binary lockfile; its client can write a text.
 * - `CONFLICT`: unresolved merge conflicts.
 * - `MALFORMED`: the text breaks the rules of its format.
 */
export type LockfileErrorCode = 'TOO_LARGE' | 'UNKNOWN_FORMAT' | 'UNKNOWN_VERSION' | 'BINARY' | 'CONFLICT' | 'MALFORMED'

/** Every refusal of a lockfile: one sentence for people, with the line where it is known. */
export class LockfileError extends Error {
  readonly code: LockfileErrorCode
  /** Counted from 1. */
  readonly line?: number

  constructor(code: LockfileErrorCode, message: string, options: { line?: number, cause?: unknown } = {}) {
    super(options.line === undefined ? message : `Line ${options.line}: ${message}`, { cause: options.cause })
    this.name = 'LockfileError'
    this.code = code
    this.line = options.line
  }
}

export const malformed = (message: string, line?: number) => new LockfileError('MALFORMED', message, { line })

/** Text of the lockfile inside a sentence of ours: short, and without anything a terminal would obey. */
export function quote(text: string): string {
  const short = text.length > 120 ? `${text.slice(0, 120)}…` : text
  return JSON.stringify(short).replace(/[^\u0020-\u007e…]/g, character =>
    `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The line, counted from 1, of an offset in UTF-16 units. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}
