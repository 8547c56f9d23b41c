import { LRUCache } from 'lru-cache'
import { formatPurl, formatRecord, type RecordDraft } from '../../shared/record/index.ts'
import type { RegistryConfig } from '../config/types.ts'
import type { Log } from '../log/index.ts'
import type { VersionSummary } from '../packument/index.ts'
import type { Incidents } from './incidents.ts'
import { conflict as sentenceOf } from './sentences.ts'
import type { KnownVersion, VerifyObserver } from './types.ts'

/** An authority that gives a recorded version another digest. */
export interface Conflict {
  standing: KnownVersion
  /** The other sha512. */
  other: string
  /** As the authority describes the version now. */
  summary: VersionSummary
  source: RegistryConfig
}

/** Makes conflicts known: an incident and, unless the name is private, a record in the log; once for each cause. */
export interface Conflicts {
  /** @throws RegistryError `LOG_UNAVAILABLE`, or what the database throws; then they are noted another time */
  note(conflicts: readonly Conflict[], isPrivate: boolean): Promise<void>
}

interface ConflictsOptions {
  log: Pick<Log, 'record'>
  incidents: Incidents
  observer: VerifyObserver
}

/** Versions whose conflicts were noted lately: they are looked at with every new state of their package. */
const MAX_NOTED = 10_000
/** A registry that packs anew for every request must not fill the log: so many digests beside the right one say enough. */
const MOST_PER_VERSION = 10

export function createConflicts({ log, incidents, observer }: ConflictsOptions): Conflicts {
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
      const added = await incidents.add(fresh.map((conflict, n) => ({
        kind: 'conflict', cause: causeOf(conflict), subject: subjectOf(conflict),
        record: standings[n]?.index, evidence: evidenceOf(conflict, isPrivate),
      })))
      for (const conflict of fresh) {
        const [subject, cause] = [subjectOf(conflict), causeOf(conflict)]
        noted.set(subject, (noted.get(subject) ?? new Set()).add(cause))
        if (!added.has(cause)) continue
        const { standing, other, source } = conflict
        const about = { subject, sentence: sentenceOf(standing, other, source).message }
        observer.incident('conflict', isPrivate ? undefined : about)
      }
    },
  }
}

function subjectOf({ standing }: Conflict): string {
  return formatPurl(standing.record.subject)
}

function causeOf(conflict: Conflict): string {
  return `${subjectOf(conflict)} ${conflict.other} ${conflict.source.id}`
}

function draftOf({ standing: { record: { subject, integrity } }, other, source }: Conflict): RecordDraft {
  return { kind: 'conflict', subject, integrity, other, source: source.id }
}

/** Both claims, with what anyone needs to look into them. */
function evidenceOf({ standing: { record, index }, other, summary, source }: Conflict, isPrivate: boolean): object {
  return {
    recorded: isPrivate ? record : { index, text: formatRecord(record) },
    claimed: {
      integrity: summary.integrity, sha512: other, manifest: summary.manifest, published: summary.published,
      tarball: summary.tarball, source: source.id, registry: source.url, at: new Date().toISOString(),
    },
  }
}
