import { defineApiRoute } from '../../../edge/api-route.ts'
import { acknowledgeIncident, INCIDENTS_ROUTE } from '../../../incidents-api/index.ts'

/** An operator has seen to an incident: `{ by, reason }`. */
export default defineApiRoute({ route: INCIDENTS_ROUTE.route, operatorsOnly: true }, async ({ services, parameter, body }) =>
  acknowledgeIncident(services, parameter('id'), await body()))
