import { defineApiRoute } from '../../edge/api-route.ts'
import { INCIDENTS_ROUTE, listIncidents } from '../../incidents-api/index.ts'

/** Incidents, newest first; `before` (an id), `limit`, `kind`, `source`, `package` (its name) and `state`. */
export default defineApiRoute(INCIDENTS_ROUTE, async ({ services: { incidents }, query, isOperator }) =>
  listIncidents(incidents, query, await isOperator()))
