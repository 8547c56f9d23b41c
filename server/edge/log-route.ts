import { defineEventHandler, getRequestURL, getRouterParam, setResponseHeader, setResponseHeaders, setResponseStatus } from 'h3'
import { messageOf, RegistryError } from '../errors.ts'
import { refusal } from '../http/index.ts'
import type { Services } from '../services.ts'
import { whenRunning } from './running.ts'

interface Asked {
  services: Services
  query: URLSearchParams
  /** Part of the path that the route's file name puts in brackets. */
  parameter(name: string): string
}

/** Seconds: what is listed changes with every record, and an old list is still true. */
const MAX_AGE = 2

/** A thin route of `/api/log`: one function's JSON, or an error as every surface writes it. */
export function defineLogRoute<T>(answer: (asked: Asked) => Promise<T>) {
  return defineEventHandler(async (event) => {
    const { services, requestLog } = await whenRunning()
    try {
      const query = getRequestURL(event).searchParams
      const value = await answer({ services, query, parameter: name => getRouterParam(event, name) ?? '' })
      setResponseHeader(event, 'cache-control', `public, max-age=${MAX_AGE}`)
      return value
    } catch (error) {
      if (!(error instanceof RegistryError)) requestLog.logger.warn({ trouble: 'answering /api/log', error: messageOf(error) })
      const { status, headers, body } = refusal(error, { route: 'api-log' })
      setResponseStatus(event, status)
      setResponseHeaders(event, headers)
      return body
    }
  })
}
