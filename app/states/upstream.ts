import type { UpstreamStatus } from '../../shared/types/status.ts'
import { icons } from '../icons.ts'
import { messages } from '../messages/en.ts'
import type { Look } from './look.ts'

const { states } = messages.registry

export const UPSTREAM_STATES: Readonly<Record<UpstreamStatus['state'], Look>> = {
  up: { label: states.up, icon: icons.up, color: 'success' },
  down: { label: states.down, icon: icons.down, color: 'error' },
  unknown: { label: states.unknown, icon: icons.unknown, color: 'neutral' },
}
