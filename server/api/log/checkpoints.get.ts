import { defineApiRoute } from '../../edge/api-route.ts'
import { listCheckpoints, LOG_ROUTE } from '../../log-api/index.ts'

/** Every state that was made public, newest first; `before` (a size) and `limit`. */
export default defineApiRoute(LOG_ROUTE, ({ services: { log }, query }) => listCheckpoints(log, query))
