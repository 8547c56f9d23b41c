import type { RegistryConfig } from '../config/types.ts'
import type { VersionSummary } from '../packument/index.ts'
import { canonicalTarballUrl } from '../tarball/index.ts'
import type { NpmServices } from './types.ts'
import type { View } from './view.ts'

/** A version, and who may deliver it. */
export interface Delivery {
  name: string
  version: string
  summary: VersionSummary
  authority: RegistryConfig
  /** The best first. */
  sources: readonly RegistryConfig[]
}

/** Where a client can be sent. */
interface Place {
  registry: RegistryConfig
  url: string
  isAuthority: boolean
}

/**
 * The URL of the first source that a client can be sent to: one that answers, needs no token or certificate, and has the
 * tarball. An authority has what it lists; a mirror is asked once. Where all of that is known, nothing is awaited.
 * @returns undefined: the bytes have to go through us
 */
export function redirectTarget(
  delivery: Delivery, view: View, { sources, presence, redirected }: Pick<NpmServices, 'sources' | 'presence' | 'redirected'>,
): string | undefined | Promise<string | undefined> {
  const { name, version } = delivery
  const places = placesOf(delivery, view)

  function send({ registry, url }: Place): string | undefined {
    // Clients send a token on to wherever they are redirected on the host that it is for.
    if (view.holder !== undefined && new URL(url).hostname === new URL(view.base).hostname) return undefined
    if (delivery.sources.length > 1) sources.sent(registry, name, version)
    redirected(registry)
    return url
  }

  function firstFrom(start: number): string | undefined | Promise<string | undefined> {
    for (let n = start; n < places.length; n++) {
      const place = places[n]!
      const { registry, isAuthority } = place
      if (!sources.isHealthy(registry)) continue
      const isThere = isAuthority || presence.known(registry, name, version)
      if (isThere) return send(place)
      if (isThere === undefined) {
        return presence.ask(registry, name, version).then(found => found ? send(place) : firstFrom(n + 1))
      }
    }
    // Nobody answers, as far as we know: something must be tried.
    const last = places.find(({ registry, isAuthority }) => isAuthority || presence.known(registry, name, version))
    return last && send(last)
  }

  return firstFrom(0)
}

/** Only a configured registry's URL is ever named, never one that would need a token or a certificate, and never our own. */
function placesOf({ name, version, summary, authority, sources }: Delivery, view: View): Place[] {
  const ours = new URL(view.base).origin
  const places: Place[] = []
  for (const registry of sources) {
    if (registry.authorization || registry.tls.cert) continue
    const isAuthority = registry.id === authority.id
    const url = isAuthority ? summary.tarball : canonicalTarballUrl(registry.url, name, version)
    const parsed = URL.parse(url)
    const isKnown = parsed?.origin === new URL(registry.url).origin && !parsed.username && !parsed.password
    if (isKnown && parsed.origin !== ours) places.push({ registry, url: parsed.href, isAuthority })
  }
  return places
}
