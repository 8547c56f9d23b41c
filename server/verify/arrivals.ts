import type { VersionSubject } from '../../shared/record/index.ts'
import type { Chronicle } from './types.ts'

/**
 * Tells of versions that appeared at an authority since its package was recorded first; records nothing itself.
 * @param appeared told the id of the authority
 */
export function createArrivals(appeared: (authority: string, versions: readonly VersionSubject[]) => void): Chronicle {
  return async ({ subject, standing, open, upstream: { registry } }) => {
    // Of a package that nobody knew, all versions appear: that says nothing about when they did.
    const fresh = standing.size === 0 ? [] : [...open.keys()].filter(version => !standing.has(version))
    if (fresh.length > 0) appeared(registry.id, fresh.map(version => ({ ...subject, version })))
    return { drafts: [] }
  }
}
