import type { Environment } from '../common/environment.ts'
import type { Audits } from './lighthouse/measure.ts'
import type { PageTimes } from './pages/measure.ts'
import type { Scroll } from './scroll/measure.ts'
import type { Weights } from './weight/measure.ts'

/** What can be measured alone. */
export const PARTS = ['pages', 'scroll', 'weight', 'lighthouse'] as const
export type Part = typeof PARTS[number]

/** Everything one run measured; what failed is missing here and named in `failures`. */
export interface Results {
  environment: Environment
  parts: readonly Part[]
  /** Records in the log that the pages were made of. */
  records: number
  pages?: PageTimes
  scroll?: Scroll
  weights?: Weights
  audits?: Audits
  failures: string[]
}
