import { defineLogRoute } from '../../../edge/log-route.ts'
import { showEntry } from '../../../log-api/index.ts'

/** One entry, with its proof and its neighbours. */
export default defineLogRoute(({ services: { log }, parameter }) => showEntry(log, parameter('index')))
