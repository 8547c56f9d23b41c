import type { VersionRecord } from '../../shared/record/index.ts'
import type { RegistryConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import { unavailable, type Log } from '../log/index.ts'
import type { Judge, Summary, VersionSummary } from '../packument/index.ts'
import type { Routes } from '../registry/index.ts'
import type { Conflict, Conflicts } from './conflicts.ts'
import type { Digests, Unhashed } from './digests.ts'
import { draftOf } from './evidence.ts'
import { conflict, isFinal, unhashed, unreadable, unrecorded } from './sentences.ts'
import { packageSubject } from './subject.ts'
import type { KnownVersion, Ledger, VerifyObserver, VersionDraft } from './types.ts'
import { lookAgain, newlyWithheld, openVerdict, settled, unsettled, withhold, type OpenVerdict } from './verdict.ts'

interface JudgeOptions {
  log: Pick<Log, 'versionsOf' | 'record' | 'status' | 'defaultNamespace'>
  /** Where the versions of private names stand. */
  pins: Ledger
  routes: Pick<Routes, 'isPrivate'>
  digests: Digests
  conflicts: Conflicts
  observer: VerifyObserver
}

/** What a registry says of versions. */
type Claims = ReadonlyMap<string, VersionSummary>
/** What is recorded of a package. */
type Standing = Map<string, KnownVersion>

/** What passes by itself is looked at again after this long (ms)… */
const RETRY_SOON = 5_000
/** …and what most likely does not, after this long. */
const RETRY_LATER = 10 * 60_000

/**
 * No version reaches a client before its record is in a signed checkpoint; the first digest stands; another one is never used.
 * Every snapshot comes through here before anything of it is served.
 */
export function createJudge({ log, pins, routes, digests, conflicts, observer }: JudgeOptions): Judge {
  /** Why nothing can be recorded now. */
  function obstacle(): RegistryError | undefined {
    const status = log.status()
    return status.state === 'ok' ? undefined : unavailable(status)
  }

  /** Takes over what stands for each draft, which another process may have written first. */
  async function record(drafts: readonly VersionDraft[], ledger: Ledger, standing: Standing): Promise<void> {
    if (drafts.length === 0) return
    const added = new Map<VersionRecord['evidence'], number>()
    for (const { record, index, isNew } of await ledger.record(drafts)) {
      if (record.kind !== 'version') throw new Error(`A record of kind ${record.kind} stands for a version`)
      standing.set(record.subject.version, { integrity: record.integrity, record, index })
      if (isNew) added.set(record.evidence, (added.get(record.evidence) ?? 0) + 1)
    }
    for (const [evidence, count] of added) observer.recorded(evidence, count)
  }

  return async (upstream, summary, before) => {
    const verdict = openVerdict()
    const open = unsettled(summary, before, verdict)
    if (open.size === 0) return settled(verdict)

    const { name } = summary
    const isPrivate = routes.isPrivate(name)
    const ledger: Ledger = isPrivate ? pins : log
    const subject = packageSubject(name, upstream.registry, log.defaultNamespace)
    const standing = await ledger.versionsOf(subject).catch((error: unknown) => {
      observer.trouble('reading what is recorded', error, name)
      throw unreadable(name, error)
    })

    function cannotRecord(cause: RegistryError, versions: Iterable<string>) {
      verdict.failure = unrecorded(name, cause)
      for (const version of versions) withhold(verdict, version, verdict.failure, RETRY_SOON)
    }

    const closed = isPrivate ? undefined : obstacle()
    const judged = closed ? new Map([...open].filter(([version]) => standing.has(version))) : open
    if (closed && judged.size < open.size) cannotRecord(closed, [...open.keys()].filter(version => !standing.has(version)))

    const found = new Map<string, string>()
    for (const [version, digest] of await digests.find(name, unclear(judged, summary), upstream)) {
      if (typeof digest === 'string') found.set(version, digest)
      else withhold(verdict, version, unhashed(name, version, digest), isFinal(digest) ? RETRY_LATER : RETRY_SOON)
    }
    for (const [version, { isPlain, integrity }] of judged) {
      if (isPlain) found.set(version, integrity)
    }

    const unseen = [...found].filter(([version]) => !standing.has(version))
    const drafts = unseen.map(([version, integrity]) => draftOf(subject, version, judged.get(version)!, integrity))
    await record(drafts, ledger, standing).catch((error: unknown) => {
      observer.trouble('recording versions', error, name)
      if (!(error instanceof RegistryError)) throw error
      cannotRecord(error, unseen.map(([version]) => version))
    })

    const contradictions = compare(found, judged, standing, upstream.registry, verdict)
    await conflicts.note(contradictions, isPrivate).catch((error: unknown) => {
      // They are withheld all the same.
      observer.trouble('noting a conflict', error, name)
      lookAgain(verdict, RETRY_SOON)
    })
    for (const [code, count] of newlyWithheld(verdict, before)) observer.withheld(code, count)
    return settled(verdict)
  }
}

/** Versions of which only the bytes tell the sha512. What most clients want comes first: the tagged ones, then the youngest. */
function unclear(versions: Claims, { tags }: Summary): Unhashed[] {
  const tagged = new Set(Object.values(tags))
  return [...versions].flatMap(([version, summary]) => summary.isPlain ? [] : [{ version, summary }])
    .toReversed().sort((a, b) => Number(tagged.has(b.version)) - Number(tagged.has(a.version)))
}

/** Withholds what has another digest than the one that stands. */
function compare(
  found: ReadonlyMap<string, string>, claims: Claims, standing: Standing, source: RegistryConfig, verdict: OpenVerdict,
): Conflict[] {
  const conflicts: Conflict[] = []
  for (const [version, integrity] of found) {
    const known = standing.get(version)
    // What could not be recorded is withheld already.
    if (!known) continue
    const summary = claims.get(version)!
    if (known.integrity !== integrity) {
      conflicts.push({ standing: known, other: integrity, summary, source })
      withhold(verdict, version, conflict(known, integrity, source))
    } else if (!summary.isPlain) {
      verdict.digests.set(version, integrity)
    }
  }
  return conflicts
}
