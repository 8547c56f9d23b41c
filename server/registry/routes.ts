import type { Config, RegistryConfig } from '../config/types.ts'
import { matchesPattern } from '../config/patterns.ts'

/** Which registry answers for a name. Pure: the same name always has the same answer. */
export interface Routes {
  /** The first of them: the one there is, unless the route leaves it open. See `Owners`. */
  authorityOf(name: string): RegistryConfig
  /** The authorities that the first route that matches names; most routes name one. */
  authoritiesOf(name: string): readonly RegistryConfig[]
  /** How many sources of the authority have to claim the same digest. */
  thresholdOf(name: string): number
  /** Registries that copy an authority, in the configured order. */
  mirrorsOf(authority: RegistryConfig): readonly RegistryConfig[]
  /** The authority that a registry is, or copies. */
  authorityBehind(registry: RegistryConfig): RegistryConfig
  /** Names that never leave for anything public. */
  isPrivate(name: string): boolean
  readonly default: RegistryConfig
  readonly authorities: readonly RegistryConfig[]
}

export function createRoutes(config: Pick<Config, 'registries' | 'routes' | 'private'>): Routes {
  const byId = new Map(config.registries.map(registry => [registry.id, registry]))
  const authorities = config.registries.filter(registry => registry.role === 'authority')
  const mirrors = new Map(authorities.map(authority => [authority.id, config.registries.filter(one => one.of === authority.id)]))
  const targets = new Map(config.routes.map(route => [route, [route.registry].flat().map(id => byId.get(id)!)]))
  const [first] = authorities
  if (!first) throw new Error('A configuration without an authority passed validation')

  const routeOf = (name: string) => config.routes.find(({ match }) => match.some(pattern => matchesPattern(pattern, name)))

  const authoritiesOf = (name: string): readonly RegistryConfig[] => {
    const route = routeOf(name)
    return route ? targets.get(route)! : [first]
  }

  return {
    authorityOf: name => authoritiesOf(name)[0]!,
    authoritiesOf,
    thresholdOf: name => routeOf(name)?.threshold ?? 1,
    mirrorsOf: authority => mirrors.get(authority.id) ?? [],
    authorityBehind: registry => registry.of === undefined ? registry : byId.get(registry.of)!,
    isPrivate: name => config.private.some(pattern => matchesPattern(pattern, name)),
    default: first,
    authorities,
  }
}
