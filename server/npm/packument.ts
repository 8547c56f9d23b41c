import semver from 'semver'
import type { RegistryConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import { json, type About, type HttpRequest, type HttpResponse } from '../http/index.ts'
import type { Contents, ManifestRendering, Rendering, Served, Verdict } from '../packument/index.ts'
import { matchesEtag } from './etag.ts'
import { keeping } from './keeping.ts'
import { CORGI, JSON_TYPE, negotiate } from './negotiate.ts'
import type { NpmServices } from './types.ts'
import { tarballUrls, type View } from './view.ts'

/**
 * Clients may reuse a document for a minute without asking; asking is cheap (304), and a withdrawn version should not
 * live on for long. `private`, because what we answer depends on more than these headers (who asks, with what policy).
 */
const CACHE_CONTROL = 'private, max-age=60'
/** For what lacks a version only for now. */
const PARTIAL_CACHE_CONTROL = 'private, no-cache'
const VARY = 'accept, accept-encoding, user-agent'

export function servePackument(
  name: string, request: HttpRequest, view: View, services: NpmServices, about: About,
): Promise<HttpResponse> | HttpResponse {
  const owner = services.owners.of(name, services.upstream)
  return owner instanceof Promise
    ? owner.then(authority => serveFrom(authority, name, request, view, services, about))
    : serveFrom(owner, name, request, view, services, about)
}

function serveFrom(
  authority: RegistryConfig, name: string, request: HttpRequest, view: View, services: NpmServices, about: About,
): Promise<HttpResponse> | HttpResponse {
  const { form, encoding, family } = negotiate(request.headers)
  const rendering: Rendering = { form, tarballs: tarballUrls(view, authority, family) }
  const served = services.packuments.serve(name, services.upstream(authority), rendering, encoding)
  const type = form === 'corgi' ? CORGI : JSON_TYPE
  // Warm, nothing is awaited: a promise costs more than the two look-ups that find the bytes.
  return served instanceof Promise
    ? served.then(result => respond(result, type, request, view, about))
    : respond(served, type, request, view, about)
}

export async function serveManifest(
  name: string, selector: string, request: HttpRequest, view: View, services: NpmServices, about: About,
): Promise<HttpResponse> {
  const authority = await services.owners.of(name, services.upstream)
  const upstream = services.upstream(authority)
  let stale: RegistryError | undefined
  const find = async (latest: boolean) => {
    const contents = await services.packuments.contents(name, upstream, { latest })
    const { summary: { versions, tags }, judgement: { verdict } } = contents
    stale = contents.stale
    if (versions.has(selector)) return servable(selector, verdict)
    const served = tagsOf(contents)
    if (Object.hasOwn(served, selector)) return served[selector]
    // A tag at what is withheld is not served, but says which version was meant.
    return Object.hasOwn(tags, selector) ? servable(tags[selector]!, verdict) : undefined
  }
  // A version that is not there may be younger than what we know.
  const version = await find(false) ?? (semver.valid(selector) ? await find(true) : undefined)
  // Only an authority that can be asked says that something does not exist.
  if (!version) throw stale ?? new RegistryError('VERSION_NOT_FOUND', `${name} has no version or tag ${JSON.stringify(selector.slice(0, 100))}.`)
  const { encoding, family } = negotiate(request.headers)
  const rendering: ManifestRendering = { form: 'manifest', version, tarballs: tarballUrls(view, authority, family) }
  return respond(await services.packuments.serve(name, upstream, rendering, encoding), JSON_TYPE, request, view, about)
}

export async function serveDistTags(name: string, services: NpmServices, about: About): Promise<HttpResponse> {
  const authority = await services.owners.of(name, services.upstream)
  const contents = await services.packuments.contents(name, services.upstream(authority))
  if (contents.judgement.refusal) throw contents.judgement.refusal
  return json(200, tagsOf(contents), about)
}

function tagsOf({ summary, judgement }: Contents): Record<string, string> {
  return judgement.omissions?.tags ?? summary.tags
}

/** @throws RegistryError why the version is withheld, if it is */
function servable(version: string, { withheld }: Verdict): string {
  const reason = withheld.get(version)
  if (reason) throw reason
  return version
}

function respond({ ready, tier, stale }: Served, type: string, request: HttpRequest, view: View, about: About): HttpResponse {
  about.tier = tier
  const known = headersOf(ready, type, view)
  const tags = request.headers['if-none-match']
  const unchanged = tags !== undefined && matchesEtag(tags, ready.etag)
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
  whole: HttpResponse['headers']
  unchanged: HttpResponse['headers']
}

/** Written once for as long as the bytes are kept, for holders of a profile and for all others: the hot path allocates none. */
const written = { holders: new WeakMap<Served['ready'], ReadyHeaders>(), all: new WeakMap<Served['ready'], ReadyHeaders>() }

function headersOf(ready: Served['ready'], type: string, view: View): ReadyHeaders {
  const known = view.holder === undefined ? written.all : written.holders
  let headers = known.get(ready)
  if (!headers) {
    const { vary, ...kept } = keeping(view, ready.isPartial ? PARTIAL_CACHE_CONTROL : CACHE_CONTROL)
    const unchanged = { etag: ready.etag, ...kept, vary: vary === undefined ? VARY : `${VARY}, ${vary}` }
    const whole: HttpResponse['headers'] = { ...unchanged, 'content-type': type, 'content-length': ready.body.length }
    if (ready.encoding !== 'identity') whole['content-encoding'] = ready.encoding
    headers = { unchanged, whole }
    known.set(ready, headers)
  }
  return headers
}
