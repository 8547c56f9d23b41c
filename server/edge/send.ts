import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { Buffer } from 'node:buffer'
import type { NpmResponse } from '../npm/index.ts'
import type { Running } from './running.ts'

/** Tiers that answered without waiting for an upstream. */
const HITS = new Set(['memory', 'disk', 'negative', 'redirect', 'stale'])

/** Longest silence (ms) of a client that is being sent a tarball. */
const STALLED = 120_000

/** Writes an answer, and keeps the books on it once it is out. */
export function send(req: IncomingMessage, res: ServerResponse, response: NpmResponse, running: Running, started: number): void {
  const { status, reason, headers, body } = response
  const { socket } = req
  const before = socket.bytesWritten
  res.once('close', () => keepBooks(req, res, response, running, started, socket.bytesWritten - before))
  if (reason) res.writeHead(status, reason, headers)
  else res.writeHead(status, headers)
  if (body === undefined || Buffer.isBuffer(body)) {
    res.end(body)
    return
  }
  // A client that stops reading keeps a file open, and after this long it has gone.
  res.setTimeout(STALLED, () => res.destroy())
  // A body that fails midway must not look complete: pipeline destroys the connection.
  pipeline(body, res, (error) => {
    if (error && !res.destroyed) res.destroy()
  })
}

/** @param written bytes that went to the socket, the head included */
function keepBooks(
  req: IncomingMessage, res: ServerResponse, response: NpmResponse, running: Running, started: number, written: number,
): void {
  const { about, status, headers } = response
  const { metrics, log, requests } = running
  const duration = performance.now() - started
  // The announced length, unless the client left before all of it was written.
  const length = Math.min(Number(headers['content-length'] ?? written), written)
  const bytes = response.body === undefined || req.method === 'HEAD' ? 0 : length
  requests.total++
  if (about.tier && HITS.has(about.tier)) requests.hits++
  if (status >= 500) requests.errors++
  metrics.requests.inc({ route: about.route, status })
  metrics.duration.observe({ route: about.route }, duration / 1000)
  if (bytes > 0) metrics.bytes.inc({ route: about.route }, bytes)
  // The path itself is not logged: it may hold a token (`npm logout`) or a private name.
  log.logger.info({
    method: req.method, route: about.route, package: about.package, status, code: about.code, tier: about.tier,
    bytes, ms: Math.round(duration * 10) / 10, client: clientOf(req.headers['user-agent']), ...(!res.writableFinished && { aborted: true }),
  })
}

/** `npm/11.19.1`, of a user agent that says much more. */
function clientOf(agent: string | undefined): string | undefined {
  return agent?.split(' ', 1)[0]?.slice(0, 40)
}
