import { LRUCache } from 'lru-cache'
import { formatPurl, formatRecord } from '../../shared/record/index.ts'
import type { Severity } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import type { IncidentReport, Incidents } from '../incidents/index.ts'
import { mismatch, type Findings } from '../inspect/index.ts'
import { label } from '../registry/index.ts'
import { RETRY_SOON } from './judge.ts'
import { unreadable } from './sentences.ts'
import type { KnownVersion, Look, Refusal, Rule, VerifyObserver } from './types.ts'

interface ManifestsOptions {
  findings: Pick<Findings, 'ofPackage'>
  incidents: Pick<Incidents, 'report'>
  policy: Severity
  trouble: VerifyObserver['trouble']
}

/** A version whose manifest is not the recorded one. */
interface Changed {
  version: string
  known: KnownVersion
  /** Digest of the manifest that the registry gives now. */
  other: string
}

/** Incidents of one look; more of them say nothing more. */
const MOST_AT_ONCE = 10
/** A registry that writes its manifests anew for every request must not fill the database. */
const MOST_PER_PACKAGE = 100
/** Packages whose incidents were reported lately. */
const MAX_REPORTED = 10_000

/**
 * The manifest of a recorded version never changes, so that no registry can show different dependencies to different people; and
 * it is that of the tarball, as far as anybody looked.
 */
export function createManifests({ findings, incidents, policy, trouble }: ManifestsOptions): Rule {
  const reported = new LRUCache<string, Set<string>>({ max: MAX_REPORTED })

  async function report(changed: readonly Changed[], look: Look): Promise<void> {
    const { name, upstream: { registry } } = look
    const key = `${name} ${registry.id}`
    const causes = reported.get(key) ?? new Set<string>()
    const reports = changed.slice(0, MOST_AT_ONCE).map(one => reportOf(one, changed.length, look))
      .filter(({ cause }) => !causes.has(cause)).slice(0, Math.max(0, MOST_PER_PACKAGE - causes.size))
    if (reports.length === 0) return
    await incidents.report(reports)
    for (const { cause } of reports) causes.add(cause)
    reported.set(key, causes)
  }

  async function inside(look: Look): Promise<Map<string, Refusal>> {
    const refusals = new Map<string, Refusal>()
    const found = await findings.ofPackage(look.subject).catch((error: unknown) => {
      trouble('reading what was found in tarballs', error, look.name)
      throw unreadable(look.name, error)
    })
    for (const [version, { integrity, findings }] of found) {
      if (!look.open.has(version) || look.standing.get(version)?.integrity !== integrity) continue
      const why = mismatch(`${look.name}@${version}`, findings)
      if (why) refusals.set(version, { why })
    }
    return refusals
  }

  return async (look) => {
    const changed = changedIn(look)
    let retryIn: number | undefined
    if (changed.length > 0) {
      await report(changed, look).catch((error: unknown) => {
        trouble('noting a changed manifest', error, look.name)
        retryIn = RETRY_SOON
      })
    }
    if (policy !== 'deny') return new Map()
    const refusals = new Map<string, Refusal>(changed.map(one => [one.version, { why: refusal(one, look), retryIn }]))
    for (const [version, refusal] of await inside(look)) refusals.set(version, refusal)
    return refusals
  }
}

function changedIn({ open, standing }: Look): Changed[] {
  const changed: Changed[] = []
  for (const [version, { manifest, integrity, isPlain }] of open) {
    const known = standing.get(version)
    // With another digest it is another package: that is a conflict already.
    if (!known || (isPlain && integrity !== known.integrity)) continue
    if (manifest !== (known.manifest ?? known.record.manifest)) changed.push({ version, known, other: manifest })
  }
  return changed
}

function reportOf({ version, known, other }: Changed, count: number, look: Look): IncidentReport {
  const { name, subject, upstream: { registry }, summary, isPrivate } = look
  const purl = formatPurl({ ...subject, version })
  const { integrity, published, tarball } = summary.versions.get(version)!
  return {
    kind: 'manifest-mismatch', cause: `manifest-mismatch ${purl} ${other} ${registry.id}`, subject: purl, source: registry.id, isPrivate,
    sentence: `Registry ${label(registry)} now describes ${name}@${version} differently than it is recorded since ${known.record.recorded}: its dependencies, `
      + 'commands, platforms or install scripts are not the same.',
    evidence: {
      recorded: known.index === undefined ? { pinned: known.record } : { index: known.index, text: formatRecord(known.record) },
      claimed: { integrity, manifest: other, published, tarball },
      ...(count > MOST_AT_ONCE && { details: { versions: count } }),
      asked: { source: registry.id, registry: registry.url, at: new Date().toISOString() },
    },
  }
}

function refusal({ version, known }: Changed, { name, upstream: { registry } }: Look): RegistryError {
  return new RegistryError('MANIFEST_MISMATCH', `${name}@${version} is withheld: registry ${label(registry)} now describes it differently than it is recorded `
    + `since ${known.record.recorded}, and a published version never changes. Install another version, and ask its publisher or the registry why.`)
}
