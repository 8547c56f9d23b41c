import { defineApiRoute } from '../../../edge/api-route.ts'

/** One source's numbers over time; `window` (24h, 7d, 30d). */
export default defineApiRoute({ route: 'api-registries', isOpen: true }, async ({ services: { compare }, query, parameter, isOperator }) =>
  compare.reports.series(parameter('id'), query, await isOperator()))
