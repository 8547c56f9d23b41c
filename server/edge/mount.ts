import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Config } from '../config/types.ts'
import type { HttpRequest, HttpResponse } from '../http/index.ts'
import type { Services } from '../services.ts'
import { whenRunning, type Running } from './running.ts'
import { send } from './send.ts'

/** Something whole path spaces belong to: one below its prefix, and that of every host name that is nothing else. */
export interface Surface {
  /** With a trailing slash: `/npm/`. */
  prefix: string
  /** Host names (with port, if any) at whose root it lives as well. */
  hosts(config: Config): readonly string[]
  /** Neither throws nor rejects. What is ready is answered at once. */
  answer(request: HttpRequest, services: Services): Promise<HttpResponse> | HttpResponse
}

/** Answers a request if it is for one of the surfaces, at once or when the promise resolves; undefined: somebody else's. */
export type Mount = (req: IncomingMessage, res: ServerResponse) => Promise<void> | true | undefined

/**
 * It works on the raw URL: what frameworks make of `%2f` in a path differs, and package names depend on it. A host name that
 * belongs to a surface decides before any prefix does.
 */
export function createMount(surfaces: readonly Surface[], running: () => Running | undefined): Mount {
  let byHost: Map<string, Surface> | undefined

  function ownerOf(host: string): Surface | undefined {
    const current = running()
    if (!current) return undefined
    byHost ??= new Map(surfaces.flatMap(surface => surface.hosts(current.services.config).map(name => [name, surface])))
    return byHost.get(host)
  }

  function answer(
    surface: Surface, path: string, req: IncomingMessage, res: ServerResponse, current: Running,
  ): Promise<void> | true {
    const started = performance.now()
    const request = { method: req.method ?? 'GET', path, headers: req.headers, body: req, socket: req.socket }
    const response = surface.answer(request, current.services)
    if (response instanceof Promise) return response.then(later => send(req, res, later, current, started))
    send(req, res, response, current, started)
    return true
  }

  function take(surface: Surface, path: string, req: IncomingMessage, res: ServerResponse): Promise<void> | true {
    const current = running()
    return current
      ? answer(surface, path, req, res, current)
      : whenRunning().then(async (ready) => { await answer(surface, path, req, res, ready) })
  }

  return (req, res) => {
    const url = req.url ?? '/'
    const { host } = req.headers
    const owner = host && ownerOf(host)
    if (owner) return take(owner, url, req, res)
    for (const surface of surfaces) {
      const path = pathBelow(surface.prefix, url)
      if (path !== undefined) return take(surface, path, req, res)
    }
    return undefined
  }
}

/** The request target below a prefix, with its slash; undefined if it is not below it. */
function pathBelow(prefix: string, url: string): string | undefined {
  const bare = prefix.length - 1
  if (url.startsWith(prefix)) return url.slice(bare)
  // The surface's own name without the slash, perhaps with a query, is its root.
  const isBare = url.length === bare || url[bare] === '?'
  return isBare && url.startsWith(prefix.slice(0, -1)) ? `/${url.slice(bare)}` : undefined
}
