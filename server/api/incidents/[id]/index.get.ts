import { defineApiRoute } from '../../../edge/api-route.ts'
import { INCIDENTS_ROUTE, showIncident } from '../../../incidents-api/index.ts'

/** One incident with its evidence. */
export default defineApiRoute(INCIDENTS_ROUTE, async ({ services: { incidents }, parameter, isOperator }) =>
  showIncident(incidents, parameter('id'), await isOperator()))
