import type { StepState } from './steps.ts'

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
