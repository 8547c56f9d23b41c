import { LRUCache } from 'lru-cache'
import { formatPurl, formatRecord, type RecordDraft, type RegistryKey } from '../../shared/record/index.ts'
import type { RegistryConfig } from '../config/types.ts'
import type { ClaimedVersion, IncidentReport, Incidents } from '../incidents/index.ts'
import type { Log } from '../log/index.ts'
import type { VersionSummary } from '../packument/index.ts'
import { conflict as sentenceOf } from './sentences.ts'
import type { KnownVersion } from './types.ts'

/** A source that gives a recorded version another digest, or sends other bytes for it. */
export interface Conflict {
  standing: KnownVersion
  /** The other sha512. */
  other: string
  source: RegistryConfig
  claimed: ClaimedVersion
}

/** Makes conflicts known: an incident and, unless the name is private, a record in the log; once for each cause. */
export interface Conflicts {
  /** @throws RegistryError `LOG_UNAVAILABLE`, or what the database throws; then they are noted another time */
  note(conflicts: readonly Conflict[], isPrivate: boolean): Promise<void>
}

/** The signing keys of a registry, or, for a mirror, of its authority: they make the claims of both sides verifiable. */
export type KeysOf = (registry: RegistryConfig) => Promise<readonly RegistryKey[]> | readonly RegistryKey[]

interface ConflictsOptions {
  log: Pick<Log, 'record'>
  incidents: Pick<Incidents, 'report'>
  keys?: KeysOf
}

/** Versions whose conflicts were noted lately: they are looked at with every new state of their package. */
const MAX_NOTED = 10_000
/** A registry that packs anew for every request must not fill the log: so many digests beside the right one say enough. */
const MOST_PER_VERSION = 10

export function createConflicts({ log, incidents, keys = () => [] }: ConflictsOptions): Conflicts {
  const noted = new LRUCache<string, Set<string>>({ max: MAX_NOTED })

  function isNew(conflict: Conflict): boolean {
    const causes = noted.get(subjectOf(conflict))
    return !causes || (!causes.has(causeOf(conflict)) && causes.size < MOST_PER_VERSION)
  }

  return {
    async note(conflicts, isPrivate) {
      const fresh = conflicts.filter(isNew)
      if (fresh.length === 0) return
      // The record first: whoever ends between the two finds it standing the next time, and makes the incident then.
      const standings = isPrivate ? [] : await log.record(fresh.map(draftOf))
      await incidents.report(await Promise.all(fresh.map(async (conflict, n) =>
        reportOf(conflict, isPrivate, standings[n]?.index, await keys(conflict.source)))))
      for (const conflict of fresh) {
        const subject = subjectOf(conflict)
        noted.set(subject, (noted.get(subject) ?? new Set()).add(causeOf(conflict)))
      }
    },
  }
}

function subjectOf({ standing }: Conflict): string {
  return formatPurl(standing.record.subject)
}

function causeOf(conflict: Conflict): string {
  return conflictCause(subjectOf(conflict), conflict.other, conflict.source)
}

/** The same for everything that shows that a source gives a version (a package URL) this other sha512. */
export function conflictCause(subject: string, other: string, source: RegistryConfig): string {
  return `${subject} ${other} ${source.id}`
}

function draftOf({ standing, other, source, claimed }: Conflict): RecordDraft {
  const { subject, integrity } = standing.record
  const [signature] = claimed.signatures ?? []
  // What is no signature cannot be written as one.
  return { kind: 'conflict', subject, integrity, other, source: source.id, ...(signature?.signature && { signature }) }
}

function reportOf(
  conflict: Conflict, isPrivate: boolean, record: number | undefined, keys: readonly RegistryKey[],
): IncidentReport {
  const { standing: { record: standing, index }, other, source, claimed } = conflict
  return {
    kind: 'conflict', cause: causeOf(conflict), subject: subjectOf(conflict), source: source.id, isPrivate, record,
    sentence: sentenceOf(conflict.standing, other, source).message,
    evidence: {
      recorded: index === undefined ? { pinned: standing } : { index, text: formatRecord(standing) },
      claimed,
      ...(keys.length > 0 && { keys: signers(conflict, keys) }),
      asked: { source: source.id, registry: source.url, at: new Date().toISOString() },
    },
  }
}

/** The keys that signed either claim; all of them if none did, since then that is what they are needed for. */
function signers({ standing, claimed }: Conflict, keys: readonly RegistryKey[]): readonly RegistryKey[] {
  const named = new Set([standing.record.signature, ...claimed.signatures ?? []].map(signature => signature?.keyid))
  const found = keys.filter(({ keyid }) => named.has(keyid))
  return found.length > 0 ? found : keys
}

/** What a source said of a version, as evidence keeps it. */
export function claimedOf({ integrity, manifest, published, tarball, signatures }: VersionSummary): ClaimedVersion {
  return { integrity, manifest, published, tarball, signatures }
}
