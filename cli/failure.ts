import { LogError, ReadError, StateError } from '../shared/sumdb/index.ts'

/** The user can put it right: a bad argument, a file that is not there. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'UsageError'
  }
}

/** Something is wrong with what was verified. */
export const FAILED = 1
/** Nothing could be verified: bad usage, or nobody answers. */
export const IMPOSSIBLE = 2

/** What a tool ends with; undefined for a defect of our own, which deserves its stack. */
export function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof LogError) return FAILED
  if (error instanceof ReadError || error instanceof StateError || error instanceof UsageError) return IMPOSSIBLE
  return undefined
}
