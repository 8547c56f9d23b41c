import type { PackageSubject } from '../../shared/record/index.ts'
import type { VersionSummary } from '../packument/index.ts'
import type { VersionDraft } from './types.ts'

/** A version as it will be recorded, with the digest that was found for it. */
export function draftOf(subject: PackageSubject, version: string, summary: VersionSummary, integrity: string): VersionDraft {
  const { manifest, published } = summary
  return { kind: 'version', subject: { ...subject, version }, integrity, manifest, ...(published && { published }), ...evidenceOf(summary) }
}

/**
 * How a version's digest is known. The one place that decides it: a registry's signature, once it is verified, stands above
 * the registry's word, and belongs here.
 */
function evidenceOf({ isPlain }: VersionSummary): Pick<VersionDraft, 'evidence' | 'signature'> {
  return { evidence: isPlain ? 'claimed' : 'fetched' }
}
