import type { IncomingMessage, ServerResponse } from 'node:http'
import { whenRunning, type Running } from './running.ts'
import { send } from './send.ts'

/** Answers a request if it is for the npm surface, at once or when the promise resolves; undefined: somebody else's. */
export type NpmMount = (req: IncomingMessage, res: ServerResponse) => Promise<void> | true | undefined

/**
 * The npm surface under its prefix, and at the root of every host name that is only a registry. It works on the raw URL:
 * what frameworks make of `%2f` in a path differs, and package names depend on it.
 * @param prefix path of the surface with a trailing slash: `/npm/`
 */
export function createNpmMount(prefix: string, running: () => Running | undefined): NpmMount {
  const bare = prefix.slice(0, -1)

  /** The request target below the surface; undefined if the request is for somebody else. */
  function pathBelow(req: IncomingMessage): string | undefined {
    const url = req.url ?? '/'
    const host = req.headers.host
    if (host && running()?.services.config.registryHosts.includes(host)) return url
    if (url.startsWith(prefix)) return url.slice(bare.length)
    if (url === bare || url.startsWith(`${bare}?`)) return `/${url.slice(bare.length)}`
    return undefined
  }

  function answer(path: string, req: IncomingMessage, res: ServerResponse, current: Running): Promise<void> | true {
    const started = performance.now()
    const { services } = current
    const request = { method: req.method ?? 'GET', path, headers: req.headers, body: req }
    const response = services.npm(request, services.viewFor(req.headers.host))
    if (response instanceof Promise) return response.then(later => send(req, res, later, current, started))
    send(req, res, response, current, started)
    return true
  }

  return (req, res) => {
    const path = pathBelow(req)
    if (path === undefined) return undefined
    const current = running()
    return current
      ? answer(path, req, res, current)
      : whenRunning().then(async (ready) => { await answer(path, req, res, ready) })
  }
}
