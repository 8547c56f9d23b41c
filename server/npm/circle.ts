import { RegistryError } from '../errors.ts'
import { onChain } from '../registry/index.ts'
import type { NpmServices } from './types.ts'

/** How a server like us names itself in `via`. */
const HOP = /1\.1 npmx-registry-[0-9a-f]{16}/g
const MOST_HOPS = 10

/**
 * The services for a request with this `via` header: what they ask an upstream for also names the servers like us that the
 * request came through, so that a circle of several is noticed by the first one that is asked twice.
 * @throws RegistryError `LOOP_DETECTED` when it came through this very server
 */
export function onBehalfOf(via: string | undefined, services: NpmServices): NpmServices {
  const hops = via?.match(HOP)
  if (!hops) return services
  // Our own request came back to us: without this, one miss would go round until every connection is in use.
  if (hops.includes(services.via)) {
    throw new RegistryError('LOOP_DETECTED', 'This registry was asked by itself: one of its upstreams leads back here.')
  }
  const chain = [...hops.slice(-MOST_HOPS), services.via].join(', ')
  return {
    ...services,
    upstream(registry) {
      return onChain(services.upstream(registry), chain)
    },
  }
}
