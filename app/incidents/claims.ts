import { formatPurl, parseRecord, type LogRecord, type RegistryKey, type RegistrySignature } from '../../shared/record/index.ts'
import type { ClaimedVersion, Evidence, Incident } from '../../shared/types/incidents.ts'

/** One thing that was said, beside what stands. */
export interface ClaimRow {
  /** Key of what it is. */
  label: string
  /** Undefined: nothing is said of it. */
  standing?: string
  claimed?: string
  /** `differs`: it is what was found wrong, or part of it. `unknown`: one side says nothing. */
  verdict: 'equal' | 'differs' | 'unknown'
}

/** Values that are longer are cut: whatever is in there came from a registry. */
const LONGEST = 2_000
const MOST_ROWS = 40

/** What a side says of a version, as far as an incident can be about it. */
interface Side {
  integrity?: string
  manifest?: string
  size?: string
  published?: string
  tarball?: string
  keyid?: string
  signature?: string
}

const LABELS = {
  integrity: 'registry.incidents.claims.integrity',
  manifest: 'registry.incidents.claims.manifest',
  size: 'registry.incidents.claims.size',
  published: 'registry.incidents.claims.published',
  tarball: 'registry.incidents.claims.tarball',
  keyid: 'registry.incidents.claims.keyid',
  signature: 'registry.incidents.claims.signature',
} as const satisfies Record<keyof Side, string>

/**
 * What stands beside what was claimed, line by line; what is wrong is marked. Nothing in an incident is believed to have a shape:
 * what cannot be read is left out.
 */
export function claimsOf({ kind, evidence }: Pick<Incident, 'kind' | 'evidence'>): ClaimRow[] {
  const { claimed, details = {}, keys = [] } = evidence
  if (kind === 'key-clash') return [row('registry.incidents.claims.key', keys[0]?.key, keys[1]?.key)]
  if (kind === 'keys-vanished') return keys.slice(0, MOST_ROWS).map(key => gone(key))
  if (kind === 'tag-moved-back') return [row('registry.incidents.claims.latest', text(details.from), text(details.to))]
  if (kind === 'foreign-host') return [{ label: LABELS.tarball, claimed: text(claimed?.tarball), verdict: 'differs' }]
  if (kind === 'backdated') {
    const label = 'registry.incidents.claims.lastLook'
    return [{ label, standing: text(details.lastLook), claimed: text(details.published), verdict: 'differs' }]
  }
  if (kind === 'attestation-mismatch') {
    return list(details.attestations).map(one => ({
      label: 'registry.incidents.claims.attested', verdict: 'differs',
      standing: text(claimed?.integrity), claimed: text(Object(Object(one).subject).sha512),
    }))
  }
  const findings = list(details.findings).map((one) => {
    const { field, registry, tarball } = Object(one) as Record<string, unknown>
    const said = (value: unknown) => `${text(field) ?? ''}: ${text(value) || '–'}`
    return row('registry.incidents.claims.finding', said(registry), said(tarball))
  })
  return [...compare(standingOf(evidence), sideOf(claimed ?? {}), kind === 'invalid-signature'), ...findings].slice(0, MOST_ROWS)
}

/** The two digests that a conflict is about. */
export function digestsOf({ evidence }: Pick<Incident, 'evidence'>): { standing?: string, claimed?: string } {
  return { standing: standingOf(evidence).integrity, claimed: sideOf(evidence.claimed ?? {}).integrity }
}

/** A record of the log, if it can be read. */
function recordIn(evidence: Evidence): LogRecord | undefined {
  const { recorded } = evidence
  if (!recorded) return undefined
  if ('pinned' in recorded) return recorded.pinned
  try {
    return parseRecord(recorded.text)
  } catch {
    // Shown as it is: its text is beside it.
    return undefined
  }
}

/** Name and version that a package URL is about; undefined for what is none. */
export function packageOf(subject: string | null): { name: string, version?: string } | undefined {
  const match = /^pkg:npm\/([^?]+?)(?:@([^@?]+))?(?:\?.*)?$/.exec(subject ?? '')
  if (!match) return undefined
  try {
    const name = decodeURIComponent(match[1]!)
    const version = match[2] === undefined ? undefined : decodeURIComponent(match[2])
    formatPurl({ name })
    return { name, ...(version !== undefined && { version }) }
  } catch {
    // No name that npm knows.
    return undefined
  }
}

/** The same as people write it: `@scope/name@1.0.0`. */
export function nameOf(subject: string | null): string {
  const found = packageOf(subject)
  if (!found) return subject ?? '–'
  return found.version === undefined ? found.name : `${found.name}@${found.version}`
}

function standingOf(evidence: Evidence): Side {
  const record = recordIn(evidence)
  if (record?.kind === 'version') {
    const { integrity, manifest, published, signature } = record
    return { integrity, manifest, published, ...signed(signature && [signature]) }
  }
  // Nothing was recorded yet: then the authority's word stands.
  return sideOf(Object(evidence.details?.authority) as ClaimedVersion)
}

function sideOf({ integrity, sha512, manifest, size, published, tarball, signatures }: ClaimedVersion): Side {
  return {
    integrity: text(sha512) ?? text(integrity),
    manifest: text(manifest), size: text(size), published: text(published), tarball: text(tarball),
    ...signed(signatures),
  }
}

function signed(signatures: readonly RegistrySignature[] | undefined): Pick<Side, 'keyid' | 'signature'> {
  const [first] = list(signatures) as RegistrySignature[]
  return { keyid: text(first?.keyid), signature: text(first?.signature) }
}

function compare(standing: Side, claimed: Side, isSignature: boolean): ClaimRow[] {
  return (Object.keys(LABELS) as (keyof Side)[])
    .filter(part => standing[part] !== undefined || claimed[part] !== undefined)
    .map((part): ClaimRow => {
      const found = row(LABELS[part], standing[part], claimed[part])
      // It contradicts nothing that stands, but itself.
      return isSignature && part === 'signature' ? { ...found, verdict: 'differs' } : found
    })
}

function gone({ keyid }: RegistryKey): ClaimRow {
  return { label: 'registry.incidents.claims.keyid', standing: text(keyid), verdict: 'differs' }
}

function row(label: string, standing: string | undefined, claimed: string | undefined): ClaimRow {
  const isKnown = standing !== undefined && claimed !== undefined
  return { label, standing, claimed, verdict: !isKnown ? 'unknown' : standing === claimed ? 'equal' : 'differs' }
}

function text(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const whole = String(value)
  return whole.length > LONGEST ? `${whole.slice(0, LONGEST)}…` : whole
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value.slice(0, MOST_ROWS) : []
}
