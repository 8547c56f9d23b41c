import type { Finding } from '../../shared/incident-bundle/index.ts'
import { icons } from '../icons.ts'
import type { Look } from './look.ts'

/** Of what is checked in an incident's bundle. */
export const FINDING_STATES: Readonly<Record<Finding['state'], Look>> = {
  verified: { label: 'registry.verify.bundle.states.verified', icon: icons.up, color: 'success' },
  contradiction: { label: 'registry.verify.bundle.states.contradiction', icon: icons.down, color: 'error' },
  unproven: { label: 'registry.verify.bundle.states.unproven', icon: icons.missing, color: 'warning' },
}
