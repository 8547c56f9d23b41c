import semver from 'semver'
import type { VersionOrder } from '../../shared/types/packages.ts'

/** Newest first: by semantic versioning, where what is no version comes last, or by the index of the record. */
export function putInOrder<T extends { index: number }>(versions: ReadonlyMap<string, T>, order: VersionOrder): string[] {
  if (order === 'version') return newestFirst(versions.keys())
  return [...versions].toSorted(([, a], [, b]) => b.index - a.index).map(([version]) => version)
}

/** By semantic versioning. Each version is parsed once: packages have thousands. */
export function newestFirst(versions: Iterable<string>): string[] {
  const parsed = [...versions].map(version => ({ version, semver: semver.parse(version, { loose: true }) }))
  return parsed.toSorted((a, b) => compare(a, b)).map(({ version }) => version)
}

interface Parsed {
  version: string
  semver: semver.SemVer | null
}

function compare(a: Parsed, b: Parsed): number {
  if (a.semver && b.semver) return b.semver.compare(a.semver) || b.semver.compareBuild(a.semver) || order(a.version, b.version)
  if (a.semver || b.semver) return a.semver ? -1 : 1
  return order(a.version, b.version)
}

function order(a: string, b: string): number {
  return a < b ? 1 : a > b ? -1 : 0
}
