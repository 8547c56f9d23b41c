import type { Environment } from '../common/environment.ts'
import type { Choices } from './choose.ts'
import type { Redirects } from './dead-mirror/measure.ts'
import type { FirstSights } from './first-sight/measure.ts'
import type { Checks } from './first-sight/checking.ts'
import type { SecondLooks } from './second-look/looking.ts'

/** What can be measured alone. */
export const PARTS = ['check', 'first', 'second', 'choose', 'dead'] as const
export type Part = typeof PARTS[number]

/** Everything one run measured; what failed is missing here and named in `failures`. */
export interface Results {
  environment: Environment
  parts: readonly Part[]
  checks?: Checks
  firstSights?: FirstSights
  secondLooks?: SecondLooks
  choices?: Choices
  redirects?: Redirects
  failures: string[]
}
