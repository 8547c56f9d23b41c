import { defineApiRoute } from '../../../edge/api-route.ts'
import { LOG_ROUTE, showEntry } from '../../../log-api/index.ts'

/** One entry, with its proof and its neighbours. */
export default defineApiRoute(LOG_ROUTE, ({ services: { log }, parameter }) => showEntry(log, parameter('index')))
