/** What operators see of a running server: metrics and the request log. Neither holds a token or a private name. */
export { createRequestLog, type RequestLog } from './request-log.ts'
export { createMetrics, type Metrics } from './metrics.ts'
