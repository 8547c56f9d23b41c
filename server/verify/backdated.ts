import { formatPurl, formatRecord } from '../../shared/record/index.ts'
import type { Evidence, IncidentReport, Incidents } from '../incidents/index.ts'
import type { VersionSummary } from '../packument/index.ts'
import { label } from '../registry/index.ts'
import { claimedOf } from './conflicts.ts'
import type { KnownVersion, Look, Rule, VerifyObserver } from './types.ts'

/** Clocks differ, and registries' caches are some minutes behind (ms). */
const TOLERANCE = 10 * 60_000
/** A registry that makes up a past for thousands of versions at once is known by the first of them. */
const MOST_AT_ONCE = 100

interface BackdatedOptions {
  incidents: Pick<Incidents, 'report'>
  observer: Pick<VerifyObserver, 'trouble'>
}

/**
 * Notes versions that claim to be older than a look at their package that did not find them. Refuses nothing: the record of each
 * says both when it claims to be published and when it was recorded.
 */
export function createBackdatedRule({ incidents, observer }: BackdatedOptions): Rule {
  return async (look) => {
    const reports = backdated(look).slice(0, MOST_AT_ONCE)
    if (reports.length === 0) return new Map()
    await incidents.report(reports).catch(error => observer.trouble('noting a version that is dated back', error, look.name))
    return new Map()
  }
}

function backdated(look: Look): IncidentReport[] {
  const { before, open, standing } = look
  const checkedAt = before?.checkedAt
  if (!before || checkedAt === undefined) return []
  const unusable = new Set(before.summary.unusable)
  return [...open].flatMap(([version, claim]) => {
    if (before.summary.versions.has(version) || unusable.has(version)) return []
    if (claim.published === undefined || !(Date.parse(claim.published) < checkedAt - TOLERANCE)) return []
    // It was there before, and is there again.
    const known = standing.get(version)
    if (known && Date.parse(known.record.recorded) <= checkedAt) return []
    return [reportOf(look, version, claim, new Date(checkedAt).toISOString())]
  })
}

function reportOf(look: Look, version: string, claim: VersionSummary, checked: string): IncidentReport {
  const { published } = claim
  const { name, subject, isPrivate, standing, upstream: { registry } } = look
  const purl = formatPurl({ ...subject, version })
  const known = standing.get(version)
  return {
    kind: 'backdated', cause: `backdated ${purl} ${registry.id}`, subject: purl, source: registry.id, isPrivate,
    sentence: `${name}@${version} claims to be published at ${published}, but registry ${label(registry)} did not have it yet at ${checked}.`,
    evidence: {
      ...(known && { recorded: evidenceOf(known) }),
      claimed: claimedOf(claim),
      details: { published, lastLook: checked },
      asked: { source: registry.id, registry: registry.url, at: new Date().toISOString() },
    },
  }
}

function evidenceOf({ index, record }: KnownVersion): Evidence['recorded'] {
  return index === undefined ? { pinned: record } : { index, text: formatRecord(record) }
}
