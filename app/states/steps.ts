import type { StepState, Verdict } from '../verification/steps.ts'
import { icons } from '../icons.ts'
import type { Look } from './look.ts'

/** One step of a verification in the browser. Green is what was computed here and holds, and nothing else. */
const STEP_STATES: Readonly<Record<StepState, Look>> = {
  pending: { label: 'registry.steps.states.pending', icon: icons.unknown, color: 'neutral' },
  running: { label: 'registry.steps.states.running', icon: icons.running, color: 'neutral' },
  passed: { label: 'registry.steps.states.passed', icon: icons.up, color: 'success' },
  assumed: { label: 'registry.steps.states.assumed', icon: icons.info, color: 'neutral' },
  failed: { label: 'registry.steps.states.failed', icon: icons.down, color: 'error' },
  unavailable: { label: 'registry.steps.states.unavailable', icon: icons.unreachable, color: 'warning' },
  skipped: { label: 'registry.steps.states.skipped', icon: icons.skipped, color: 'neutral' },
}

/** Where a step does not hold, what held before it proves nothing, and what follows is not reached: no green beside red. */
export function lookOfStep(state: StepState, isBroken: boolean): Look {
  if (isBroken && state === 'passed') return { ...STEP_STATES.passed, color: 'neutral' }
  return STEP_STATES[isBroken && state === 'pending' ? 'skipped' : state]
}

/** What all steps together say: `detail` is the key of a sentence about the entry. */
export const VERDICTS: Readonly<Record<Verdict, Look & { detail: string }>> = {
  pending: { label: 'registry.entry.verdicts.pending', detail: 'registry.entry.verdicts.pendingDetail', icon: icons.unknown, color: 'neutral' },
  running: { label: 'registry.entry.verdicts.running', detail: 'registry.entry.verdicts.runningDetail', icon: icons.running, color: 'neutral' },
  verified: { label: 'registry.entry.verdicts.verified', detail: 'registry.entry.verdicts.verifiedDetail', icon: icons.up, color: 'success' },
  failed: { label: 'registry.entry.verdicts.failed', detail: 'registry.entry.verdicts.failedDetail', icon: icons.down, color: 'error' },
  unavailable: { label: 'registry.entry.verdicts.unavailable', detail: 'registry.entry.verdicts.unavailableDetail', icon: icons.unreachable, color: 'warning' },
}
