import { parsePurl, parseRecord } from '../../shared/record/index.ts'
import type { PackageChange, PackageConflict, PackageReport, PackageVersion } from '../../shared/types/packages.ts'
import type { Incidents } from '../incidents/index.ts'
import { summaryOf } from '../incidents-api/index.ts'
import type { Log, RecordedTags, RecordedVersion } from '../log/index.ts'
import { putInOrder } from './order.ts'
import { choosePackage, type LoggedPackage, type PackageRooms } from './packages.ts'
import { parseReportQuery } from './query.ts'

interface ReportRooms extends PackageRooms {
  incidents: Pick<Incidents, 'list'>
}

const MOST_CONFLICTS = 50
const MOST_INCIDENTS = 20
/** Incidents that are looked through for those of the conflicts. */
const INCIDENTS_READ = 100
const CHANGES = 60

/**
 * A package as the log has it. Reads what the log has of this package, and asks nobody.
 * @throws RegistryError `BAD_REQUEST`, `NOT_FOUND`
 */
export async function describePackage(name: string, query: URLSearchParams, rooms: ReportRooms): Promise<PackageReport> {
  const { authority: wanted, order, skip, limit, before } = parseReportQuery(query)
  const { log, incidents } = rooms
  const { size } = await log.head()
  const { chosen, authorities } = await choosePackage(name, wanted, rooms)
  const { subject, recorded, authority, sources } = chosen
  const [withdrawn, tags, noticed, conflicts, changes] = await Promise.all([
    log.withdrawnOf(subject),
    log.tagsOf(subject),
    incidents.list({ package: name, limit: INCIDENTS_READ, withPrivate: false }),
    conflictsOf(chosen, log),
    changesOf(chosen, log, before),
  ])
  const ours = noticed.filter(({ subject: purl }) => purl !== undefined && parsePurl(purl).namespace === subject.namespace)
  const byRecord = new Map(ours.map(({ record, id }) => [record, id]))
  const ordered = putInOrder(recorded, order)
  return {
    name, authorities,
    authority: authority.id,
    sources: sources.map(({ id, role }) => ({ id, role })),
    size, order,
    total: ordered.length,
    withdrawn: withdrawn.size,
    versions: ordered.slice(skip, skip + limit).map(version =>
      versionOf(version, recorded.get(version)!, { withdrawn, conflicts, tags })),
    next: skip + limit < ordered.length ? skip + limit : null,
    tags: tags ? { index: tags.index, recorded: tags.record.recorded, tags: [...tags.record.tags] } : null,
    conflicts: conflicts.slice(0, MOST_CONFLICTS)
      .map(conflict => ({ ...conflict, incident: byRecord.get(conflict.index) ?? null })),
    incidents: ours.slice(0, MOST_INCIDENTS).map(summaryOf),
    changes,
    earlier: changes.length === CHANGES ? changes.at(-1)!.index : null,
  }
}

type Conflict = Omit<PackageConflict, 'incident'>

interface Known {
  withdrawn: ReadonlySet<string>
  conflicts: readonly Conflict[]
  tags: RecordedTags | undefined
}

function versionOf(
  version: string, { index, integrity, record }: RecordedVersion, { withdrawn, conflicts, tags }: Known,
): PackageVersion {
  const { evidence, recorded, published, signature } = record
  const sources = conflicts.filter(conflict => conflict.version === version).map(({ source }) => source)
  return {
    version, index, integrity, evidence, recorded,
    published: published ?? null,
    keyid: signature?.keyid ?? null,
    isWithdrawn: withdrawn.has(version),
    conflicts: [...new Set(sources)],
    tags: tags?.record.tags.filter(tag => tag.version === version).map(tag => tag.name) ?? [],
  }
}

/** Conflicts that one page of the log holds: a package with more has other worries. */
const CONFLICTS_READ = 200

async function conflictsOf({ subject, recorded, authority }: LoggedPackage, log: Log): Promise<Conflict[]> {
  const { entries } = await log.list({ package: subject, kind: 'conflict', limit: CONFLICTS_READ })
  return entries.flatMap(({ index, text }): Conflict[] => {
    const record = parseRecord(text)
    if (record.kind !== 'conflict') return []
    const { integrity, other, source, recorded: at, subject: { version } } = record
    return [{
      version, index, integrity, other, source, recorded: at,
      standing: recorded.get(version)?.index ?? null,
      isByAuthority: source === authority.id,
    }]
  })
}

async function changesOf({ subject }: LoggedPackage, log: Log, before: number | undefined): Promise<PackageChange[]> {
  const { entries } = await log.list({ package: subject, limit: CHANGES, ...(before !== undefined && { before }) })
  return entries.map(({ index, text }) => ({ index, record: parseRecord(text) as PackageChange['record'] }))
}
