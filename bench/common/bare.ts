import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ask } from './ask.ts'
import { nextMessage, scratch, startModule } from './children.ts'
import type { Peer } from './peer.ts'

/** One ready response of the bare server, its body in base64. */
export interface ReadyResponse {
  path: string
  accept: string
  headers: Record<string, string>
  body: string
}

/** A request for something below a peer's URL. */
export interface PeerRequest {
  path: string
  headers: Record<string, string>
}

/** Hop-by-hop headers, and those that Node's server writes itself. */
const NOT_OURS = ['connection', 'keep-alive', 'date', 'transfer-encoding']

/** The least a Node server can do: it sends the very bytes and headers that `like` answers, from a Map. */
export async function startBare(like: Peer, requests: readonly PeerRequest[]): Promise<Peer> {
  const responses: ReadyResponse[] = []
  for (const one of requests) {
    const { status, headers, body } = await ask(like.url + one.path, one.headers)
    if (status !== 200) throw new Error(`${like.name} answers ${status} for ${one.path}, so the bare server has nothing to send`)
    const kept = Object.entries(headers)
      .filter(([name]) => !NOT_OURS.includes(name))
      .map(([name, value]) => [name, String(value)])
    responses.push({
      path: `/${one.path}`,
      accept: one.headers.accept ?? '',
      headers: { ...Object.fromEntries(kept), 'content-length': String(body.length) },
      body: body.toString('base64'),
    })
  }
  const file = join(scratch, 'bare.json')
  writeFileSync(file, JSON.stringify(responses))
  const child = startModule('bare', new URL('./bare-server.ts', import.meta.url), [file])
  return { name: 'bare', version: process.version, url: String(await nextMessage(child)), pid: child.pid, stop: child.stop }
}
