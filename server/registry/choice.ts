import type { Strategy } from '../config/types.ts'

/** How the sources of an authority are put in order, for one consumer and one name. It narrows and reorders; it never adds. */
export interface Choice {
  strategy: Strategy
  /** Ids of sources that come first, in this order; empty: no wishes. */
  order: readonly string[]
  /** Ids of sources that are not asked for bytes. */
  disabled: ReadonlySet<string>
}
