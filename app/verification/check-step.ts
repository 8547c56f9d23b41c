/**
 * How far a check has come: `unanswered` is one that could not be made, because nobody answered. That is not `failed`, which is
 * something that was seen to be wrong.
 */
export type StepState = 'waiting' | 'running' | 'passed' | 'failed' | 'unanswered'

/** One thing that this browser checks, as it is told. */
export interface Step {
  /** What is checked, in the words of the page. */
  title: string
  state: StepState
  /** What came out of it. */
  result?: string
  /** What went into it. */
  inputs?: readonly { label: string, values: readonly string[] }[]
}
