import { RegistryError } from '../errors.ts'
import { json, notAllowed, refusal, type About, type HttpRequest, type HttpResponse } from '../http/index.ts'
import { answerAccount, refuseWrite } from './account.ts'
import { auditBulk, auditQuick } from './audit.ts'
import { onBehalfOf } from './circle.ts'
import { forwardAttestations, forwardKeys, forwardSearch } from './forward.ts'
import { serveDistTags, serveManifest, servePackument } from './packument.ts'
import { parseNpmPath, type Target } from './path.ts'
import { serveTarball } from './tarball.ts'
import type { NpmServices } from './types.ts'
import type { View } from './view.ts'

/** Answers one request; neither throws nor rejects. What is ready is answered at once. */
export type NpmSurface = (request: HttpRequest, view: View) => Promise<HttpResponse> | HttpResponse

export function createNpmSurface(services: NpmServices): NpmSurface {
  return (request, view) => {
    const target = parseNpmPath(request.path)
    const about = aboutOf(target, view)
    const refuse = (error: unknown) => {
      if (!(error instanceof RegistryError)) services.trouble(`answering ${about.route}`, error)
      return refusal(error, about)
    }
    try {
      const response = answer(request, target, view, onBehalfOf(request.headers.via, services), about)
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
    case 'attestations': return forwardAttestations(target.name, target.version, services, about)
    case 'keys': return forwardKeys(view, services, about)
    case 'search': return forwardSearch(request, view, services, about)
    case 'ping': return json(200, {}, about)
    case 'root': return json(200, { registry: view.base }, about)
    default: return notAllowed('Audits are asked with POST.', 'POST', about)
  }
}

function aboutOf(target: Target, view: View): About {
  const about: About = { route: target.route }
  if ('name' in target && !view.routes.isPrivate(target.name)) about.package = target.name
  return about
}
