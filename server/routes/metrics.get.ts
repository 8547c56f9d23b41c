import { defineEventHandler, setResponseHeader } from 'h3'
import { whenRunning } from '../edge/running.ts'

/** Prometheus text. */
export default defineEventHandler(async (event) => {
  const { metrics } = await whenRunning()
  setResponseHeader(event, 'content-type', metrics.register.contentType)
  setResponseHeader(event, 'cache-control', 'no-store')
  return metrics.register.metrics()
})
