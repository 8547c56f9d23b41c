/** The filters of the list of records, as the page's address and our API both call them. */
export const LOG_FILTERS = ['kind', 'evidence', 'registry', 'package', 'q'] as const
type LogFilter = typeof LOG_FILTERS[number]
export type LogFilters = Partial<Record<LogFilter, string>>

/** Records of one page. */
export const PAGE_SIZE = 50

/** Of an address; what a form left empty, or was given twice, is none. */
export function filtersOf(query: Readonly<Record<string, unknown>>): LogFilters {
  const given = LOG_FILTERS.map(name => [name, query[name]] as const)
  return Object.fromEntries(given.filter(([, value]) => typeof value === 'string' && value.trim() !== '').map(([name, value]) => [name, (value as string).trim()]))
}

/** The part of an address that is a cursor: an index. */
export function cursorOf({ before }: Readonly<Record<string, unknown>>): string | undefined {
  return typeof before === 'string' && before !== '' ? before : undefined
}

/** Path of our API for a page of records. */
export function entriesPath(filters: LogFilters, before?: string | number, more: Record<string, string> = {}): string {
  const query = new URLSearchParams({ ...filters, ...(before !== undefined && { before: String(before) }), ...more })
  return `/api/log/entries?${query}`
}
