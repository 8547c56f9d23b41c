import type { VersionRecord } from '../../shared/record/index.ts'
import { RegistryError } from '../errors.ts'
import type { VersionSummary } from '../packument/index.ts'
import type { SignedVersion } from '../registry/index.ts'
import type { Found } from './types.ts'

type Verify = (signed: SignedVersion) => Promise<void>

/** A registry that signs with more keys than these has the rest of its signatures believed unseen. */
const MOST_SIGNATURES = 4

/**
 * Whether one of the signatures that a source gives for a version is its authority's.
 * @param verify throws RegistryError `NOT_VERIFIED` for one that is not, anything else if it cannot be told
 */
export async function checkSignature(
  { subject }: VersionRecord, { signatures, claim, integrity, published }: VersionSummary, verify: Verify,
): Promise<NonNullable<Found['signature']>> {
  let result: NonNullable<Found['signature']> = 'none'
  for (const signature of signatures.slice(0, MOST_SIGNATURES)) {
    try {
      await verify({ subject, integrity: claim ?? integrity, signature, ...(published !== undefined && { published }) })
      return 'verifies'
    } catch (error) {
      const isRefused = error instanceof RegistryError && error.code === 'NOT_VERIFIED'
      if (result !== 'invalid') result = isRefused ? 'invalid' : 'unknown'
    }
  }
  return result
}
