import type { Upstream } from './request.ts'

/** A registry as it is asked on behalf of other servers like us: see `Upstream.chain`. */
export function onChain(upstream: Upstream, chain: string | undefined): Upstream {
  if (chain === undefined) return upstream
  return { ...upstream, chain, request: one => upstream.request({ ...one, headers: { ...one.headers, via: chain } }) }
}
