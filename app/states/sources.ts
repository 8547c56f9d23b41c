import type { RegistryReport } from '../../shared/types/registries.ts'
import { icons } from '../icons.ts'
import type { Look } from './look.ts'

type SourceState = RegistryReport['status']['state']

/** How many sources are in a state, worst first; `count` goes into the label. */
const LOOKS: Readonly<Record<SourceState, Look>> = {
  'conflict': { label: 'registry.home.sources.conflict', icon: icons.unreachable, color: 'error' },
  'invalid-signature': { label: 'registry.home.sources.invalidSignature', icon: icons.unreachable, color: 'error' },
  'down': { label: 'registry.home.sources.down', icon: icons.down, color: 'error' },
  'flaky': { label: 'registry.home.sources.flaky', icon: icons.unreachable, color: 'warning' },
  'lagging': { label: 'registry.home.sources.lagging', icon: icons.clock, color: 'warning' },
  'unknown': { label: 'registry.home.sources.unknown', icon: icons.unknown, color: 'neutral' },
  'ok': { label: 'registry.home.sources.ok', icon: icons.up, color: 'success' },
}
const WORST_FIRST = Object.keys(LOOKS) as SourceState[]

/** The worst state that there is, in how many sources, and how many are in a better one. */
export function worstOf(states: readonly SourceState[]): { worst: Look, count: number, others: number } | undefined {
  const worst = WORST_FIRST.find(state => states.includes(state))
  if (worst === undefined) return undefined
  const count = states.filter(state => state === worst).length
  return { worst: LOOKS[worst], count, others: states.length - count }
}
