import { Agent, request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'

/** A response as it came over the wire: the body still compressed. */
export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
  /** From sending the request to the last byte, in milliseconds. */
  milliseconds: number
}

/** Keeps connections, so that a measurement does not contain a handshake. */
const agent = new Agent({ keepAlive: true, maxSockets: 200 })

/** One GET. Rejects when the connection fails or stays silent for `timeout` milliseconds. */
export function ask(url: string, headers: Record<string, string> = {}, timeout = 60_000): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const sent = request(url, { agent, headers, timeout }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(chunks),
        milliseconds: performance.now() - started,
      }))
    })
    sent.on('timeout', () => sent.destroy(new Error(`${url} was silent for ${timeout} ms`)))
    sent.on('error', reject)
    sent.end()
  })
}
