import { LogError, ReadError, StateError } from '../../shared/sumdb/index.ts'
import { TlogError } from '../../shared/tlog/index.ts'

/**
 * How far a step is. `passed`: it was computed here, and holds. `assumed`: there was nothing to compare with. `failed`: something
 * is wrong. `unavailable`: no answer, so nothing is known. `skipped`: a step before it did not hold.
 */
export type StepState = 'pending' | 'running' | 'passed' | 'assumed' | 'failed' | 'unavailable' | 'skipped'

/** What all steps together say. Only `verified` is good news. */
export type Verdict = 'pending' | 'running' | 'verified' | 'failed' | 'unavailable'

/** Something that went into a step or came out of it. `null`: there is none; undefined: not known yet. */
export interface Fact<Label extends string = string> {
  label: Label
  value?: string | null
}

/** What is wrong, in a code that texts hang on. */
export type FailureCode = LogError['code'] | 'OTHER_KEY' | 'OTHER_TREE' | 'OTHER_RECORD' | 'OTHER_HASH' | 'NOT_IN_TREE' | 'BAD_PROOF'
  | 'OTHER_ROOT' | 'NO_RECORD' | 'STATE' | 'NO_ANSWER' | 'UNEXPECTED'

export interface StepFailure {
  code: FailureCode
  /** What exactly, in a sentence of whoever noticed it. */
  sentence?: string
  expected?: string
  found?: string
}

export interface Step<Id extends string = string> {
  id: Id
  state: StepState
  facts: readonly Fact[]
  failure?: StepFailure
}

/** Thrown where a step does not hold: both values, as they are shown. */
export class Mismatch extends Error {
  readonly failure: StepFailure

  constructor(failure: StepFailure) {
    super(`${failure.code}: expected ${failure.expected}, found ${failure.found}`)
    this.name = 'Mismatch'
    this.failure = failure
  }
}

/** Draws the conclusion from what was thrown: an answer that did not come is no lie. */
export function failureOf(error: unknown): { state: StepState, failure: StepFailure } {
  if (error instanceof Mismatch) return { state: 'failed', failure: error.failure }
  if (error instanceof LogError) return { state: 'failed', failure: { code: error.code, sentence: error.message } }
  if (error instanceof StateError) return { state: 'failed', failure: { code: 'STATE', sentence: error.message } }
  if (error instanceof ReadError) return { state: 'unavailable', failure: { code: 'NO_ANSWER', sentence: error.message } }
  if (error instanceof TlogError) {
    const code = ({ UNTRUSTED: 'UNTRUSTED', BAD_TILE: 'BAD_TILE', BAD_PROOF: 'BAD_PROOF', INCONSISTENT: 'FORK' } as const)[error.code as string] ?? 'MALFORMED'
    return { state: 'failed', failure: { code, sentence: error.message } }
  }
  return { state: 'unavailable', failure: { code: 'UNEXPECTED', sentence: error instanceof Error ? error.message : String(error) } }
}

export function verdictOf(steps: readonly Pick<Step, 'state'>[]): Verdict {
  const has = (state: StepState) => steps.some(step => step.state === state)
  if (has('failed')) return 'failed'
  if (has('unavailable')) return 'unavailable'
  if (steps.length > 0 && steps.every(({ state }) => state === 'passed' || state === 'assumed')) return 'verified'
  return has('running') || has('passed') || has('assumed') ? 'running' : 'pending'
}
