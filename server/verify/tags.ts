import semver from 'semver'
import { formatPurl, formatRecord, MAX_RECORD_SIZE, type PackageSubject, type TagsRecord } from '../../shared/record/index.ts'
import { percentEncode } from '../../shared/record/percent.ts'
import type { IncidentReport, Incidents } from '../incidents/index.ts'
import type { Log, RecordedTags } from '../log/index.ts'
import type { Summary } from '../packument/index.ts'
import { label } from '../registry/index.ts'
import type { Chronicle, Look } from './types.ts'

/** A registry that moves tags back and forth must not fill the log: one record of a package's tags in this time (ms). */
const INTERVAL = 60_000

interface TagsOptions {
  log: Pick<Log, 'tagsOf'>
  incidents: Pick<Incidents, 'report'>
}

/** Has the log say where a package's dist-tags point, whenever that changes; `latest` moved back is an incident. */
export function createTagsChronicle({ log, incidents }: TagsOptions): Chronicle {
  return async (look) => {
    const { subject, summary } = look
    const last = await log.tagsOf(subject)
    const tags = recordableTags(subject, summary)
    if (last ? isSame(tags, last.record.tags) : tags.length === 0) return { drafts: [] }
    // The incident first: once the new tags are recorded, nobody compares them with the old ones again.
    const report = last && movedBack(look, last, tags)
    if (report) await incidents.report([report])
    const wait = last ? Date.parse(last.record.recorded) + INTERVAL - Date.now() : 0
    // By a clock that was set back it might be years.
    if (wait > 0) return { drafts: [], retryIn: Math.min(wait, INTERVAL) }
    return { drafts: [{ kind: 'tags', subject, tags }] }
  }
}

type Tags = TagsRecord['tags']

/**
 * The authority's tags, `latest` first and then by name, as many as one record can hold. A `latest` that is ours, because the
 * authority has none, is not among them.
 */
export function recordableTags(subject: PackageSubject, { tags, isLatestOurs }: Pick<Summary, 'tags' | 'isLatestOurs'>): Tags {
  const names = Object.keys(tags).filter(name => name.isWellFormed() && !(name === 'latest' && isLatestOurs))
  const sorted = names.toSorted((a, b) => Number(b === 'latest') - Number(a === 'latest') || (a < b ? -1 : 1))
  let room = MAX_RECORD_SIZE - formatRecord({ kind: 'tags', subject, tags: [], recorded: new Date(0).toISOString() }).length
  const fitting: { name: string, version: string }[] = []
  for (const name of sorted) {
    const version = tags[name]!
    room -= `tag ${percentEncode(name)} ${version}\n`.length
    if (room < 0) break
    fitting.push({ name, version })
  }
  return fitting
}

function isSame(some: Tags, others: Tags): boolean {
  const known = new Map(others.map(({ name, version }) => [name, version]))
  return some.length === known.size && some.every(({ name, version }) => known.get(name) === version)
}

const latestOf = (tags: Tags) => tags.find(({ name }) => name === 'latest')?.version

function movedBack(look: Look, last: RecordedTags, tags: Tags): IncidentReport | undefined {
  const { subject, upstream: { registry }, summary: { versions } } = look
  const [from, to] = [latestOf(last.record.tags), latestOf(tags)]
  if (from === undefined || to === undefined || !versions.has(from) || !isLower(to, from)) return undefined
  const purl = formatPurl(subject)
  return {
    kind: 'tag-moved-back', cause: `tag-moved-back ${purl} ${from} ${to} ${registry.id}`, subject: purl, source: registry.id, isPrivate: false,
    sentence: `Registry ${label(registry)} moved the tag "latest" of ${subject.name} back from ${from} to ${to}, although ${from} still exists.`,
    evidence: {
      recorded: { index: last.index, text: formatRecord(last.record) },
      details: { tag: 'latest', from, to },
      asked: { source: registry.id, registry: registry.url, at: new Date().toISOString() },
    },
  }
}

function isLower(version: string, than: string): boolean {
  try {
    return semver.lt(version, than, { loose: true })
  } catch {
    // The log may hold versions that semver no longer reads.
    return false
  }
}
