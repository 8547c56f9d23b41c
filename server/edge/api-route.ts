import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { defineEventHandler, getRequestURL, getRouterParam, setResponseHeaders, setResponseStatus } from 'h3'
import { messageOf, RegistryError } from '../errors.ts'
import { json, readJsonBody, refusal, type HttpResponse } from '../http/index.ts'
import type { Services } from '../services.ts'
import { whenRunning } from './running.ts'

/** A request as a route of `/api` sees it. */
export interface Asked {
  services: Services
  headers: IncomingHttpHeaders
  query: URLSearchParams
  /** Of the connection; behind a proxy the proxy's. For counting what one client does. */
  address: string | undefined
  /** Part of the path that the route's file name puts in brackets, decoded. */
  parameter(name: string): string
  /**
   * The body as JSON.
   * @throws RegistryError `BAD_REQUEST`, `BODY_TOO_LARGE`
   */
  body(): Promise<unknown>
  /** Whether an operator asks. @throws RegistryError if a token was sent that is not the operator's */
  isOperator(): Promise<boolean>
  /** Another status than 200, or 204 where there is no value, and headers beside the usual ones. */
  reply: { status?: number, headers: Record<string, string | number> }
}

interface ApiRoute {
  /** What messages and books call it: `api-log`. */
  route: string
  /** Value of `cache-control` on what is found; nobody keeps an error. Default: `no-store`. */
  cache?: string
  /** Any web page may read it. */
  isOpen?: boolean
  /** Nobody else is answered. */
  operatorsOnly?: boolean
  /** Bytes of the largest body. */
  maxBody?: number
}

const MAX_BODY = 64 * 1024

/**
 * A thin route of `/api`: one function's value as JSON, a buffer as JSON that is written already, or an error as every surface
 * writes it. Without a value the answer is 204. What a function throws beside a `RegistryError` is reported, and the client only
 * hears that it failed.
 */
export function defineApiRoute<T>(
  { route, cache = 'no-store', isOpen = false, operatorsOnly = false, maxBody = MAX_BODY }: ApiRoute,
  answer: (asked: Asked) => Promise<T> | T,
) {
  return defineEventHandler(async (event) => {
    const { services, operators, requestLog, metrics } = await whenRunning()
    const { req } = event.node
    const { headers, socket: { remoteAddress: address } } = req
    const requireOperator = () => operators.require(headers.authorization, address)
    const reply: Asked['reply'] = { headers: {} }

    function send({ status, headers, body, reason }: HttpResponse): unknown {
      setResponseStatus(event, status, reason)
      setResponseHeaders(event, { ...headers, ...(isOpen && { 'access-control-allow-origin': '*' }) })
      return body
    }

    try {
      if (operatorsOnly) await requireOperator()
      const value = await answer({
        services, headers, address, reply,
        query: getRequestURL(event).searchParams,
        parameter: name => getRouterParam(event, name, { decode: true }) ?? '',
        body: () => readJsonBody({ headers, body: bodyOf(req) }, maxBody),
        async isOperator() {
          reply.headers.vary = 'authorization'
          if (headers.authorization === undefined) return false
          await requireOperator()
          // What an operator sees is nobody else's.
          reply.headers['cache-control'] = 'no-store'
          return true
        },
      })
      // A file that is made elsewhere, byte for byte.
      if (Buffer.isBuffer(value)) {
        const headers = { 'content-type': 'application/json', 'content-length': value.length, 'cache-control': cache, ...reply.headers }
        return send({ status: reply.status ?? 200, headers, body: value, about: { route } })
      }
      if (value !== undefined) return send(json(reply.status ?? 200, value, { route }, { 'cache-control': cache, ...reply.headers }))
      send({ status: reply.status ?? 204, headers: { 'cache-control': 'no-store', ...reply.headers }, about: { route } })
      return null
    } catch (error) {
      if (!(error instanceof RegistryError)) {
        metrics.trouble.inc()
        requestLog.logger.warn({ trouble: `answering ${route}`, error: messageOf(error) })
      }
      const refused = refusal(error, { route })
      if (refused.status === 401) refused.headers['www-authenticate'] = 'Bearer'
      return send(refused)
    }
  })
}

/** While a page is rendered the server asks itself, without a connection: then the body is no stream, but there already. */
function bodyOf(req: IncomingMessage): AsyncIterable<Uint8Array> {
  const { body } = req as { body?: unknown }
  return typeof body === 'string' ? Readable.from([Buffer.from(body)]) : req
}
