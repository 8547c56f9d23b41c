import type { Config, RegistryConfig } from '../config/types.ts'
import type { TarballUrls } from '../packument/index.ts'
import type { Choice, Routes } from '../registry/index.ts'
import type { ClientFamily } from './negotiate.ts'

/** What one consumer sees: passed down with every request, never a global. */
export interface View {
  /** Registry URL as this view's clients know it, with a trailing slash. */
  base: string
  routes: Routes
  tarballs: Config['tarballs']
  delivery: Config['delivery']
  /** How the sources of a name's authority are put in order. */
  choiceOf(name: string): Choice
  /** Host whose URLs npm's clients rewrite to their configured registry. */
  defaultHost: string
  /** Id of the profile whose token came with the request. */
  holder?: string
  /** Ids of the registries whose keys to give; all of them without it. */
  keysOf?: ReadonlySet<string>
}

/** Which view a request gets. */
export interface Views {
  /** What everybody sees at this host name: always the same object for it. */
  usual(host: string | undefined): View
  /**
   * With the choices of whoever's token came along; a promise only if it was not seen lately.
   * @throws RegistryError `UNAUTHENTICATED` for a token that is nobody's
   */
  of(headers: { host?: string, authorization?: string }): View | Promise<View>
}

/** Every request asks for one of these; there are only as many as views, authorities and families. */
const known = new WeakMap<View, Map<string, TarballUrls>>()

/** How a packument names its tarballs for one kind of client. */
export function tarballUrls(view: View, authority: RegistryConfig, family: ClientFamily): TarballUrls {
  let ofView = known.get(view)
  if (!ofView) known.set(view, ofView = new Map())
  const key = `${family} ${authority.id}`
  let urls = ofView.get(key)
  if (!urls) ofView.set(key, urls = decide(view, authority, family))
  return urls
}

function decide(view: View, authority: RegistryConfig, family: ClientFamily): TarballUrls {
  const { origin, host } = new URL(authority.url)
  const keep = view.tarballs === 'upstream'
    || (view.tarballs === 'auto' && host === view.defaultHost && family === 'verbatim')
  return keep ? { base: view.base, keep: origin } : { base: view.base }
}
