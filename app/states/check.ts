import { VERIFICATION_STATES, type VerificationLook } from '../../shared/verification/index.ts'
import type { ShownCheck } from '../verification/shown-version.ts'

/** How a version's check in this browser stands; `idle`: nobody asked for it. */
export type CheckState = ShownCheck['outcome'] | 'idle' | 'running'

/** Shapes and colours of the states of a verification, with words for what happened here. */
export const CHECK_STATES: Readonly<Record<CheckState, VerificationLook>> = {
  idle: { ...VERIFICATION_STATES.recorded, label: 'registry.package.check.states.idle' },
  running: { ...VERIFICATION_STATES.pending, label: 'registry.package.check.states.running' },
  verified: { ...VERIFICATION_STATES.verified, label: 'registry.package.check.states.verified' },
  differs: { ...VERIFICATION_STATES.mismatch, label: 'registry.package.check.states.mismatch' },
  contradiction: { ...VERIFICATION_STATES.mismatch, label: 'registry.package.check.states.mismatch' },
  otherLog: { ...VERIFICATION_STATES.mismatch, label: 'registry.package.check.states.otherLog' },
  unavailable: { ...VERIFICATION_STATES.unavailable, label: 'registry.package.check.states.unavailable' },
}
