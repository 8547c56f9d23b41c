import type { Share } from '../../shared/types/registries.ts'
import type { RegistryConfig } from '../config/types.ts'

/** Counts where clients were sent for a version's bytes, since this process started. */
export interface Redirects {
  note(registry: RegistryConfig): void
  /** Those to a registry, of all to its authority and the mirrors of it. */
  of(registry: RegistryConfig): Share
}

export function createRedirects(): Redirects {
  const counts = new Map<string, number>()
  const totals = new Map<string, number>()
  const groupOf = ({ id, of }: RegistryConfig) => of ?? id
  const add = (tally: Map<string, number>, key: string) => tally.set(key, (tally.get(key) ?? 0) + 1)
  return {
    note(registry) {
      add(counts, registry.id)
      add(totals, groupOf(registry))
    },
    of(registry) {
      const count = counts.get(registry.id) ?? 0
      const of = totals.get(groupOf(registry)) ?? 0
      return { count, of, share: of === 0 ? null : count / of }
    },
  }
}
