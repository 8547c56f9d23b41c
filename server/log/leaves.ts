import { hash } from 'node:crypto'
import { MAX_RECORD_SIZE } from '../../shared/record/index.ts'
import type { Hash } from '../../shared/tlog/index.ts'

const scratch = Buffer.alloc(1 + MAX_RECORD_SIZE)
// SPEC: RFC 6962 2.1: "MTH({d(0)}) = SHA-256(0x00 || d(0))"
scratch[0] = 0x00

/** Leaf hash of a record's text: the same as the core's, in a third of the time, because every append waits for it. */
export function leafOf(text: string): Hash {
  // Records are ASCII: a character is a byte.
  const length = scratch.write(text, 1, 'latin1')
  // By way of a string, whose bytes land in a shared buffer: one of its own would cost as much as the hash.
  return Buffer.from(hash('sha256', scratch.subarray(0, 1 + length), 'binary'), 'latin1')
}
