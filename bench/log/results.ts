import type { Paced } from './append/commands.ts'
import type { Growth } from './append/growth.ts'
import type { Appends } from './append/measure.ts'
import type { Environment } from '../common/environment.ts'
import type { Judgings } from './judge/judging.ts'
import type { Lookups } from './lookup/measure.ts'
import type { FirstRequest } from './packument/measure.ts'
import type { TileSamples } from './tiles/measure.ts'
import type { Verifications } from './verification/verifying.ts'

/** What can be measured alone. */
export const PARTS = ['append', 'growth', 'tiles', 'lookup', 'packument', 'judge', 'verify'] as const
export type Part = typeof PARTS[number]

/** Everything one run measured; what failed is missing here and named in `failures`. */
export interface Results {
  environment: Environment
  /** What this run was to measure. */
  parts: readonly Part[]
  appends?: Appends
  paced?: Paced
  growth?: Growth
  tiles?: TileSamples
  lookups?: Lookups
  firstRequests?: FirstRequest[]
  judgings?: Judgings
  verifications?: Verifications
  failures: string[]
}
