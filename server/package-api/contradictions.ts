import type { SourceView } from '../compare/index.ts'
import { claimedOf, type Conflict } from '../verify/index.ts'
import type { LoggedPackage } from './packages.ts'

/** Of some recorded versions, where the document of a source has another sha512 than the log. Pure. */
export function contradictionsIn(
  versions: readonly string[], recorded: LoggedPackage['recorded'], views: readonly SourceView[],
): Conflict[] {
  return views.flatMap(({ registry, summary }) => versions.flatMap((version): Conflict[] => {
    const standing = recorded.get(version)!
    const claim = summary?.versions.get(version)
    if (!claim?.isPlain || claim.integrity === standing.integrity) return []
    return [{ standing, other: claim.integrity, source: registry, claimed: { ...claimedOf(claim), sha512: claim.integrity } }]
  }))
}
