import type { RegistryConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import { json, notAllowed, refusal, type About, type HttpRequest, type HttpResponse } from '../http/index.ts'
import type { Target } from './path.ts'
import type { View } from './view.ts'

/**
 * `npm whoami`, `npm login`, `npm token` and the like: there are no accounts here, and each answer says so. Whoever sends the
 * token of a profile is that profile.
 * @throws RegistryError `UNAUTHENTICATED`
 */
export function answerAccount(
  route: 'whoami' | 'login' | 'account', request: HttpRequest, view: View, about: About,
): HttpResponse {
  if (route === 'whoami' && (request.method === 'GET' || request.method === 'HEAD')) {
    if (view.holder !== undefined) return json(200, { username: `npmx-${view.holder}` }, about)
    throw new RegistryError('UNAUTHENTICATED', 'Nobody is logged in: this registry has no accounts and needs none to install.')
  }
  const where = placeOf(view.routes.default)
  const sentence = `This registry has no accounts: installing needs none. To publish or manage packages, log in where they live: npm login --registry=${where}`
  // Neither 404 nor 405: npm would fall back to asking for a user name and a password.
  if (route === 'login') return refusal(new RegistryError('NO_ACCOUNTS', sentence), about)
  return notAllowed(sentence, route === 'whoami' ? 'GET, HEAD' : '', about)
}

/** `npm publish`, `npm dist-tag add`, `npm deprecate`: this registry passes packages on, it does not take them. */
export function refuseWrite(target: Target, view: View): HttpResponse {
  const name = 'name' in target ? target.name : undefined
  const [authority, ...others] = name ? view.routes.authoritiesOf(name) : [view.routes.default]
  const what = name ? `${name} is published at` : 'Packages are published at'
  const alternatives = others.map(other => ` or --registry=${placeOf(other)}`).join('')
  const sentence = `This registry is read-only. ${what} its own registry: npm publish --registry=${placeOf(authority!)}${alternatives}`
  return notAllowed(sentence, 'GET, HEAD', { route: target.route })
}

/** The registry's address as a person may type it. It carries no credentials: configuration refuses URLs that do. */
function placeOf(registry: RegistryConfig): string {
  return registry.url
}
