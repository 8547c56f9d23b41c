import semver from 'semver'
import type { VersionRecord } from '../../shared/record/index.ts'
import type { Summary, VersionSummary } from '../packument/index.ts'
import type { Found } from './types.ts'

/**
 * What a source says of a recorded version. Pure; signatures and bytes are looked at by others.
 * @param claims its document; undefined: it has none
 * @param authority that of its authority, if the source is a mirror and the authority answered
 */
export function compareVersion(record: VersionRecord, claims: Summary | undefined, authority?: Summary): Found {
  const { subject: { version }, manifest, published } = record
  const claim = claims?.versions.get(version)
  const tagged = claims && authority && compareTags(claims, authority)
  // A version that contradicts itself is there, but says nothing that could be compared.
  if (!claim) return { isPresent: claims?.unusable.includes(version) ?? false, ...tagged }
  return {
    isPresent: true,
    integrity: compareIntegrity(record, claim),
    manifest: claim.manifest === manifest ? 'equal' : 'other',
    ...(published !== undefined && { time: claim.published === undefined ? 'missing' : claim.published === published ? 'equal' : 'other' }),
    ...tagged,
  }
}

function compareIntegrity({ integrity }: VersionRecord, claim: VersionSummary): Found['integrity'] {
  // Weaker digests neither agree nor contradict.
  if (!claim.integrity.startsWith('sha512-')) return 'missing'
  return claim.integrity === integrity ? 'equal' : 'other'
}

function compareTags({ tags }: Summary, { tags: expected }: Summary): Pick<Found, 'latest' | 'tags'> {
  const names = Object.keys(expected)
  const isEqual = names.length === Object.keys(tags).length && names.every(name => tags[name] === expected[name])
  return { tags: isEqual ? 'equal' : 'other', latest: compareLatest(tags.latest, expected.latest) }
}

function compareLatest(tag: string | undefined, expected: string | undefined): Found['latest'] {
  if (tag === expected) return 'equal'
  if (tag === undefined || expected === undefined) return 'missing'
  return semver.compareLoose(tag, expected) < 0 ? 'older' : 'newer'
}
