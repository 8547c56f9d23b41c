import type { RegistryConfig, RouteConfig } from './types.ts'
import { nearestKey } from './nearest.ts'
import { coversPattern } from './patterns.ts'
import { type Self, isSelf } from './self.ts'
import { show } from './show.ts'

/** What is wrong between the registries of a configuration file, though each is well formed. Problems without the file's name. */
export function checkRegistries(registries: readonly RegistryConfig[], self: Self): string[] {
  if (!registries.some(({ role }) => role === 'authority')) {
    return ['registries: none is an authority. Give at least one "role": "authority".']
  }
  return registries.flatMap((registry, index) => [...checkRegistry(registry, registries, index, self)]
    .map(([key, problem]) => `registries[${index}].${key}: ${problem}`))
}

function* checkRegistry(
  { id, url, namespace, role, of, links = [] }: RegistryConfig, registries: readonly RegistryConfig[], index: number, self: Self,
): Generator<[key: string, problem: string]> {
  const authorities = registries.filter(one => one.role === 'authority').map(one => one.id)
  const before = (same: (one: RegistryConfig) => boolean) => registries.slice(0, index).findIndex(same)

  const sameId = before(one => one.id === id)
  if (sameId >= 0) yield ['id', `${show(id)} is also the id of registries[${sameId}]. Ids must be unique.`]
  if (isSelf(url, self)) yield ['url', `${show(url)} is this server. Name the registry that packages come from.`]
  // A mirror may copy several authorities, with one entry for each.
  const sameUrl = before(one => one.url === url && (one.role === 'authority' || role === 'authority' || one.of === of))
  if (sameUrl >= 0) yield ['url', `${show(url)} is also the URL of registries[${sameUrl}]. Remove one of them.`]
  const sameNamespace = before(one => role === 'authority' && one.role === 'authority' && one.namespace === namespace)
  if (sameNamespace >= 0 && sameUrl < 0) yield ['namespace', `${show(namespace)} is also that of registries[${sameNamespace}]. Records would not tell them apart.`]

  if (role === 'authority' && of !== undefined) yield ['of', 'belongs to mirrors only. Remove it, or make this registry a mirror.']
  if (role === 'mirror' && of === undefined) yield ['of', 'is missing. Name the authority that this mirror copies.']
  if (role === 'mirror' && of !== undefined && !authorities.includes(of)) yield ['of', noAuthority(of, registries)]
  if (role === 'mirror' && links.length > 0) yield ['links', 'belongs to authorities only. Remove it.']
  for (const [position, link] of links.entries()) {
    if (link === id) yield [`links[${position}]`, `${show(link)} is this registry itself. Remove it.`]
    else if (!authorities.includes(link)) yield [`links[${position}]`, noAuthority(link, registries)]
  }
}

/** Whether routes lead to authorities, and can be reached. Problems without the file's name. */
export function checkRoutes(routes: readonly RouteConfig[], registries: readonly RegistryConfig[]): string[] {
  return routes.flatMap(({ match, registry, threshold = 1 }, index) => {
    const ids = [registry].flat()
    const wrong = ids.flatMap((id, position) => {
      const place = `routes[${index}].registry${typeof registry === 'string' ? '' : `[${position}]`}`
      const target = registries.find(one => one.id === id)
      if (target?.role !== 'authority') return [`${place}: ${noAuthority(id, registries)}`]
      if (ids.indexOf(id) < position) return [`${place}: ${show(id)} is named twice. Remove one.`]
      const sources = 1 + registries.filter(({ of }) => of === id).length
      return threshold > sources
        ? [`routes[${index}].threshold: ${threshold} sources cannot agree, because ${show(id)} has ${sources} (itself and its mirrors). Add mirrors, or lower it.`]
        : []
    })
    const shadowed = match.flatMap((pattern, position) => {
      const by = routes.slice(0, index).findIndex(earlier => earlier.match.some(one => coversPattern(one, pattern)))
      return by < 0 ? [] : [`routes[${index}].match[${position}]: ${show(pattern)} is never reached, because routes[${by}] matches all of it. Put it first.`]
    })
    return [...wrong, ...shadowed]
  })
}

/** Authorities that no name leads to: allowed, and probably a mistake. Sentences without the file's name. */
export function unroutedAuthorities(routes: readonly RouteConfig[], registries: readonly RegistryConfig[]): string[] {
  return registries
    .filter(({ id, role }) => role === 'authority' && !routes.some(({ registry }) => [registry].flat().includes(id)))
    .map(({ id }) => `no route leads to the authority ${show(id)}, so it is never asked.`)
}

function noAuthority(id: string, registries: readonly RegistryConfig[]): string {
  const known = registries.find(one => one.id === id)
  if (known) return `${show(id)} is a mirror. Name an authority.`
  const authorities = registries.filter(({ role }) => role === 'authority').map(one => one.id)
  const nearest = nearestKey(id, authorities)
  return `${show(id)} is no registry. ${nearest === undefined ? `Authorities are ${authorities.join(', ')}.` : `Did you mean "${nearest}"?`}`
}
