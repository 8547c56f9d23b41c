import { LogError, ReadError, StateError } from '../../shared/sumdb/index.ts'
import { TlogError } from '../../shared/tlog/index.ts'

/**
 * The sentence of an error that a verification may end with.
 * @throws what is none of them: a defect of ours
 */
export function messageOf(error: unknown): string {
  if ([LogError, ReadError, StateError, TlogError].some(kind => error instanceof kind)) return (error as Error).message
  throw error
}
