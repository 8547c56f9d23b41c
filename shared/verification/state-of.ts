import type { VersionRecord } from '../record/index.ts'
import type { VerificationState } from './states.ts'

/** What the log says of one version. */
export interface VerificationFacts {
  /** How its record is known; absent without a record. */
  evidence?: VersionRecord['evidence']
  /** Whether its own registry gave other contents for it. What a mirror gave says something of the mirror only. */
  isMismatch?: boolean
  /** Whether its registry no longer has it. */
  isWithdrawn?: boolean
  /** Whether its record is not yet under a signed checkpoint. */
  isPending?: boolean
}

/** The worst that is known of a version comes first. */
export function verificationStateOf({ evidence, isMismatch, isWithdrawn, isPending }: VerificationFacts): VerificationState {
  if (isMismatch) return 'mismatch'
  if (isPending) return 'pending'
  if (evidence === undefined) return 'not-recorded'
  if (isWithdrawn) return 'withdrawn'
  return evidence === 'claimed' ? 'recorded' : 'verified'
}
