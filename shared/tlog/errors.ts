/**
 * Why the core refused something.
 *
 * - `MALFORMED`: bytes or text that do not have the form their specification prescribes
 * - `OUT_OF_RANGE`: a question about a leaf, node or size that the tree does not have
 * - `UNTRUSTED`: no signature by a key that is trusted, or a signature that does not verify
 * - `BAD_PROOF`: a proof that does not show what it should
 * - `BAD_TILE`: a tile that does not belong to the tree of the given root
 * - `INCONSISTENT`: two trees that cannot be states of the same append-only log: evidence of a fork
 */
export type TlogErrorCode = 'MALFORMED' | 'OUT_OF_RANGE' | 'UNTRUSTED' | 'BAD_PROOF' | 'BAD_TILE' | 'INCONSISTENT'

/** Every refusal of the log's pure core: a code to act upon, and one sentence to read. */
export class TlogError extends Error {
  readonly code: TlogErrorCode

  constructor(code: TlogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TlogError'
    this.code = code
  }
}
