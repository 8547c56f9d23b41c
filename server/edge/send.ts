import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { Buffer } from 'node:buffer'
import type { HttpResponse } from '../http/index.ts'
import { post } from './outbox.ts'
import type { Running } from './running.ts'

/** Tiers that answered without waiting for an upstream. */
const HITS = new Set(['memory', 'disk', 'negative', 'redirect', 'stale'])

/** Longest silence (ms) of a client that is being sent a tarball. */
const STALLED = 120_000

/** Writes an answer, and keeps the books on it once it is out. */
export function send(req: IncomingMessage, res: ServerResponse, response: HttpResponse, running: Running, started: number): void {
  const { status, headers, body } = response
  if (body === undefined || Buffer.isBuffer(body)) {
    whenClosed(res, () => keepBooks(req, res, response, running, started, res.writableFinished && body ? body.length : 0))
    post(res, response, body)
    return
  }
  const { socket } = req
  const before = socket.bytesWritten
  whenClosed(res, () => keepBooks(req, res, response, running, started, written(headers, socket.bytesWritten - before)))
  res.writeHead(status, headers)
  // A client that stops reading keeps a file open, and after this long it has gone.
  res.setTimeout(STALLED, () => res.destroy())
  // A body that fails midway must not look complete: pipeline destroys the connection.
  pipeline(body, res, (error) => {
    if (error && !res.destroyed) res.destroy()
  })
}

/** A client that left while its answer was made has closed already, and is counted all the same. */
function whenClosed(res: ServerResponse, work: () => void): void {
  if (res.closed) work()
  else res.on('close', work)
}

/** Body bytes of a stream: what was announced, unless the client left before all of it was written. */
function written(headers: HttpResponse['headers'], sent: number): number {
  const length = headers['content-length']
  return length === undefined ? sent : Math.min(Number(length), sent)
}

function keepBooks(
  req: IncomingMessage, res: ServerResponse, response: HttpResponse, running: Running, started: number, sent: number,
): void {
  const { about, status } = response
  const { route, tier } = about
  const { metrics, requestLog, requests } = running
  const duration = performance.now() - started
  const bytes = req.method === 'HEAD' ? 0 : sent
  requests.total++
  if (tier && HITS.has(tier)) requests.hits++
  if (status >= 500) requests.errors++
  metrics.requests.add(`${route} ${status}`)
  metrics.duration.observe({ route }, duration / 1000)
  if (bytes > 0) metrics.bytes.add(route, bytes)
  // The path itself is not logged: it may hold a token (`npm logout`) or a private name.
  requestLog.logger.info({
    method: req.method,
    route,
    package: about.package,
    status,
    code: about.code,
    tier,
    bytes,
    ms: Math.round(duration * 10) / 10,
    client: clientOf(req.headers['user-agent']),
    aborted: res.writableFinished ? undefined : true,
  })
}

/** `npm/11.19.1`, of a user agent that says much more. */
function clientOf(agent: string | undefined): string | undefined {
  if (agent === undefined) return undefined
  const end = agent.indexOf(' ')
  return agent.slice(0, end < 0 ? 40 : Math.min(end, 40))
}
