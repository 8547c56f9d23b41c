import type { Config, RegistryConfig } from '../config/types.ts'
import type { Routes } from '../registry/index.ts'

/** An authority, the mirrors that copy it, and the public names it answers for. */
export interface Group {
  authority: RegistryConfig
  mirrors: readonly RegistryConfig[]
  /** Beginnings of names that are routed to it; the empty one: all others. */
  prefixes: readonly string[]
}

/** Who is looked at. Every source is in one group. */
export function groupsOf({ routes }: Pick<Config, 'routes'>, { authorities, mirrorsOf }: Routes): Group[] {
  return authorities.map(authority => ({
    authority,
    mirrors: mirrorsOf(authority),
    prefixes: [...new Set(patternsOf(authority.id, { routes }).map(pattern => pattern.replace(/\*$/, '')))],
  }))
}

/** Name patterns that are routed to an authority. */
export function patternsOf(id: string, { routes }: Pick<Config, 'routes'>): string[] {
  return routes.filter(({ registry }) => [registry].flat().includes(id)).flatMap(({ match }) => match)
}
