import { defineApiRoute } from '../../../edge/api-route.ts'

/** What was measured, newest first: every number rests on these; `kind`, `before` (an id), `limit`. */
export default defineApiRoute({ route: 'api-registries', isOpen: true }, async ({ services: { compare }, query, parameter, isOperator }) =>
  compare.reports.probes(parameter('id'), query, await isOperator()))
