import { defineApiRoute } from '../../edge/api-route.ts'
import { takeDown, TAKEDOWNS_ROUTE } from '../../incidents-api/index.ts'

/** Takes a version down: `PUT /api/takedowns/@scope/name@1.0.0` with `{ by, reason }`. */
export default defineApiRoute(TAKEDOWNS_ROUTE, async ({ services, parameter, body }) =>
  takeDown(services, parameter('version'), await body()))
