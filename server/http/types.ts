import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'

/** A request to one of our surfaces, below its prefix. */
export interface HttpRequest {
  method: string
  /** Raw request target below the prefix, query included, starting with `/`. */
  path: string
  headers: IncomingHttpHeaders
  /** The client's bytes; reading them is up to the route. */
  body: AsyncIterable<Uint8Array>
  /** The connection it came over. */
  socket: { readonly remoteAddress?: string }
}

/** A surface's answer, which the edge sends and keeps the books on. */
export interface HttpResponse {
  status: number
  /** Reason phrase, where it says more than the status: pnpm and Yarn show nothing else. */
  reason?: string
  headers: Record<string, string | number>
  body?: Buffer | Readable
  about: About
}

/** For the request log and the metrics. */
export interface About {
  /** One of a surface's few routes, never a path: it labels metrics. */
  route: string
  /** Absent for names that are private to the operator. */
  package?: string
  /** Which of our stores answered, or what had to be done. */
  tier?: string
  /** An error's code. */
  code?: string
}
