import { BADGES_ROUTE, parseOne } from '../../badges/index.ts'
import { defineApiRoute } from '../../edge/api-route.ts'

/** The same of one: `GET /api/badges/@scope/name@1.0.0`. */
export default defineApiRoute(BADGES_ROUTE, ({ services: { badges }, parameter }) => badges.of([parseOne(parameter('version'))]))
