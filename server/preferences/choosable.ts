import { coversPattern } from '../config/patterns.ts'
import type { Config } from '../config/types.ts'

/** An authority and its mirrors: one of them at least has to stay for everybody. */
interface Group {
  authority: string
  /** Ids, in the configured order. */
  sources: readonly string[]
  /** Everything it has is private to the operator, and so is that it exists. */
  isPrivate: boolean
}

/** What there is to choose from. */
export interface Choosable {
  groups: readonly Group[]
  /** Every registry's id. */
  ids: ReadonlySet<string>
  /** The ids that anybody may know. */
  open: ReadonlySet<string>
}

export function createChoosable({ registries, routes, private: names }: Pick<Config, 'registries' | 'routes' | 'private'>): Choosable {
  const isPrivate = (authority: string) => {
    const patterns = routes.filter(({ registry }) => [registry].flat().includes(authority)).flatMap(({ match }) => match)
    return patterns.length > 0 && patterns.every(pattern => names.some(outer => coversPattern(outer, pattern)))
  }
  const groups = registries.filter(({ role }) => role === 'authority').map(({ id }) => ({
    authority: id,
    sources: registries.filter(one => one.id === id || one.of === id).map(one => one.id),
    isPrivate: isPrivate(id),
  }))
  return {
    groups,
    ids: new Set(registries.map(({ id }) => id)),
    open: new Set(groups.flatMap(group => group.isPrivate ? [] : group.sources)),
  }
}

/** The authority of which nothing would be left. */
export function emptied(disabled: readonly string[], groups: readonly Group[]): Group | undefined {
  return groups.find(({ sources }) => sources.every(id => disabled.includes(id)))
}

/** What of `disabled` can be without leaving an authority without sources. */
export function bearable(disabled: readonly string[], { groups, ids }: Choosable): string[] {
  return disabled.filter(id => ids.has(id)
    && !groups.some(({ sources }) => sources.includes(id) && sources.every(one => disabled.includes(one))))
}
