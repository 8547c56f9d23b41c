import type { Config, RegistryConfig } from '../config/types.ts'
import { matchesPattern } from '../config/patterns.ts'

/** Which registry answers for a name. Pure: the same name always has the same answer. */
export interface Routes {
  /** The one authority of a name: the first route that matches. */
  authorityOf(name: string): RegistryConfig
  /** Registries that copy an authority, in the configured order. */
  mirrorsOf(authority: RegistryConfig): readonly RegistryConfig[]
  /** Names that never leave for anything public. */
  isPrivate(name: string): boolean
  readonly default: RegistryConfig
  readonly authorities: readonly RegistryConfig[]
}

export function createRoutes(config: Pick<Config, 'registries' | 'routes' | 'private'>): Routes {
  const byId = new Map(config.registries.map(registry => [registry.id, registry]))
  const authorities = config.registries.filter(registry => registry.role === 'authority')
  const mirrors = new Map(authorities.map(authority => [authority.id, config.registries.filter(one => one.of === authority.id)]))
  const [first] = authorities
  if (!first) throw new Error('A configuration without an authority passed validation')

  return {
    authorityOf(name) {
      const route = config.routes.find(({ match }) => match.some(pattern => matchesPattern(pattern, name)))
      return (route && byId.get(route.registry)) ?? first
    },
    mirrorsOf: authority => mirrors.get(authority.id) ?? [],
    isPrivate: name => config.private.some(pattern => matchesPattern(pattern, name)),
    default: first,
    authorities,
  }
}
