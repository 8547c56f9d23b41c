/**
 * What is wrong with a log, or with whoever stands between.
 *
 * - `UNTRUSTED`: a checkpoint that the log's key did not sign
 * - `MALFORMED`: an answer without the form that it must have
 * - `ROLLBACK`: a smaller tree than was seen before
 * - `FORK`: two signed trees that cannot both be states of one log
 * - `MISSING`: a tile or bundle that a signed tree consists of is not there
 * - `BAD_TILE`: a tile that does not belong to the signed tree
 * - `BAD_BUNDLE`: a bundle of entries that are not those of the signed tree
 * - `BAD_LOOKUP`: the answer to a lookup is another record, or one that is not in the log
 * - `OTHER_AUTHORITY`: the record is of another authority's package of this name, which need not be a lie
 * - `BROKEN_RULE`: a record, undoubtedly in the log, that the log's rules forbid
 */
export type LogErrorCode
  = | 'UNTRUSTED' | 'MALFORMED' | 'ROLLBACK' | 'FORK' | 'MISSING' | 'BAD_TILE' | 'BAD_BUNDLE' | 'BAD_LOOKUP'
    | 'OTHER_AUTHORITY' | 'BROKEN_RULE'

/** What shows the fault to anybody who has the log's key, without asking the log again. */
export interface Evidence {
  /** Signed notes, byte for byte, the smaller tree's first. */
  checkpoints: string[]
  /**
   * How the larger tree begins: an RFC 6962 consistency proof from `size` and `root` to the larger checkpoint. With another root
   * in the smaller checkpoint, both signatures cannot be honest. Base64.
   */
  beginning?: { size: number, root: string, proof: string[] }
  /** Entries in base64, each with its `c2sp.org/tlog-proof@v1`. */
  entries?: { entry: string, proof: string }[]
}

/** The log lied, or somebody did in its name: a code to act upon, one sentence to read, and evidence as far as there is any. */
export class LogError extends Error {
  readonly code: LogErrorCode
  readonly evidence?: Evidence

  constructor(code: LogErrorCode, message: string, options: { cause?: unknown, evidence?: Evidence } = {}) {
    super(message, { cause: options.cause })
    this.name = 'LogError'
    this.code = code
    this.evidence = options.evidence
  }
}

/** No answer, or one that is an error: nothing is known, and nobody lied. */
export class ReadError extends Error {
  /** HTTP status; undefined if there was no answer. */
  readonly status?: number
  /** The server's own code, such as `VERSION_NOT_FOUND`. */
  readonly code?: string

  constructor(message: string, options: { status?: number, code?: string, cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = 'ReadError'
    this.status = options.status
    this.code = options.code
  }
}

/** What this client remembers of a log is not what it wrote: neither the log's fault nor the network's. */
export class StateError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StateError'
  }
}
