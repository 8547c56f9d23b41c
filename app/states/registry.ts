import type { RegistryState } from '../../shared/types/registries.ts'
import { icons } from '../icons.ts'
import type { Look } from './look.ts'

/** In which state a source is, the worst first: what comes first decides. `meaning` is the key of the gate it did not pass. */
export const REGISTRY_STATES: Readonly<Record<RegistryState, Look & { meaning: string }>> = {
  'conflict': { label: 'registry.registries.states.conflict', meaning: 'registry.registries.gates.conflict', icon: icons.conflict, color: 'error' },
  'invalid-signature': {
    label: 'registry.registries.states.invalidSignature', meaning: 'registry.registries.gates.invalidSignature', icon: icons.invalidSignature, color: 'error',
  },
  'down': { label: 'registry.registries.states.down', meaning: 'registry.registries.gates.down', icon: icons.down, color: 'error' },
  'flaky': { label: 'registry.registries.states.flaky', meaning: 'registry.registries.gates.flaky', icon: icons.unreachable, color: 'warning' },
  'lagging': { label: 'registry.registries.states.lagging', meaning: 'registry.registries.gates.lagging', icon: icons.lagging, color: 'warning' },
  'ok': { label: 'registry.registries.states.ok', meaning: 'registry.registries.gates.ok', icon: icons.up, color: 'success' },
  'unknown': { label: 'registry.registries.states.unknown', meaning: 'registry.registries.gates.unknown', icon: icons.unknown, color: 'neutral' },
}
