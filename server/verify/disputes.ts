import { formatPurl } from '../../shared/record/index.ts'
import type { RegistryConfig } from '../config/types.ts'
import type { IncidentReport, Incidents } from '../incidents/index.ts'
import type { VersionSummary } from '../packument/index.ts'
import { claimedOf, conflictCause, type Conflict, type Conflicts } from './conflicts.ts'
import { disputed } from './sentences.ts'
import type { KnownVersion, Look, Rule, VerifyObserver } from './types.ts'

/** A mirror that gives a version another digest than its authority does. */
export interface Dispute {
  version: string
  /** The authority's sha512. */
  integrity: string
  /** The mirror's. */
  other: string
  mirror: RegistryConfig
  /** All that the mirror says of it. */
  claim: VersionSummary
}

/** Keeps what mirrors dispute until it is known whether the version was recorded, and then makes it known. */
export interface Disputes {
  /** Of this look, whether it still goes on or not. */
  add(look: Look, disputes: readonly Dispute[]): void
  /** Comes after the recording of what is new. */
  rule: Rule
}

interface DisputesOptions {
  conflicts: Conflicts
  incidents: Pick<Incidents, 'report'>
  observer: Pick<VerifyObserver, 'trouble'>
}

export function createDisputes({ conflicts, incidents, observer }: DisputesOptions): Disputes {
  const waiting = new WeakMap<Look, Dispute[]>()
  const ended = new WeakSet<Look>()

  async function tell(look: Look, disputes: readonly Dispute[]): Promise<void> {
    if (disputes.length === 0) return
    const { standing, isPrivate, name } = look
    const recorded: Conflict[] = []
    const unseen: IncidentReport[] = []
    for (const dispute of disputes) {
      const known = standing.get(dispute.version)
      // What stands may be what the mirror says: then it is the authority that differs, and that is noted by whoever compares.
      if (known?.integrity === dispute.other) continue
      if (known) recorded.push(conflictOf(known, dispute))
      else unseen.push(reportOf(look, dispute))
    }
    try {
      await conflicts.note(recorded, isPrivate)
      if (unseen.length > 0) await incidents.report(unseen)
    } catch (error) {
      observer.trouble('noting what a mirror disputes', error, name)
    }
  }

  return {
    add(look, disputes) {
      if (ended.has(look)) void tell(look, disputes)
      else waiting.set(look, [...waiting.get(look) ?? [], ...disputes])
    },
    async rule(look) {
      ended.add(look)
      await tell(look, waiting.get(look) ?? [])
      return new Map()
    },
  }
}

function conflictOf(standing: KnownVersion, { other, mirror, claim }: Dispute): Conflict {
  return { standing, other, source: mirror, claimed: { ...claimedOf(claim), sha512: other } }
}

function reportOf(
  { subject, name, isPrivate, upstream, summary }: Look, { version, integrity, other, mirror, claim }: Dispute,
): IncidentReport {
  const purl = formatPurl({ ...subject, version })
  const authority = upstream.registry
  const claimed = summary.versions.get(version)
  const standing = { source: authority.id, registry: authority.url, ...(claimed && claimedOf(claimed)), sha512: integrity }
  return {
    kind: 'conflict', cause: conflictCause(purl, other, mirror), subject: purl, source: mirror.id, isPrivate,
    sentence: disputed(`${name}@${version}`, { registry: authority, integrity }, { registry: mirror, integrity: other }),
    evidence: {
      claimed: { ...claimedOf(claim), sha512: other },
      details: { authority: standing },
      asked: { source: mirror.id, registry: mirror.url, at: new Date().toISOString() },
    },
  }
}
