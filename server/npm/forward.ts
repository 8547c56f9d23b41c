import { RegistryError } from '../errors.ts'
import type { RegistryConfig } from '../config/types.ts'
import { json, type About, type HttpRequest, type HttpResponse } from '../http/index.ts'
import { label, readBody } from '../registry/index.ts'
import type { NpmServices } from './types.ts'
import type { View } from './view.ts'

/** Documents that are passed on are small; an upstream that sends more is not believed. */
const MAX_FORWARDED = 16 * 1024 * 1024

/** The parameters of a search that clients send; nothing else of a query reaches an upstream. */
const SEARCH_PARAMETERS = ['text', 'size', 'from', 'quality', 'popularity', 'maintenance'] as const

export async function forwardSearch(
  request: HttpRequest, view: View, services: NpmServices, about: About,
): Promise<HttpResponse> {
  const asked = new URLSearchParams(request.path.split('?')[1] ?? '')
  const query = new URLSearchParams()
  for (const parameter of SEARCH_PARAMETERS) {
    const value = asked.get(parameter)
    if (value !== null) query.set(parameter, value.slice(0, 250))
  }
  // Whoever searches for a private name must not tell it to a public registry.
  if (query.get('text')?.split(/\s+/).some(word => view.routes.isPrivate(word))) {
    return json(200, { objects: [], total: 0, time: new Date().toUTCString() }, about)
  }
  return pass(await ask(view.routes.default, services, { url: `-/v1/search?${query}` }), about)
}

/** How registries say that they have no search or audit. */
const NOT_OFFERED = new Set([404, 405, 410, 501])

export interface Forwarded {
  status: number
  value: unknown
}

/**
 * Asks a registry for a JSON document that is passed on. Its refusals are passed on too; an outage is ours to report.
 * @throws RegistryError `UPSTREAM_…`
 */
export async function ask(
  registry: RegistryConfig, { upstream, limits }: NpmServices, request: { url: string, body?: Buffer },
): Promise<Forwarded> {
  const signal = AbortSignal.timeout(limits.totalTimeout)
  const response = await upstream(registry).request({
    url: request.url,
    method: request.body ? 'POST' : 'GET',
    headers: {
      'accept': 'application/json',
      'accept-encoding': 'gzip',
      ...(request.body && { 'content-type': 'application/json' }),
    },
    body: request.body,
    signal,
  })
  const { status } = response
  const what = request.url.split('?')[0]
  const bytes = await readBody(response, registry, MAX_FORWARDED, signal)
  if (NOT_OFFERED.has(status)) throw new RegistryError('NOT_FOUND', `Registry ${label(registry)} does not have ${what} (status ${status}).`)
  if (status >= 500 || status === 429) {
    throw new RegistryError('UPSTREAM_UNAVAILABLE', `Registry ${label(registry)} answered with status ${status}; try again in a moment.`, { retryAfter: 2 })
  }
  try {
    return { status, value: JSON.parse(bytes.toString()) }
  } catch (cause) {
    if (status >= 400) throw new RegistryError('UPSTREAM_REFUSED', `Registry ${label(registry)} refused ${what} (status ${status}).`, { cause })
    throw new RegistryError('UPSTREAM_INVALID', `Registry ${label(registry)} answered ${what} with something that is not JSON.`, { cause })
  }
}

/** An upstream's document, written anew: none of its headers, and nothing that is not JSON, comes through. */
function pass({ status, value }: Forwarded, about: About): HttpResponse {
  return json(status, value, about)
}
