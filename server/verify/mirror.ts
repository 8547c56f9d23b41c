import { LRUCache } from 'lru-cache'
import { formatPurl, formatRecord, type RegistrySignature } from '../../shared/record/index.ts'
import type { RegistryConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import type { IncidentReport, Incidents } from '../incidents/index.ts'
import type { Log } from '../log/index.ts'
import type { Judge, Summary, VersionSummary } from '../packument/index.ts'
import { label, type Routes, type Upstream } from '../registry/index.ts'
import { claimedOf, type Conflict, type Conflicts } from './conflicts.ts'
import { unreadable } from './sentences.ts'
import { packageSubject } from './subject.ts'
import type { KnownVersion, Ledger, Look, OwnSignatures, Rule, VerifyObserver } from './types.ts'
import { openVerdict, settled, withhold } from './verdict.ts'

interface MirrorJudgeOptions {
  log: Pick<Log, 'versionsOf' | 'defaultNamespace'>
  /** Where the versions of private names stand. */
  pins: Pick<Ledger, 'versionsOf'>
  routes: Pick<Routes, 'isPrivate' | 'authorities'>
  upstream(registry: RegistryConfig): Upstream
  conflicts: Conflicts
  incidents: Pick<Incidents, 'report'>
  /** What a version has to keep whoever its document is from. They are told of the authority. */
  rules: readonly Rule[]
  /** Absent: we sign nothing. */
  ownSignatures?: OwnSignatures
  observer: Pick<VerifyObserver, 'mirrorOnly' | 'trouble'>
}

/** A document may have so many versions beside as many as are recorded: a mirror is not ahead of its authority by more. */
const MOST_AHEAD = 1_000
/** A document that contradicts the log is not used; the first few contradictions prove it. */
const MOST_NOTED = 10
/** Packages whose versions that only a mirror knows were noted lately. */
const MAX_AHEAD = 10_000

/**
 * A mirror's document in place of its authority's: used if every version of it that is recorded is what is recorded. What is not
 * recorded is left out, and nothing is ever recorded of it, signed or not: a mirror delivers, it does not define.
 */
export function createMirrorJudge(options: MirrorJudgeOptions): Judge {
  const { log, pins, routes, upstream: upstreamOf, conflicts, incidents, rules, ownSignatures, observer } = options
  const noted = new LRUCache<string, Set<string>>({ max: MAX_AHEAD })

  function noteAhead(mirror: RegistryConfig, name: string, versions: readonly string[]) {
    const key = `${mirror.id} ${name}`
    const known = noted.get(key) ?? new Set<string>()
    const fresh = versions.filter(version => !known.has(version))
    if (fresh.length === 0) return
    observer.mirrorOnly(mirror, name, fresh)
    noted.set(key, new Set(versions))
  }

  async function note(
    contradictions: readonly Contradiction[], name: string, isPrivate: boolean, mirror: RegistryConfig,
  ): Promise<void> {
    const some = contradictions.slice(0, MOST_NOTED)
    try {
      await conflicts.note(some.flatMap(one => conflictOf(one, mirror)), isPrivate)
      const reports = some.filter(({ what }) => what === 'manifest').map(one => mismatchOf(one, isPrivate, mirror))
      if (reports.length > 0) await incidents.report(reports)
    } catch (error) {
      // Its document is not used all the same.
      observer.trouble('noting what a mirror contradicts', error, name)
    }
  }

  /** As for the authority's documents: of what it does not sign, and nothing of private names. */
  async function ownOf(look: Look): Promise<ReadonlyMap<string, RegistrySignature>> {
    if (!ownSignatures || look.isPrivate) return new Map()
    const plain = [...look.open].flatMap(([version, { isPlain, integrity }]): [string, string][] =>
      isPlain ? [[version, integrity]] : [])
    return ownSignatures.of(look, new Map(plain)).catch((error: unknown) => {
      observer.trouble('signing versions', error, look.name)
      return new Map()
    })
  }

  return async (mirror, summary, before) => {
    const { name } = summary
    const { registry } = mirror
    const authority = routes.authorities.find(({ id }) => id === registry.of)!
    const isPrivate = routes.isPrivate(name)
    const subject = packageSubject(name, authority, log.defaultNamespace)
    const standing = await (isPrivate ? pins : log).versionsOf(subject).catch((error: unknown) => {
      observer.trouble('reading what is recorded', error, name)
      throw unreadable(name, error)
    })

    const recorded = new Map([...summary.versions].filter(([version]) => standing.has(version)))
    if (recorded.size === 0) throw unusable(registry, name, 'has no version that is recorded')
    const ahead = [...summary.versions.keys()].filter(version => !standing.has(version))
    if (ahead.length > standing.size + MOST_AHEAD) throw unusable(registry, name, `lists ${ahead.length} versions that nobody has recorded`)

    const contradictions = contradictionsOf(recorded, standing)
    if (contradictions.length > 0) {
      await note(contradictions, name, isPrivate, registry)
      const list = contradictions.slice(0, 3).map(({ version }) => version).join(', ')
      throw unusable(registry, name, `contradicts what is recorded of ${contradictions.length > 3 ? `${list} and others` : list}`)
    }

    const verdict = openVerdict()
    for (const [version, { isPlain }] of recorded) {
      if (!isPlain) verdict.digests.set(version, standing.get(version)!.integrity)
    }
    if (ahead.length > 0) {
      const why = onlyThere(name, registry, authority)
      for (const version of ahead) withhold(verdict, version, why)
      noteAhead(registry, name, ahead)
    }
    const look: Look = { name, subject, isPrivate, upstream: upstreamOf(authority), summary, before, open: recorded, standing }
    for (const rule of rules) {
      for (const [version, { why, retryIn }] of await rule(look)) {
        if (!verdict.withheld.has(version)) withhold(verdict, version, why, retryIn)
      }
    }
    const portable = strippedSignatures(recorded, standing)
    for (const [version, signature] of await ownOf(look)) portable.set(version, signature)
    if (portable.size > 0) verdict.signatures = portable
    return settled(verdict)
  }
}

interface Contradiction {
  version: string
  known: KnownVersion
  claim: VersionSummary
  /** `weakness`: a digest that says less than the authority's, so that nobody can tell. */
  what: 'integrity' | 'manifest' | 'weakness'
}

function contradictionsOf(recorded: Summary['versions'], standing: ReadonlyMap<string, KnownVersion>): Contradiction[] {
  const found: Contradiction[] = []
  for (const [version, claim] of recorded) {
    const known = standing.get(version)!
    const what = contradictionOf(claim, known)
    if (what) found.push({ version, known, claim, what })
  }
  return found
}

function contradictionOf({ integrity, manifest }: VersionSummary, known: KnownVersion): Contradiction['what'] | undefined {
  if (integrity.startsWith('sha512-')) {
    if (integrity !== known.integrity) return 'integrity'
  } else if (known.record.evidence !== 'fetched') {
    return 'weakness'
  }
  return manifest === (known.manifest ?? known.record.manifest) ? undefined : 'manifest'
}

function conflictOf({ known, claim, what }: Contradiction, source: RegistryConfig): Conflict[] {
  if (what !== 'integrity') return []
  return [{ standing: known, other: claim.integrity, source, claimed: { ...claimedOf(claim), sha512: claim.integrity } }]
}

function mismatchOf({ known, claim }: Contradiction, isPrivate: boolean, mirror: RegistryConfig): IncidentReport {
  const { record, index } = known
  const purl = formatPurl(record.subject)
  return {
    kind: 'manifest-mismatch', cause: `manifest-mismatch ${purl} ${claim.manifest} ${mirror.id}`, subject: purl, source: mirror.id, isPrivate,
    sentence: `Mirror ${label(mirror)} describes ${record.subject.name}@${record.subject.version} differently than it is recorded since ${record.recorded}: `
      + 'its dependencies, commands, platforms or install scripts are not the same.',
    evidence: {
      recorded: index === undefined ? { pinned: record } : { index, text: formatRecord(record) },
      claimed: claimedOf(claim),
      asked: { source: mirror.id, registry: mirror.url, at: new Date().toISOString() },
    },
  }
}

/** Signatures are portable: what a mirror left out, the log has. */
function strippedSignatures(
  recorded: Summary['versions'], standing: ReadonlyMap<string, KnownVersion>,
): Map<string, RegistrySignature> {
  const found = new Map<string, RegistrySignature>()
  for (const [version, { signatures }] of recorded) {
    const { signature } = standing.get(version)!.record
    if (signatures.length === 0 && signature) found.set(version, signature)
  }
  return found
}

function unusable(mirror: RegistryConfig, name: string, what: string): RegistryError {
  return new RegistryError('UPSTREAM_INVALID', `The document of mirror ${label(mirror)} for ${name} ${what}; nothing of it is used.`)
}

/** Why a version is not served that no authority has confirmed. */
function onlyThere(name: string, mirror: RegistryConfig, authority: RegistryConfig): RegistryError {
  return new RegistryError('UPSTREAM_UNAVAILABLE', `This version of ${name} is known only to mirror ${label(mirror)}, and registry ${label(authority)}, `
    + 'which says what exists, cannot be asked now; try again in a moment.', { retryAfter: 5 })
}
