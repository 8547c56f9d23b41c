import type { RouteLocationRaw } from 'vue-router'
import type { SearchFind } from '../../shared/types/search.ts'

/** The page of a package. */
export function packagePlace(name: string): RouteLocationRaw {
  return { name: 'registry-package', params: { name: name.split('/') } }
}

/** The page of a record. */
export function entryPlace(index: number): RouteLocationRaw {
  return { name: 'registry-entry', params: { index: String(index) } }
}

/** The page about something that was found. */
export function placeOf(find: SearchFind): RouteLocationRaw {
  if ('name' in find) return packagePlace(find.name)
  if ('entry' in find) return entryPlace(find.entry.index)
  if ('size' in find) return { name: 'registry-checkpoints', query: { before: String(find.size + 1) } }
  return { name: 'registry-incident', params: { id: String(find.id) } }
}
