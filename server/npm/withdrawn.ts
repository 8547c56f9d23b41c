import { RegistryError } from '../errors.ts'
import type { About, HttpRequest, HttpResponse } from '../http/index.ts'
import type { KnownVersion } from '../verify/index.ts'
import { serveBytes } from './bytes.ts'
import type { NpmServices } from './types.ts'
import type { View } from './view.ts'

/** Whoever has a lockfile asks for bytes without asking which versions there are. */
export interface PinnedRequest {
  name: string
  /** Undefined: its file name is not the conventional one, and nothing else says which version it is. */
  version: string | undefined
  /** Why no document of the authority leads to it. */
  why: unknown
}

/**
 * The bytes of a recorded version that its authority no longer lists, or does not speak of now, if we hold them: what was once
 * installed can be installed again. They are served in every mode, since nobody else can be relied on to have them.
 * @throws `why`; or that the version was withdrawn, or what refuses it
 */
export async function servePinned(
  { name, version, why }: PinnedRequest, request: HttpRequest, view: View, services: NpmServices, about: About,
): Promise<HttpResponse> {
  if (!(why instanceof RegistryError) || version === undefined || !(isGone(why) || isOutage(why))) throw why
  const known = await services.pinned.find(name, version, view.routes.authoritiesOf(name))
  if (!known) throw why
  if (!await services.tarballs.store.find(known.integrity)) throw isGone(why) ? withdrawn(known, why) : why
  const nobody = { name: 'nobody', open: () => Promise.reject(why) }
  return serveBytes({ what: `${name}@${version}`, integrity: known.integrity, sources: [nobody], shareable: false }, request, services.tarballs, about)
}

function isGone({ code }: RegistryError): boolean {
  return code === 'NOT_FOUND' || code === 'VERSION_NOT_FOUND'
}

function isOutage({ code, status }: RegistryError): boolean {
  return status >= 500 && code.startsWith('UPSTREAM_')
}

function withdrawn({ record: { subject, recorded } }: KnownVersion, why: RegistryError): RegistryError {
  return new RegistryError(why.code, `${subject.name}@${subject.version} was withdrawn: it is recorded since ${recorded}, but its registry no longer `
    + 'lists it, and this server does not hold its bytes.', { cause: why })
}
