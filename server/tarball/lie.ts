import { RegistryError } from '../errors.ts'

/** A source sent a complete tarball that is not the one that was asked for: its code is `INTEGRITY`. */
export class IntegrityError extends RegistryError {
  /** The `sha512-…` of what was sent. */
  readonly got: string
  /** Bytes. */
  readonly size: number

  constructor(message: string, got: string, size: number) {
    super('INTEGRITY', message)
    this.got = got
    this.size = size
  }
}

/** SPEC: RFC 1952 2.3.1. What begins otherwise is no tarball: an error page, most likely, with a status that says it is none. */
export function isGzip(firstBytes: Uint8Array): boolean {
  return firstBytes[0] === 0x1f && firstBytes[1] === 0x8b
}
