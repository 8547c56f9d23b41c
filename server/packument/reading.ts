import type { RegistryConfig } from '../config/types.ts'
import type { Reading } from './types.ts'

/** What else to read of the documents of the registry with this URL. */
export type ReadingOf = (url: string) => Reading | undefined

const WITH_LINKS: Reading = { links: true }

/** Where dependencies may lead matters for authorities that say so, and for the mirrors that speak for them. */
export function createReadingOf(registries: readonly RegistryConfig[]): ReadingOf {
  const limited = new Set(registries.flatMap(({ id, links }) => links ? [id] : []))
  const urls = new Set(registries.flatMap(({ id, of, url }) => limited.has(of ?? id) ? [url] : []))
  return url => urls.has(url) ? WITH_LINKS : undefined
}
