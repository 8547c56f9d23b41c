import { once } from 'node:events'
import { createServer, request as ask } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Given the path below the target and the body, what to answer instead. */
export type Tamper = (path: string, body: Buffer) => Buffer | string | undefined

/** Stands between a client and a server, and lies. */
export interface TamperingProxy {
  /** With a trailing slash. */
  url: string
  /** From now on; undefined: everything passes as it is. */
  tamper(how: Tamper | undefined): void
  /** Passes requests on to another server from now on. */
  redirect(target: string): void
  close(): void
}

/** @param target base URL, with a trailing slash */
export async function startProxy(target: string): Promise<TamperingProxy> {
  let tamper: Tamper | undefined
  const server = createServer((request, response) => {
    const path = request.url!.slice(1)
    // The path goes on as it came: a URL object would change some of its characters.
    const { hostname, port, pathname } = new URL(target)
    ask({ hostname, port, path: pathname + path, headers: { 'accept-encoding': 'identity' } }, async (answer) => {
      const chunks: Buffer[] = []
      for await (const chunk of answer) chunks.push(chunk as Buffer)
      const body = Buffer.concat(chunks)
      response.writeHead(answer.statusCode!, { 'content-type': answer.headers['content-type'] })
      response.end(answer.statusCode === 200 ? tamper?.(path, body) ?? body : body)
    }).on('error', error => response.writeHead(502).end(String(error))).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    tamper(how) {
      tamper = how
    },
    redirect(other) {
      target = other
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** The same bytes but for one bit in the middle. */
export function flipBit(body: Buffer): Buffer {
  const copy = Buffer.from(body)
  copy[body.length >> 1]! ^= 1
  return copy
}

/** The same text but for one letter. @param at counted from the end if negative */
export function changeLetter(body: Buffer, at: number): Buffer {
  const copy = Buffer.from(body)
  const index = at < 0 ? body.length + at : at
  copy.write(copy[index] === 65 ? 'B' : 'A', index, 'latin1')
  return copy
}
