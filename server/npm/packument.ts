import semver from 'semver'
import { RegistryError } from '../errors.ts'
import type { ManifestRendering, Rendering, Served } from '../packument/index.ts'
import { CORGI, JSON_TYPE, negotiate } from './negotiate.ts'
import { json } from './responses.ts'
import type { About, NpmRequest, NpmResponse, NpmServices } from './types.ts'
import { tarballUrls, type View } from './view.ts'

/**
 * Clients may reuse a document for a minute without asking; asking is cheap (304), and a withdrawn version should not
 * live on for long. `private`, because what we answer depends on more than these headers (who asks, with what policy).
 */
const CACHE_CONTROL = 'private, max-age=60'
const VARY = 'accept, accept-encoding, user-agent'

export function servePackument(
  name: string, request: NpmRequest, view: View, services: NpmServices, about: About,
): Promise<NpmResponse> | NpmResponse {
  const authority = view.routes.authorityOf(name)
  const { form, encoding, family } = negotiate(request.headers)
  const rendering: Rendering = { form, tarballs: tarballUrls(view, authority, family) }
  const served = services.packuments.serve(name, services.upstream(authority), rendering, encoding)
  const type = form === 'corgi' ? CORGI : JSON_TYPE
  // Warm, nothing is awaited: a promise costs more than the two look-ups that find the bytes.
  return served instanceof Promise
    ? served.then(result => respond(result, type, request, about))
    : respond(served, type, request, about)
}

export async function serveManifest(
  name: string, selector: string, request: NpmRequest, view: View, services: NpmServices, about: About,
): Promise<NpmResponse> {
  const authority = view.routes.authorityOf(name)
  const upstream = services.upstream(authority)
  const find = async (latest: boolean) => {
    const { versions, tags } = await services.packuments.summary(name, upstream, { latest })
    if (versions.has(selector)) return selector
    return Object.hasOwn(tags, selector) ? tags[selector] : undefined
  }
  // A version that is not there may be younger than what we know.
  const version = await find(false) ?? (semver.valid(selector) ? await find(true) : undefined)
  if (!version) throw new RegistryError('VERSION_NOT_FOUND', `${name} has no version or tag ${JSON.stringify(selector.slice(0, 100))}.`)
  const { encoding, family } = negotiate(request.headers)
  const rendering: ManifestRendering = { form: 'manifest', version, tarballs: tarballUrls(view, authority, family) }
  return respond(await services.packuments.serve(name, upstream, rendering, encoding), JSON_TYPE, request, about)
}

export async function serveDistTags(name: string, view: View, services: NpmServices, about: About): Promise<NpmResponse> {
  const { tags } = await services.packuments.summary(name, services.upstream(view.routes.authorityOf(name)))
  return json(200, tags, about)
}

function respond({ ready, tier, stale }: Served, type: string, request: NpmRequest, about: About): NpmResponse {
  about.tier = tier
  const known = headersOf(ready, type)
  const tags = request.headers['if-none-match']
  const unchanged = tags !== undefined && matches(tags, ready.etag)
  const headers = unchanged ? known.unchanged : known.whole
  return {
    status: unchanged ? 304 : 200,
    // SPEC: RFC 9111 5.5 made `warning` obsolete, but it is the one header by which people recognise a stale answer.
    headers: stale ? { ...headers, warning: '110 - "Response is Stale"' } : headers,
    body: unchanged ? undefined : ready.body,
    about,
  }
}

interface ReadyHeaders {
  whole: NpmResponse['headers']
  unchanged: NpmResponse['headers']
}

/** Written once for as long as the bytes are kept: the hot path allocates no headers. */
const written = new WeakMap<Served['ready'], ReadyHeaders>()

function headersOf(ready: Served['ready'], type: string): ReadyHeaders {
  let headers = written.get(ready)
  if (!headers) {
    const unchanged = { 'etag': ready.etag, 'cache-control': CACHE_CONTROL, 'vary': VARY }
    const whole: NpmResponse['headers'] = { ...unchanged, 'content-type': type, 'content-length': ready.body.length }
    if (ready.encoding !== 'identity') whole['content-encoding'] = ready.encoding
    headers = { unchanged, whole }
    written.set(ready, headers)
  }
  return headers
}

/** SPEC: RFC 9110 13.1.2: if-none-match uses the weak comparison, `*` matches whatever there is. */
function matches(header: string, etag: string): boolean {
  return header === etag || header.split(',').some((tag) => {
    const trimmed = tag.trim()
    return trimmed === '*' || (trimmed.startsWith('W/') ? trimmed.slice(2) : trimmed) === etag
  })
}
