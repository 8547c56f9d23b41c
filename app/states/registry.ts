import type { RegistryState } from '../../shared/types/registries.ts'
import { icons } from '../icons.ts'
import type { Look } from './look.ts'

interface RegistryLook extends Look {
  /** Key of the gate that it did not pass. */
  meaning: string
  /** Key of how many are in it. */
  counted: string
}

/** In which state a source is, the worst first: what comes first decides. */
export const REGISTRY_STATES: Readonly<Record<RegistryState, RegistryLook>> = {
  'conflict': {
    label: 'registry.registries.states.conflict', meaning: 'registry.registries.gates.conflict',
    counted: 'registry.home.sources.conflict', icon: icons.conflict, color: 'error',
  },
  'invalid-signature': {
    label: 'registry.registries.states.invalidSignature', meaning: 'registry.registries.gates.invalidSignature',
    counted: 'registry.home.sources.invalidSignature', icon: icons.invalidSignature, color: 'error',
  },
  'down': {
    label: 'registry.registries.states.down', meaning: 'registry.registries.gates.down',
    counted: 'registry.home.sources.down', icon: icons.down, color: 'error',
  },
  'flaky': {
    label: 'registry.registries.states.flaky', meaning: 'registry.registries.gates.flaky',
    counted: 'registry.home.sources.flaky', icon: icons.unreachable, color: 'warning',
  },
  'lagging': {
    label: 'registry.registries.states.lagging', meaning: 'registry.registries.gates.lagging',
    counted: 'registry.home.sources.lagging', icon: icons.lagging, color: 'warning',
  },
  'ok': {
    label: 'registry.registries.states.ok', meaning: 'registry.registries.gates.ok',
    counted: 'registry.home.sources.ok', icon: icons.up, color: 'success',
  },
  'unknown': {
    label: 'registry.registries.states.unknown', meaning: 'registry.registries.gates.unknown',
    counted: 'registry.home.sources.unknown', icon: icons.unknown, color: 'neutral',
  },
}
const STATES = Object.keys(REGISTRY_STATES) as RegistryState[]
/** Of all sources together: one of which nothing is known keeps the others from being all well. */
const WORST_FIRST = [...STATES.filter(state => state !== 'ok'), 'ok'] as const

/** The worst state that there is, in how many sources, and how many are in a better one; `count` goes into the label. */
export function worstOf(states: readonly RegistryState[]): { worst: Look, count: number, others: number } | undefined {
  const worst = WORST_FIRST.find(state => states.includes(state))
  if (worst === undefined) return undefined
  const { icon, color, counted } = REGISTRY_STATES[worst]
  const count = states.filter(state => state === worst).length
  return { worst: { label: counted, icon, color }, count, others: states.length - count }
}
