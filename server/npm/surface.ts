import { RegistryError } from '../errors.ts'
import { json, notAllowed, refusal, type About, type HttpRequest, type HttpResponse } from '../http/index.ts'
import { answerAccount, refuseWrite } from './account.ts'
import { serveAttestations } from './attestations.ts'
import { auditBulk, auditQuick } from './audit.ts'
import { onBehalfOf } from './circle.ts'
import { forwardSearch } from './forward.ts'
import { serveKeys } from './keys.ts'
import { serveDistTags, serveManifest, servePackument } from './packument.ts'
import { parseNpmPath, type Target } from './path.ts'
import { serveTarball } from './tarball.ts'
import type { NpmServices } from './types.ts'
import type { View, Views } from './view.ts'

/** Answers one request; neither throws nor rejects. What is ready is answered at once. */
export type NpmSurface = (request: HttpRequest) => Promise<HttpResponse> | HttpResponse

export function createNpmSurface(services: NpmServices, views: Views): NpmSurface {
  return (request) => {
    const target = parseNpmPath(request.path)
    const usual = views.usual(request.headers.host)
    const about = aboutOf(target, usual)
    const refuse = (error: unknown) => {
      if (!(error instanceof RegistryError)) services.trouble(`answering ${about.route}`, error)
      const refused = refusal(error, about)
      // SPEC: RFC 9110 15.5.2: a 401 says how to authenticate.
      if (refused.status === 401) refused.headers['www-authenticate'] = 'Bearer'
      return refused
    }
    try {
      const behalf = onBehalfOf(request.headers.via, services)
      const view = request.headers.authorization && isChosen(target, request.method) ? views.of(request.headers) : usual
      const response = view instanceof Promise
        ? view.then(found => answer(request, target, found, behalf, about))
        : answer(request, target, view, behalf, about)
      return response instanceof Promise ? response.catch(refuse) : response
    } catch (error) {
      return refuse(error)
    }
  }
}

function answer(
  request: HttpRequest, target: Target, view: View, services: NpmServices, about: About,
): Promise<HttpResponse> | HttpResponse {
  const reads = request.method === 'GET' || request.method === 'HEAD'
  switch (target.route) {
    case 'audit-bulk':
    case 'audit-quick':
      if (request.method !== 'POST') break
      return target.route === 'audit-bulk' ? auditBulk(request, view, services, about) : auditQuick(request, view, services, about)
    case 'login':
    case 'whoami':
    case 'account':
      return answerAccount(target.route, request, view, about)
    case 'unknown':
      if (!reads) break
      throw new RegistryError('BAD_NAME', 'This path is no package name and nothing else that this registry knows.')
  }
  if (!reads) return refuseWrite(target, view)
  switch (target.route) {
    case 'packument': return servePackument(target.name, request, view, services, about)
    case 'manifest': return serveManifest(target.name, target.selector, request, view, services, about)
    case 'tarball': return serveTarball(target.name, target.file, request, view, services, about)
    case 'dist-tags': return serveDistTags(target.name, services, about)
    case 'attestations': return serveAttestations(target.name, target.version, view, services, about)
    case 'keys': return serveKeys(request, view, services, about)
    case 'search': return forwardSearch(request, view, services, about)
    case 'ping': return json(200, {}, about)
    case 'root': return json(200, { registry: view.base }, about)
    default: return notAllowed('Audits are asked with POST.', 'POST', about)
  }
}

/** Nobody's choice changes that this registry takes no packages, and a token of another registry is not what is wrong there. */
function isChosen({ route }: Target, method: string): boolean {
  if (route === 'audit-bulk' || route === 'audit-quick') return method === 'POST'
  return (method === 'GET' || method === 'HEAD') && route !== 'login' && route !== 'account' && route !== 'unknown'
}

function aboutOf(target: Target, view: View): About {
  const about: About = { route: target.route }
  if ('name' in target && !view.routes.isPrivate(target.name)) about.package = target.name
  return about
}
