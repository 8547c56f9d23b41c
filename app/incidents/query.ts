/** Which incidents a page shows, as its address says; nothing of it is checked here: the server says what is wrong with it. */
export interface IncidentFilters {
  kind?: string
  source?: string
  package?: string
  state?: string
}

const NAMES = ['kind', 'source', 'package', 'state'] as const

/** An empty field of a form is none. */
export function filtersIn(query: Readonly<Record<string, unknown>>): IncidentFilters {
  return Object.fromEntries(NAMES.flatMap((name) => {
    const value = query[name]
    return typeof value === 'string' && value.trim() !== '' ? [[name, value.trim()]] : []
  }))
}

/** Path of the API that lists them. @param before the cursor, if it is not the first page */
export function incidentsPath(filters: IncidentFilters, before?: string): string {
  const query = new URLSearchParams({ ...filters, ...(before !== undefined && { before }) }).toString()
  return query ? `/api/incidents?${query}` : '/api/incidents'
}
