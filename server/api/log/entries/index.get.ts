import { defineApiRoute } from '../../../edge/api-route.ts'
import { listEntries, LOG_ROUTE, writeCsv } from '../../../log-api/index.ts'

/**
 * Entries, newest first; `before` (an index), `limit`, `kind`, `evidence`, `registry` (an authority's namespace), `package` (its
 * name), `q` (what names begin with) and `format` (`json` or `csv`).
 */
export default defineApiRoute(LOG_ROUTE, async ({ services: { log, routes }, query, reply }) => {
  const page = await listEntries(log, routes, query)
  return query.get('format') === 'csv' ? writeCsv(page, query, reply) : page
})
