import type { LocationQuery } from 'vue-router'
import type { ProbeKind, RegistryWindow } from '../../shared/types/registries.ts'
import { SORTS, type Order, type Sort } from './columns.ts'

const WINDOWS: readonly RegistryWindow[] = ['24h', '7d', '30d']
const ORDERS: readonly Order[] = ['asc', 'desc']
export const PROBE_KINDS: readonly ProbeKind[] = ['ping', 'packument', 'revalidation', 'tarball-head', 'tarball']

/*
 * What the addresses of the pages say. What is no choice of ours counts as not said: an old or a mistyped link shows the page all
 * the same.
 */

export function windowIn(query: LocationQuery): RegistryWindow {
  return choiceIn(query.window, WINDOWS) ?? '24h'
}

export function sortIn(query: LocationQuery): Sort | undefined {
  return choiceIn(query.sort, SORTS)
}

export function orderIn(query: LocationQuery): Order | undefined {
  return choiceIn(query.order, ORDERS)
}

export function probeKindIn(query: LocationQuery): ProbeKind | undefined {
  return choiceIn(query.kind, PROBE_KINDS)
}

/** The cursor of a list; undefined: its first page. */
export function beforeIn(query: LocationQuery): string | undefined {
  return typeof query.before === 'string' && /^\d{1,16}$/.test(query.before) ? query.before : undefined
}

function choiceIn<Option extends string>(value: unknown, options: readonly Option[]): Option | undefined {
  return options.find(option => option === value)
}
