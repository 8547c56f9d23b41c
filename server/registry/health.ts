import type { RegistryConfig } from '../config/types.ts'
import type { RegistryError } from '../errors.ts'

/** What the last exchange with a registry said about it. */
interface Health {
  state: 'up' | 'down' | 'unknown'
  /** Milliseconds to the head of the last answer. */
  latency?: number
  checkedAt?: Date
  /** One sentence, when the state is `down`. */
  error?: string
}

export interface HealthBook {
  of(registry: RegistryConfig): Health
  answered(registry: RegistryConfig, status: number, latency: number): void
  failed(registry: RegistryConfig, error: RegistryError): void
}

/** Health is a by-product of real requests: a registry nobody asked is `unknown`, not `up`. */
export function createHealthBook(): HealthBook {
  const states = new Map<string, Health>()
  return {
    of: registry => states.get(registry.id) ?? { state: 'unknown' },
    answered(registry, status, latency) {
      const failing = status >= 500
      states.set(registry.id, {
        state: failing ? 'down' : 'up',
        latency,
        checkedAt: new Date(),
        ...(failing && { error: `It answered with status ${status}.` }),
      })
    },
    failed(registry, error) {
      // A forbidden URL or a broken document says something about an answer, not about being reachable.
      if (error.code !== 'UPSTREAM_UNAVAILABLE') return
      states.set(registry.id, { state: 'down', checkedAt: new Date(), error: error.message })
    },
  }
}
