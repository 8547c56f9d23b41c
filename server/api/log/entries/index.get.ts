import { defineLogRoute } from '../../../edge/log-route.ts'
import { listEntries } from '../../../log-api/index.ts'

/** Entries, newest first; `before` (an index), `limit`, `kind`, `package` (its name) and `q` (what names begin with). */
export default defineLogRoute(({ services: { log, routes }, query }) => listEntries(log, routes, query))
