import { defineApiRoute } from '../../../edge/api-route.ts'
import { listEntries, LOG_ROUTE } from '../../../log-api/index.ts'

/** Entries, newest first; `before` (an index), `limit`, `kind`, `package` (its name) and `q` (what names begin with). */
export default defineApiRoute(LOG_ROUTE, ({ services: { log, routes }, query }) => listEntries(log, routes, query))
