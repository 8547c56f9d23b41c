import { decodeBase64 } from './base64.ts'
import { TlogError } from './errors.ts'
import { HASH_SIZE, isCount, type Hash } from './merkle.ts'
import { quote } from './text.ts'

/** A size or index as every format of the log writes it: ASCII decimal, no sign, no leading zero. */
export function formatDecimal(value: number): string {
  if (!isCount(value)) throw new TlogError('MALFORMED', `${value} is not a size, index or time that the log can write.`)
  return String(value)
}

/**
 * Reads what `formatDecimal` writes. `what` names the field in the error's sentence.
 *
 * The formats allow numbers up to 2^63-1 or 2^64-1. Those above 2^53-1 are refused rather than rounded to another tree's size.
 */
export function parseDecimal(text: string, what: string): number {
  const value = /^(?:0|[1-9]\d*)$/.test(text) ? Number(text) : Number.NaN
  if (!isCount(value)) {
    throw new TlogError('MALFORMED', `The ${what} ${quote(text)} is not a decimal number without leading zeros of at most 2^53-1.`)
  }
  return value
}

/** Reads a SHA-256 hash in base64. `what` names the field in the error's sentence. */
export function parseHash(text: string, what: string): Hash {
  // Checked before decoding: 32 bytes have 44 characters, anything longer need not be looked at.
  const hash = text.length === 44 ? decodeBase64(text) : undefined
  if (hash?.length !== HASH_SIZE) throw new TlogError('MALFORMED', `The ${what} ${quote(text)} is not the base64 of 32 bytes.`)
  return hash
}
