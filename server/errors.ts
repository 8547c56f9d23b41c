/** Every refusal the product can answer with: its HTTP status, and whether asking again can help. */
const ERRORS = {
  BAD_REQUEST: 400,
  BAD_NAME: 404,
  NOT_FOUND: 404,
  VERSION_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  NO_ACCOUNTS: 501,
  BODY_TOO_LARGE: 413,
  UNAUTHENTICATED: 401,
  /** The bytes differ from the digest that stands for them. */
  INTEGRITY: 403,
  /** Another digest is recorded for this version. */
  CONFLICT: 403,
  /** A signature that does not verify, or of a key that is not known. */
  NOT_VERIFIED: 403,
  /** More than one of a route's authorities has the name. */
  AMBIGUOUS_NAME: 403,
  /** Not as many sources claim a version's digest as its route wants. */
  TOO_FEW_SOURCES: 403,
  /** A dependency leads to a registry that its own registry may not point to. */
  LINK_DENIED: 403,
  /** The manifest differs from what is recorded, or from the one inside the tarball. */
  MANIFEST_MISMATCH: 403,
  /** An attestation is about other bytes than those that are recorded. */
  ATTESTATION_MISMATCH: 403,
  /** An operator took the version down. */
  TAKEN_DOWN: 451,
  /** Only an operator may do this. */
  FORBIDDEN: 403,
  /** A URL that an upstream named points where no configured registry lives. */
  FORBIDDEN_URL: 403,
  /** The upstream answered, but not with what was asked for. */
  UPSTREAM_INVALID: 502,
  /** The upstream's answer is larger than the configured limit. */
  UPSTREAM_TOO_LARGE: 502,
  /** The upstream knows us and says no; asking again does not help. */
  UPSTREAM_REFUSED: 403,
  /** The upstream cannot be reached, or not in time; nothing is known about the package. */
  UPSTREAM_UNAVAILABLE: 503,
  /** The log cannot take records now; what is recorded can still be read. */
  LOG_UNAVAILABLE: 503,
  /** Somebody has done before what can be done once. */
  ALREADY_ACKNOWLEDGED: 409,
  RATE_LIMITED: 429,
  LOOP_DETECTED: 508,
  INTERNAL: 500,
} as const

export type ErrorCode = keyof typeof ERRORS

/** An error whose sentence may be shown to a user: what happened, where, and what to do. */
export class RegistryError extends Error {
  readonly code: ErrorCode
  /** Seconds after which asking again makes sense. */
  readonly retryAfter?: number

  constructor(code: ErrorCode, message: string, options: { cause?: unknown, retryAfter?: number } = {}) {
    super(message, { cause: options.cause })
    this.name = 'RegistryError'
    this.code = code
    this.retryAfter = options.retryAfter
  }

  get status(): number {
    return ERRORS[this.code]
  }
}

/** The sentence of anything thrown, for logs and for wrapping. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
