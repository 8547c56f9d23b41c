import type { RegistryConfig } from '../config/types.ts'
import { canonicalTarballUrl, fileNameOf, tarballFileName } from '../tarball/url.ts'
import type { Summary, VersionSummary } from './types.ts'

const known = new WeakMap<Summary, { url: string, summary: Summary }>()

/** What a mirror's document says, with tarballs where their authority has them: a URL that a mirror names is never used. */
export function atAuthority(summary: Summary, { url }: RegistryConfig): Summary {
  const found = known.get(summary)
  if (found?.url === url) return found.summary
  const versions = new Map([...summary.versions].map(([version, one]): [string, VersionSummary] =>
    [version, { ...one, tarball: tarballUrl(url, summary.name, version, one.tarball) }]))
  const moved = { ...summary, versions }
  known.set(summary, { url, summary: moved })
  return moved
}

/** By convention, but under the file name that the mirror copied: some old ones are unconventional. */
function tarballUrl(registryUrl: string, name: string, version: string, copied: string): string {
  const canonical = canonicalTarballUrl(registryUrl, name, version)
  const file = fileNameOf(copied)
  if (file === undefined || file === tarballFileName(name, version)) return canonical
  return canonical.slice(0, canonical.lastIndexOf('/') + 1) + encodeURIComponent(file)
}
