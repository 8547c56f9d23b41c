import type { UpstreamStatus } from '../../shared/types/status.ts'
import { icons } from '../icons.ts'
import type { Look } from './look.ts'

export const UPSTREAM_STATES: Readonly<Record<UpstreamStatus['state'], Look>> = {
  up: { label: 'registry.states.up', icon: icons.up, color: 'success' },
  down: { label: 'registry.states.down', icon: icons.down, color: 'error' },
  unknown: { label: 'registry.states.unknown', icon: icons.unknown, color: 'neutral' },
}
