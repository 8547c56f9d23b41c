import { RegistryError } from '../errors.ts'
import type { LogStatus } from './types.ts'

/** Why nothing can be recorded, for whoever wanted to. The reason itself names files of ours, so it is the operator's alone. */
export function unavailable({ state }: LogStatus): RegistryError {
  return state === 'read-only'
    ? new RegistryError('LOG_UNAVAILABLE', 'The log of this registry is read-only at the moment; its operator was told why.', { retryAfter: 60 })
    : new RegistryError('LOG_UNAVAILABLE', 'The log of this registry takes no records at the moment; ask again soon.', { retryAfter: 2 })
}
