import { defineLogRoute } from '../../edge/log-route.ts'
import { listCheckpoints } from '../../log-api/index.ts'

/** Every state that was made public, newest first; `before` (a size) and `limit`. */
export default defineLogRoute(({ services: { log }, query }) => listCheckpoints(log, query))
