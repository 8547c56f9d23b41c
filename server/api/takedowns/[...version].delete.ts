import { defineApiRoute } from '../../edge/api-route.ts'
import { TAKEDOWNS_ROUTE, undoTakedown } from '../../incidents-api/index.ts'

/** Undoes a takedown. */
export default defineApiRoute(TAKEDOWNS_ROUTE, ({ services, parameter }) => undoTakedown(services, parameter('version')))
