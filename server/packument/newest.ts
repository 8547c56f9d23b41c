import semver from 'semver'
import type { VersionSummary } from './types.ts'

/** What `latest` means when nobody says: the highest release, deprecated ones last, prereleases only if there is nothing else. */
export function newest(versions: ReadonlyMap<string, VersionSummary>): string | undefined {
  const all = [...versions.keys()]
  const releases = all.filter(version => !semver.prerelease(version, { loose: true }))
  const kept = releases.filter(version => !versions.get(version)!.deprecated)
  const candidates = [kept, releases, all].find(({ length }) => length > 0) ?? []
  return candidates.toSorted((a, b) => semver.rcompare(a, b, { loose: true }))[0]
}
