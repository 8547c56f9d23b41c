import { coversPattern } from '../../config/patterns.ts'
import type { Config, RegistryConfig } from '../../config/types.ts'

/**
 * Whether only private names lead to a registry, or none at all: then nothing of it belongs into the public log. For a mirror,
 * its authority counts.
 */
export function isOnlyPrivate(registry: RegistryConfig, config: Pick<Config, 'routes' | 'private'>): boolean {
  const id = registry.of ?? registry.id
  return config.routes.filter(route => [route.registry].flat().includes(id))
    .every(({ match }) => match.every(pattern => config.private.some(outer => coversPattern(outer, pattern))))
}
