import { defineLogRoute } from '../../edge/log-route.ts'
import { describeLog } from '../../log-api/index.ts'

/** The log's name, key, size and state. */
export default defineLogRoute(({ services: { log } }) => describeLog(log))
