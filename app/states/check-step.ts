import { icons } from '../icons.ts'
import type { StepState } from '../verification/check-step.ts'
import type { Look } from './look.ts'

export const STEP_STATES: Readonly<Record<StepState, Look>> = {
  waiting: { label: 'registry.checks.waiting', icon: icons.unknown, color: 'neutral' },
  running: { label: 'registry.checks.running', icon: icons.loading, color: 'neutral' },
  passed: { label: 'registry.checks.passed', icon: icons.up, color: 'success' },
  failed: { label: 'registry.checks.failed', icon: icons.down, color: 'error' },
  unanswered: { label: 'registry.checks.unanswered', icon: icons.unreachable, color: 'warning' },
}
