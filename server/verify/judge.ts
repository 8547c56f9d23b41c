import type { RecordDraft, RegistrySignature, VersionRecord } from '../../shared/record/index.ts'
import { RegistryError } from '../errors.ts'
import { unavailable, type Log } from '../log/index.ts'
import type { Judge, Summary, VersionSummary } from '../packument/index.ts'
import type { Routes } from '../registry/index.ts'
import { claimedOf, type Conflict, type Conflicts } from './conflicts.ts'
import type { Digests, Unhashed } from './digests.ts'
import { draftOf } from './evidence.ts'
import { conflict, isFinal, unhashed, unreadable, unrecorded } from './sentences.ts'
import { packageSubject } from './subject.ts'
import type { Chronicle, Ledger, Look, OwnSignatures, Refusal, Refusals, Rule, Signatures, Signed, Thresholds, VerifyObserver, VersionDraft } from './types.ts'
import { hasMoved, lookAgain, newlyWithheld, openVerdict, postpone, settled, unsettled, withhold, type OpenVerdict } from './verdict.ts'

export interface JudgeOptions {
  log: Pick<Log, 'versionsOf' | 'record' | 'status' | 'defaultNamespace'>
  /** Where the versions of private names stand. */
  pins: Ledger
  routes: Pick<Routes, 'isPrivate'>
  digests: Digests
  thresholds: Thresholds
  signatures: Signatures
  /** Absent: we sign nothing. */
  ownSignatures?: OwnSignatures
  conflicts: Conflicts
  rules: readonly Rule[]
  chronicles: readonly Chronicle[]
  observer: VerifyObserver
}

/** What passes by itself is looked at again after this long (ms)… */
export const RETRY_SOON = 5_000
/** …and what most likely does not, after this long. */
export const RETRY_LATER = 10 * 60_000

/**
 * No version reaches a client before its record is in a signed checkpoint; the first digest stands; another one is never used.
 * Every snapshot of an authority comes through here before anything of it is served.
 */
export function createJudge(options: JudgeOptions): Judge {
  const { log, pins, routes, digests, thresholds, signatures, ownSignatures, conflicts, rules, chronicles, observer } = options

  /** Why nothing can be recorded now. */
  function obstacle(): RegistryError | undefined {
    const status = log.status()
    return status.state === 'ok' ? undefined : unavailable(status)
  }

  /** Takes over what stands for each draft, which another process may have written first. */
  async function record(
    drafts: readonly VersionDraft[], others: readonly RecordDraft[], ledger: Ledger, { standing }: Look,
  ): Promise<void> {
    if (drafts.length + others.length === 0) return
    const added = new Map<VersionRecord['evidence'], number>()
    // Others are for the log alone.
    const standings = others.length > 0 ? await log.record([...drafts, ...others]) : await ledger.record(drafts)
    for (const { record, index, isNew } of standings) {
      if (record.kind !== 'version') continue
      standing.set(record.subject.version, { integrity: record.integrity, record, index })
      if (isNew) added.set(record.evidence, (added.get(record.evidence) ?? 0) + 1)
    }
    for (const [evidence, count] of added) observer.recorded(evidence, count)
  }

  /** The sha512 of each version: as its registry gives it, or from its bytes. */
  async function findDigests(
    { name, summary, upstream }: Look, judged: Claims, verdict: OpenVerdict,
  ): Promise<Map<string, string>> {
    const found = new Map<string, string>()
    for (const [version, digest] of await digests.find(name, unclear(judged, summary), upstream)) {
      if (typeof digest === 'string') found.set(version, digest)
      else withhold(verdict, version, unhashed(name, version, digest), isFinal(digest) ? RETRY_LATER : RETRY_SOON)
    }
    for (const [version, { isPlain, integrity }] of judged) {
      if (isPlain) found.set(version, integrity)
    }
    return found
  }

  /** For everything that is served as it is recorded. */
  async function addOwnSignatures(look: Look, verdict: OpenVerdict): Promise<void> {
    // What is only pinned is in no log, and that is what our signature says.
    if (!ownSignatures || look.isPrivate) return
    const served = new Map<string, string>()
    for (const [version, { isPlain, integrity }] of look.summary.versions) {
      const isRecorded = look.standing.get(version)?.integrity === integrity
      if (isPlain && isRecorded && !verdict.withheld.has(version)) served.set(version, integrity)
    }
    const signed = await ownSignatures.of(look, served).catch((error: unknown) => {
      observer.trouble('signing versions', error, look.name)
      postpone(verdict, RETRY_SOON)
    })
    verdict.signatures = signed?.size ? signed : undefined
  }

  /** What else is to be recorded; what cannot be now is looked at again. */
  async function chronicled(look: Look, verdict: OpenVerdict, closed: RegistryError | undefined): Promise<RecordDraft[]> {
    if (closed && chronicles.length > 0) postpone(verdict, RETRY_LATER)
    const all = await Promise.all(closed
      ? []
      : chronicles.map(chronicle => chronicle(look).catch((error: unknown) => {
          observer.trouble('looking for what else is to be recorded', error, look.name)
          return { drafts: [], retryIn: RETRY_SOON }
        })))
    for (const { retryIn } of all) {
      if (retryIn !== undefined) postpone(verdict, retryIn)
    }
    return all.flatMap(({ drafts }) => drafts)
  }

  return async (upstream, summary, before) => {
    const verdict = openVerdict()
    const open = unsettled(summary, before, verdict)
    if (open.size === 0 && !hasMoved(summary, before) && !before?.verdict.due) return settled(verdict)

    const { name } = summary
    const isPrivate = routes.isPrivate(name)
    const ledger: Ledger = isPrivate ? pins : log
    const subject = packageSubject(name, upstream.registry, log.defaultNamespace)
    const standing = await ledger.versionsOf(subject).catch((error: unknown) => {
      observer.trouble('reading what is recorded', error, name)
      throw unreadable(name, error)
    })
    const look: Look = { name, subject, isPrivate, upstream, summary, before, open, standing }

    function cannotRecord(cause: RegistryError, versions: Iterable<string>) {
      verdict.failure = unrecorded(name, cause)
      for (const version of versions) withhold(verdict, version, verdict.failure, RETRY_SOON)
    }

    const closed = isPrivate ? undefined : obstacle()
    const judged = closed ? new Map([...open].filter(([version]) => standing.has(version))) : open
    if (closed && judged.size < open.size) cannotRecord(closed, [...open.keys()].filter(version => !standing.has(version)))

    const found = await findDigests(look, judged, verdict)
    refuse(verdict, found, await thresholds.check(look, found))

    // What is recorded costs one comparison; what is not has to be signed.
    const unseen = new Map([...found].filter(([version]) => !standing.has(version)))
    const signed = unseen.size > 0 ? await signatures.check(look, unseen) : new Map<string, Signed>()
    refuse(verdict, unseen, refusedOf(signed))

    const drafts = [...unseen].map(([version, integrity]) =>
      draftOf(subject, version, judged.get(version)!, integrity, signatureOf(signed.get(version))))
    const others = isPrivate ? [] : await chronicled(look, verdict, closed)
    await record(drafts, others, ledger, look).catch((error: unknown) => {
      observer.trouble('recording versions', error, name)
      if (!(error instanceof RegistryError)) throw error
      if (unseen.size > 0) cannotRecord(error, unseen.keys())
      if (others.length > 0) postpone(verdict, RETRY_SOON)
    })

    const contradictions = compare(found, look, verdict)
    await conflicts.note(contradictions, isPrivate).catch((error: unknown) => {
      // They are withheld all the same.
      observer.trouble('noting a conflict', error, name)
      lookAgain(verdict, RETRY_SOON)
    })
    for (const rule of rules) refuse(verdict, undefined, await rule(look))
    await addOwnSignatures(look, verdict)
    for (const [code, count] of newlyWithheld(verdict, before)) observer.withheld(code, count)
    return settled(verdict)
  }
}

/** What a registry says of versions. */
type Claims = ReadonlyMap<string, VersionSummary>

/** Withholds what is refused, unless it is withheld for another reason already, and takes it off the list of what goes on. */
function refuse(verdict: OpenVerdict, candidates: Map<string, string> | undefined, refusals: Refusals): void {
  for (const [version, { why, retryIn }] of refusals) {
    candidates?.delete(version)
    if (!verdict.withheld.has(version)) withhold(verdict, version, why, retryIn)
  }
}

function refusedOf(signed: ReadonlyMap<string, Signed>): Refusals {
  return new Map([...signed].filter((entry): entry is [string, Refusal] => typeof entry[1] === 'object' && 'why' in entry[1]))
}

function signatureOf(signed: Signed | undefined): RegistrySignature | undefined {
  return typeof signed === 'object' && 'keyid' in signed ? signed : undefined
}

/** Versions of which only the bytes tell the sha512. What most clients want comes first: the tagged ones, then the youngest. */
function unclear(versions: Claims, { tags }: Summary): Unhashed[] {
  const tagged = new Set(Object.values(tags))
  return [...versions].flatMap(([version, summary]) => summary.isPlain ? [] : [{ version, summary }])
    .toReversed().sort((a, b) => Number(tagged.has(b.version)) - Number(tagged.has(a.version)))
}

/** Withholds what has another digest than the one that stands. */
function compare(found: ReadonlyMap<string, string>, { summary, standing, upstream }: Look, verdict: OpenVerdict): Conflict[] {
  const { registry } = upstream
  const conflicts: Conflict[] = []
  for (const [version, integrity] of found) {
    const known = standing.get(version)
    // What could not be recorded is withheld already.
    if (!known) continue
    const claim = summary.versions.get(version)!
    if (known.integrity !== integrity) {
      conflicts.push({ standing: known, other: integrity, source: registry, claimed: { ...claimedOf(claim), sha512: integrity } })
      withhold(verdict, version, conflict(known, integrity, registry))
    } else if (!claim.isPlain) {
      verdict.digests.set(version, integrity)
    }
  }
  return conflicts
}
