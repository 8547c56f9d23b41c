import type { AskedSource, PackageRegistries, PackageRow, VersionList } from '../../shared/types/packages.ts'
import type { SideBySide, SourceView } from '../compare/index.ts'
import type { ClientLimit } from '../http/index.ts'
import type { Log } from '../log/index.ts'
import type { Conflicts } from '../verify/index.ts'
import { cellOf, cellOfUnrecorded, howFar, type TimeOf } from './cells.ts'
import { contradictionsIn } from './contradictions.ts'
import { newestFirst, putInOrder } from './order.ts'
import { choosePackage, type LoggedPackage, type PackageRooms } from './packages.ts'
import { parseVersionsQuery } from './query.ts'

export interface AskingRooms extends PackageRooms {
  sideBySide: SideBySide
  /** Of clients that have registries asked. */
  limit: Pick<ClientLimit, 'take'>
}

interface ComparingRooms extends AskingRooms {
  conflicts: Conflicts
  trouble(what: string, error: unknown, name: string): void
}

/** Versions of a list that are named. */
const MOST_NAMED = 20

/**
 * What each source of a package has, beside what the log has. The sources are asked, unless they were a moment ago; one that
 * contradicts the log is an incident, whoever looked.
 * @param address of the client
 * @throws RegistryError `BAD_REQUEST`, `NOT_FOUND`, `RATE_LIMITED`, `UPSTREAM_UNAVAILABLE` if too many ask
 */
export async function compareRegistries(
  name: string, query: URLSearchParams, address: string | undefined, rooms: ComparingRooms,
): Promise<PackageRegistries> {
  const { authority: wanted, order, skip, limit } = parseVersionsQuery(query)
  const { chosen } = await choosePackage(name, wanted, rooms)
  const views = await rooms.sideBySide.look(name, chosen.sources, false, () => rooms.limit.take(address))
  const versions = putInOrder(chosen.recorded, order).slice(skip, skip + limit)
  // What cannot be noted now is found by the next one who looks.
  await rooms.conflicts.note(contradictionsIn(versions, chosen.recorded, views), false)
    .catch((error: unknown) => rooms.trouble('noting a conflict', error, name))
  const compared = await compareViews(chosen, versions, views, rooms.log)
  return { name, authority: chosen.authority.id, sources: views.map(askedSource), ...compared }
}

export function askedSource({ registry: { id, role }, state, problem, at, latency, summary }: SourceView): AskedSource {
  return {
    id, role, state,
    problem: problem ?? null,
    at: new Date(at).toISOString(),
    latency: latency ?? null,
    versions: summary ? summary.versions.size + summary.unusable.length : null,
    latest: summary && !summary.isLatestOurs ? summary.tags.latest ?? null : null,
  }
}

type Compared = Pick<PackageRegistries, 'rows' | 'unrecorded' | 'gone' | 'foreign'>

async function compareViews(
  { recorded, subject }: LoggedPackage, versions: readonly string[], views: readonly SourceView[], log: Pick<Log, 'withdrawnOf'>,
): Promise<Compared> {
  const [authority, ...mirrors] = views as [SourceView, ...SourceView[]]
  const claims = authority.summary?.versions
  const timeOf: TimeOf = (version) => {
    const time = claims?.get(version)?.published ?? recorded.get(version)?.record.published
    return time === undefined ? undefined : Date.parse(time)
  }
  const reached = views.map(view => howFar(view, timeOf))

  const rows = versions.map((version): PackageRow => {
    const { index, record } = recorded.get(version)!
    return { version, index, cells: reached.map(one => cellOf(record, one, timeOf)) }
  })
  const unrecorded = newestFirst([...claims?.keys() ?? []].filter(version => !recorded.has(version)))
  return {
    rows,
    unrecorded: {
      total: unrecorded.length,
      rows: unrecorded.slice(0, MOST_NAMED).map(version => (
        { version, index: null, cells: reached.map(one => cellOfUnrecorded(version, claims!.get(version)!, one, timeOf)) }
      )),
    },
    gone: authority.state === 'failed' ? null : goneFrom(authority, recorded.keys(), await log.withdrawnOf(subject)),
    foreign: authority.summary ? mirrors.flatMap(mirror => onlyAt(mirror, authority, recorded)) : [],
  }
}

function goneFrom({ summary }: SourceView, versions: Iterable<string>, noticed: ReadonlySet<string>) {
  const gone = [...versions].filter(version => !summary?.versions.has(version) && !summary?.unusable.includes(version))
  return { ...listOf(gone), unnoticed: gone.filter(version => !noticed.has(version)).length }
}

/** What a mirror has that neither its authority nor the log has. */
function onlyAt({ registry, summary }: SourceView, authority: SourceView, recorded: LoggedPackage['recorded']) {
  const listed = new Set(authority.summary!.unusable)
  const foreign = [...summary?.versions.keys() ?? []]
    .filter(version => !authority.summary!.versions.has(version) && !listed.has(version) && !recorded.has(version))
  return foreign.length > 0 ? [{ source: registry.id, ...listOf(foreign) }] : []
}

function listOf(versions: readonly string[]): VersionList {
  return { total: versions.length, versions: newestFirst(versions).slice(0, MOST_NAMED) }
}
