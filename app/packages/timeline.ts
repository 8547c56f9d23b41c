import type { PackageChange } from '../../shared/types/packages.ts'

/** Something that happened to a package: one record, or many versions that were recorded together. */
export type TimelineItem
  = | { kind: 'versions', index: number, last: number, recorded: string, versions: string[] }
    | { kind: 'conflict', index: number, recorded: string, version: string, source: string }
    | { kind: 'withdrawn', index: number, recorded: string, version: string }
    | { kind: 'acknowledged', index: number, recorded: string, version: string }
    | { kind: 'tags', index: number, recorded: string, moved: TagMove[] }

/** `from` and `to`: versions; null where the tag was not there. */
export interface TagMove {
  name: string
  from: string | null
  to: string | null
}

/** Versions that were recorded this close to each other (ms) were found by one look. */
const TOGETHER = 60_000

/**
 * The story of a package, newest first.
 * @param changes newest first
 */
export function tellChanges(changes: readonly PackageChange[]): TimelineItem[] {
  const items: TimelineItem[] = []
  for (const [place, { index, record }] of changes.entries()) {
    const { recorded } = record
    if (record.kind === 'tags') {
      items.push({ kind: 'tags', index, recorded, moved: movesOf(record.tags, earlierTags(changes, place)) })
      continue
    }
    const { version } = record.subject
    const before = items.at(-1)
    if (record.kind !== 'version') {
      items.push(record.kind === 'conflict'
        ? { kind: 'conflict', index, recorded, version, source: record.source }
        : { kind: record.kind, index, recorded, version })
    } else if (before?.kind === 'versions' && Date.parse(before.recorded) - Date.parse(recorded) < TOGETHER) {
      before.versions.push(version)
      before.index = index
    } else {
      items.push({ kind: 'versions', index, last: index, recorded, versions: [version] })
    }
  }
  return items
}

type Tags = readonly { name: string, version: string }[]

function earlierTags(changes: readonly PackageChange[], place: number): Tags {
  for (const { record } of changes.slice(place + 1)) {
    if (record.kind === 'tags') return record.tags
  }
  return []
}

function movesOf(after: Tags, before: Tags): TagMove[] {
  const from = new Map(before.map(({ name, version }) => [name, version]))
  const to = new Map(after.map(({ name, version }) => [name, version]))
  return [...new Set([...to.keys(), ...from.keys()])]
    .map(name => ({ name, from: from.get(name) ?? null, to: to.get(name) ?? null }))
    .filter(move => move.from !== move.to)
}
