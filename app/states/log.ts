import type { LogOverview } from '../../shared/types/log.ts'
import { icons } from '../icons.ts'
import type { Look } from './look.ts'

export const LOG_STATES: Readonly<Record<LogOverview['state'], Look>> = {
  'ok': { label: 'registry.checkpoints.states.ok', icon: icons.up, color: 'success' },
  'recovering': { label: 'registry.checkpoints.states.recovering', icon: icons.unreachable, color: 'warning' },
  'read-only': { label: 'registry.checkpoints.states.readOnly', icon: icons.down, color: 'error' },
}
