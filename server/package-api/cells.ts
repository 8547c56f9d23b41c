import type { VersionRecord } from '../../shared/record/index.ts'
import type { PackageCell } from '../../shared/types/packages.ts'
import { compareVersion, type SourceView } from '../compare/index.ts'
import type { VersionSummary } from '../packument/index.ts'

/** A view, and how far its source has come: when the youngest version that it has was published, by the authority's word. */
interface Reached {
  view: SourceView
  /** Milliseconds since the epoch; -Infinity where there is nothing. */
  until: number
}

/** When versions were published; undefined where nobody says. */
export type TimeOf = (version: string) => number | undefined

export function howFar(view: SourceView, timeOf: TimeOf): Reached {
  let until = -Infinity
  for (const version of view.summary?.versions.keys() ?? []) until = Math.max(until, timeOf(version) ?? -Infinity)
  return { view, until }
}

/** What a source says of a version that the log has. Pure. */
export function cellOf(record: VersionRecord, { view, until }: Reached, timeOf: TimeOf): PackageCell {
  const { version } = record.subject
  if (view.state === 'failed') return cell('error')
  const found = compareVersion(record, view.summary)
  if (!found.isPresent) return cell(isBehind(view, until, timeOf(version)) ? 'lagging' : 'absent')
  if (found.integrity === undefined) return cell('unclear', 'contradiction')
  if (found.integrity === 'missing') return cell('unclear', 'no-sha512')
  if (found.integrity === 'other') return cell('differs', 'integrity', view.summary!.versions.get(version)!.integrity)
  return found.manifest === 'other' ? cell('differs', 'manifest') : cell('equal')
}

/** What a source says of a version that only its authority vouches for. Pure. */
export function cellOfUnrecorded(version: string, claim: VersionSummary, { view, until }: Reached, timeOf: TimeOf): PackageCell {
  if (view.state === 'failed') return cell('error')
  const own = view.summary?.versions.get(version)
  if (!own) {
    if (view.summary?.unusable.includes(version)) return cell('unclear', 'contradiction')
    return cell(isBehind(view, until, timeOf(version)) ? 'lagging' : 'absent')
  }
  if (own === claim) return cell('listed')
  if (!own.integrity.startsWith('sha512-') || !claim.integrity.startsWith('sha512-')) return cell('unclear', 'no-sha512')
  if (own.integrity !== claim.integrity) return cell('differs', 'integrity', own.integrity)
  return own.manifest === claim.manifest ? cell('listed') : cell('differs', 'manifest')
}

/** A mirror that has the package, but nothing as young as the version. */
function isBehind({ registry, summary }: SourceView, until: number, time: number | undefined): boolean {
  return registry.role === 'mirror' && summary !== undefined && time !== undefined && until < time
}

function cell(state: PackageCell['state'], about: PackageCell['about'] = null, integrity: string | null = null): PackageCell {
  return { state, about, integrity }
}
