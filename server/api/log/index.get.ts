import { defineApiRoute } from '../../edge/api-route.ts'
import { describeLog, LOG_ROUTE } from '../../log-api/index.ts'

/** The log's name, key, size and state. */
export default defineApiRoute(LOG_ROUTE, ({ services: { log } }) => describeLog(log))
