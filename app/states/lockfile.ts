import type { State } from '../../shared/lockfile-check/index.ts'
import { icons } from '../icons.ts'
import type { Look } from './look.ts'

/** Of a locked package; what needs attention first. */
export const LOCKFILE_STATES: Readonly<Record<State, Look>> = {
  mismatch: { label: 'registry.verify.states.mismatch', icon: icons.down, color: 'error' },
  unproven: { label: 'registry.verify.states.unproven', icon: icons.unproven, color: 'error' },
  missing: { label: 'registry.verify.states.missing', icon: icons.missing, color: 'warning' },
  unavailable: { label: 'registry.verify.states.unavailable', icon: icons.unreachable, color: 'warning' },
  weaker: { label: 'registry.verify.states.weaker', icon: icons.info, color: 'neutral' },
  skipped: { label: 'registry.verify.states.skipped', icon: icons.skipped, color: 'neutral' },
  verified: { label: 'registry.verify.states.verified', icon: icons.up, color: 'success' },
}

/** The order in which they are listed. */
export const LOCKFILE_STATE_ORDER = Object.keys(LOCKFILE_STATES) as State[]
