import { isObject } from '../packument/is-object.ts'

/** An attestation that is about something else than the version it was asked for. */
export interface Misattested {
  predicateType: string
  /** What its statement names, as far as it can be read. */
  subject?: { name: string, sha512: string }
}

/** More of them than any version has. */
const MOST = 100
/** What is shown of what a registry says. */
const LONGEST = 512

/**
 * Whether the attestations of a version are about it and its recorded bytes, as npm looks at them: the first subject of each
 * statement. Whether somebody signed them is for whoever asked to verify, who has to trust somebody for that.
 * @param document as a registry gives it; without bundles there is nothing to compare
 * @param integrity the recorded sha512, as SRI
 */
export function misattested(document: unknown, name: string, version: string, integrity: string): Misattested[] {
  const attestations = isObject(document) && Array.isArray(document.attestations) ? document.attestations as unknown[] : []
  const wanted = { name: purlOf(name, version), sha512: Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex') }
  if (attestations.length > MOST) return [{ predicateType: `${attestations.length} attestations` }]
  return attestations.flatMap((attestation) => {
    if (!isObject(attestation) || !isObject(attestation.bundle)) return []
    const subject = subjectOf(attestation.bundle)
    if (subject?.name === wanted.name && subject.sha512 === wanted.sha512) return []
    return [{
      predicateType: String(attestation.predicateType).slice(0, LONGEST),
      ...(subject && { subject: { name: subject.name.slice(0, LONGEST), sha512: subject.sha512.slice(0, LONGEST) } }),
    }]
  })
}

/** SPEC: npm writes a version's package URL with only the scope's `@` encoded, and compares it as text. */
function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, '%40')}@${version}`
}

/** The first subject of a bundle's in-toto statement; undefined: it has none that can be read. */
function subjectOf({ dsseEnvelope }: Record<string, unknown>): Misattested['subject'] {
  if (!isObject(dsseEnvelope) || typeof dsseEnvelope.payload !== 'string') return undefined
  let statement: unknown
  try {
    statement = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString())
  } catch {
    // What cannot be read is about nothing.
    return undefined
  }
  const [subject] = isObject(statement) && Array.isArray(statement.subject) ? statement.subject as unknown[] : []
  if (!isObject(subject) || !isObject(subject.digest)) return undefined
  const { name, digest: { sha512 } } = subject
  return typeof name === 'string' && typeof sha512 === 'string' ? { name, sha512 } : undefined
}
