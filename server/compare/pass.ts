import { formatPurl, parsePurl, type VersionSubject } from '../../shared/record/index.ts'
import type { RegistryConfig } from '../config/types.ts'
import type { ClaimedVersion } from '../incidents/index.ts'
import type { Log } from '../log/index.ts'
import type { Summary } from '../packument/index.ts'
import type { Routes, SignedVersion, Upstream } from '../registry/index.ts'
import { packageSubject } from '../verify/index.ts'
import type { Arrivals } from './arrivals.ts'
import type { Store } from './store.ts'
import type { Group } from './sources.ts'
import type { Comparison, Found } from './types.ts'
import { checkSignature } from './check-signature.ts'
import { compareVersion } from './comparison.ts'
import { checkConformance } from './conformance.ts'
import { createLooks, type Documents, type Looks } from './look.ts'
import { measure, ping, type Download } from './measure.ts'
import { drawSample, type Recorded } from './sample.ts'
import { createTurns, createVisit, type Visit } from './visit.ts'

/** A source that gives a recorded version another digest, or sends other bytes for it. */
interface Disagreement {
  standing: Recorded & { integrity: string }
  /** The other sha512. */
  other: string
  source: RegistryConfig
  claimed: ClaimedVersion
}

export interface PassOptions {
  groups: readonly Group[]
  /** Versions that are compared with each source. */
  sample: number
  log: Log
  routes: Routes
  store: Store
  arrivals: Arrivals
  documents: Documents
  upstream(registry: RegistryConfig): Upstream
  /** Throws `NOT_VERIFIED` for a signature that is none of the authority's. */
  verifySignature(signed: SignedVersion): Promise<void>
  /** Makes it known. */
  conflict(disagreement: Disagreement): Promise<void>
  trouble(what: string, error: unknown, name?: string): void
  /** Names that were asked for lately, the last one first. */
  asked?: () => readonly string[]
}

/** Packages with which times are measured. */
const CANARIES = 2
/** Versions in a pass that are looked for at a mirror which did not have them. */
const MOST_PENDING = 50
const DAY = 24 * 3_600_000
/** How long something that did not arrive is looked for. */
const PATIENCE = 30 * DAY

/** Looks at all sources once: a registry is asked one thing after the other, the mirrors of an authority side by side. */
export async function runPass(options: PassOptions, stop: AbortSignal): Promise<void> {
  const turns = createTurns()
  for (const group of options.groups) {
    const sample = await drawSample(options.sample, group, options)
    const visitTo = (registry: RegistryConfig) => createVisit(options.upstream(registry), turns, stop)
    const authority = createLooks(visitTo(group.authority), options.documents)
    await lookAround(options, sample, authority)
    await Promise.all(group.mirrors.map(async (mirror) => {
      const looks = createLooks(visitTo(mirror), options.documents)
      await lookAround(options, sample, looks, authority)
      await lookForArrivals(options, group, looks)
    }))
  }
}

/** @param authority what the authority said of the same packages, if the source is a mirror */
async function lookAround(options: PassOptions, sample: readonly Recorded[], looks: Looks, authority?: Looks): Promise<void> {
  const { store } = options
  const { visit } = looks
  const { id } = visit.registry
  await store.addProbes(id, [await ping(visit)])
  const { probes, download } = await measure(looks, canariesOf(sample))
  await store.addProbes(id, probes)

  const comparisons: Comparison[] = []
  for (const recorded of sample) {
    if (visit.isOver) break
    const found = await compare(options, recorded, looks, authority, download)
    if (found) comparisons.push({ subject: formatPurl(recorded.record.subject), at: Date.now(), found })
  }
  await store.addComparisons(id, comparisons)
  if (!authority) await noteArrivals(options, visit, looks.summaries())
  await conform(options, sample, looks)
}

/** One that was recorded lately or asked for, and one with a scope if there is one. */
function canariesOf(sample: readonly Recorded[]): Recorded[] {
  const isScoped = ({ record }: Recorded) => record.subject.name.startsWith('@')
  const chosen = [sample.find(one => !isScoped(one)), sample.find(isScoped), ...sample].filter(one => one !== undefined)
  const names = new Map(chosen.map(one => [one.record.subject.name, one]))
  return [...names.values()].slice(0, CANARIES)
}

/** Undefined: the source did not say anything. */
async function compare(
  options: PassOptions, recorded: Recorded, looks: Looks, authority?: Looks, download?: Download,
): Promise<Found | undefined> {
  const { record } = recorded
  const { subject: { name, version }, integrity } = record
  const { registry } = looks.visit
  const { state, summary } = await looks.of(name)
  if (state === 'failed') return undefined

  const found = compareVersion(record, summary, authority?.known(name)?.summary)
  const claim = summary?.versions.get(version)
  if (!claim) return found
  const disagree = (other: string, rest: Partial<ClaimedVersion> = {}) => {
    const { integrity: claimed, manifest, published, tarball, signatures } = claim
    return report(options, {
      standing: { ...recorded, integrity }, other, source: registry,
      claimed: { integrity: claimed, manifest, published, tarball, signatures, sha512: other, ...rest },
    })
  }
  if (found.integrity === 'other') await disagree(claim.integrity)
  if (download?.recorded === recorded) {
    found.bytes = download.sha512 === integrity ? 'equal' : 'other'
    if (found.bytes === 'other') await disagree(download.sha512, { size: download.size, tarball: download.url })
  }
  found.signature = await checkSignature(record, claim, options.verifySignature)
  return found
}

async function report({ conflict, trouble }: PassOptions, disagreement: Disagreement): Promise<void> {
  // Another look finds it again.
  await conflict(disagreement).catch(error => trouble('noting a conflict', error, disagreement.standing.record.subject.name))
}

/** Versions that an authority published within the last day: the next looks at its mirrors are for them. */
async function noteArrivals({ arrivals, log }: PassOptions, { registry }: Visit, summaries: readonly Summary[]): Promise<void> {
  const now = Date.now()
  const subjects = summaries.flatMap(({ name, versions }) => {
    const subject = packageSubject(name, registry, log.defaultNamespace)
    return [...versions].flatMap(([version, { published }]) =>
      published !== undefined && Math.abs(now - Date.parse(published)) < DAY ? [formatPurl({ ...subject, version })] : [])
  })
  await arrivals.saw(registry.id, subjects, now)
}

/** Whether a mirror has what appeared at its authority. */
async function lookForArrivals({ arrivals }: PassOptions, { authority }: Group, looks: Looks): Promise<void> {
  const { visit } = looks
  const pending = await arrivals.pending(authority.id, visit.registry.id, Date.now() - PATIENCE, MOST_PENDING)
  const seen: string[] = []
  const missing: string[] = []
  for (const subject of pending) {
    if (visit.isOver) break
    const { name, version } = parsePurl(subject) as VersionSubject
    const { state, summary } = await looks.of(name)
    if (state === 'failed') continue
    const isThere = summary?.versions.has(version) || summary?.unusable.includes(version)
    ;(isThere ? seen : missing).push(subject)
  }
  const now = Date.now()
  await arrivals.saw(visit.registry.id, seen, now)
  await arrivals.missed(visit.registry.id, missing, now)
}

/** Once a day. */
async function conform({ store }: PassOptions, sample: readonly Recorded[], looks: Looks): Promise<void> {
  const { visit } = looks
  const now = Date.now()
  const last = await store.lastFeatures(visit.registry.id)
  if (visit.isOver || (last !== undefined && last <= now && now - last < DAY)) return
  const isThere = ({ record: { subject: { name, version } } }: Recorded) => looks.known(name)?.summary?.versions.has(version)
  const plain = sample.find(isThere)
  if (!plain) return
  const scoped = sample.find(one => one.record.subject.name.startsWith('@') && isThere(one))
  const summary = looks.known(plain.record.subject.name)!.summary!
  await store.addFeatures(visit.registry.id, await checkConformance(visit, { plain, scoped, summary }), now)
}
