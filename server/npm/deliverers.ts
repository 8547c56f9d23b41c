import { RegistryError } from '../errors.ts'
import { label } from '../registry/index.ts'
import { canonicalTarballUrl, IntegrityError, type Source } from '../tarball/index.ts'
import { tarballSource } from '../verify/index.ts'
import type { Delivery } from './redirect.ts'
import type { NpmServices } from './types.ts'

/** Who is asked for the bytes, one after the other: the authority at the URL it names, its mirrors at the conventional ones. */
export function deliverersOf({ name, version, summary, authority, sources }: Delivery, services: NpmServices): Source[] {
  const what = `${name}@${version}`
  const deliverers = sources.map((registry) => {
    const isAuthority = registry.id === authority.id
    return tarballSource({
      upstream: services.upstream(registry),
      url: isAuthority ? summary.tarball : canonicalTarballUrl(registry.url, name, version),
      what, isAuthority,
      brokeOff: () => services.brokeOff(registry),
      failed(error, sent) {
        services.trouble(`fetching a tarball from "${registry.id}"`, error, name)
        services.gaveUp(registry, error)
        if (error instanceof IntegrityError) services.lies.bytes({ name, version, authority, source: registry, error, sent })
      },
    })
  })
  const refusal = refusalOf({ name, version, summary, authority, sources }, services)
  // Its answer is the answer if nobody else has the bytes.
  return refusal ? [...deliverers, { name: 'nobody', open: () => Promise.reject(refusal) }] : deliverers
}

/** Why those who are not asked are not. */
function refusalOf({ name, version, authority, sources }: Delivery, services: NpmServices): RegistryError | undefined {
  const liars = services.sources.liars(authority, name, version)
  if (liars.length > 0) {
    return withheld(`${name}@${version}`, `${liars.map(label).join(' and ')} sent other bytes for it than those that are recorded.`)
  }
  return sources.length > 0
    ? undefined
    : new RegistryError('UPSTREAM_REFUSED', `Your preferences leave no source for ${name}@${version}: enable ${label(authority)} or one of its mirrors.`)
}

/** What a client is told when all who have a version's bytes have others. */
export function withheld(what: string, why: string): RegistryError {
  return new RegistryError('CONFLICT', `${what} is withheld: ${why} A published version never changes: install another version, and ask its publisher `
    + 'or the registry why this one was replaced.')
}
