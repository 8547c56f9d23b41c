import type { PackageSubject, RegistrySignature } from '../../shared/record/index.ts'
import type { VersionSummary } from '../packument/index.ts'
import type { VersionDraft } from './types.ts'

/** A version as it will be recorded, with the digest that was found for it. */
export function draftOf(
  subject: PackageSubject, version: string, summary: VersionSummary, integrity: string, signature?: RegistrySignature,
): VersionDraft {
  const { manifest, published } = summary
  return { kind: 'version', subject: { ...subject, version }, integrity, manifest, ...(published && { published }), ...evidenceOf(summary, signature) }
}

/** How a version's digest is known. The one place that decides it. @param signature verified, over this digest */
function evidenceOf({ isPlain }: VersionSummary, signature?: RegistrySignature): Pick<VersionDraft, 'evidence' | 'signature'> {
  return signature ? { evidence: 'signed', signature } : { evidence: isPlain ? 'claimed' : 'fetched' }
}
