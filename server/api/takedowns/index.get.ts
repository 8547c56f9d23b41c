import { defineApiRoute } from '../../edge/api-route.ts'
import { listTakedowns, TAKEDOWNS_ROUTE } from '../../incidents-api/index.ts'

/** Versions that are taken down. */
export default defineApiRoute(TAKEDOWNS_ROUTE, ({ services }) => listTakedowns(services))
