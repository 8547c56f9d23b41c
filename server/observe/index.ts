/** What operators see of a running server: metrics and the request log. Neither holds a token or a private name. */
export { createLog, type Log } from './log.ts'
export { createMetrics, type Metrics } from './metrics.ts'
