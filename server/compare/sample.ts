import { randomInt } from 'node:crypto'
import { formatPurl, parseRecord, type PackageSubject, type VersionRecord } from '../../shared/record/index.ts'
import type { Log } from '../log/index.ts'
import type { Routes } from '../registry/index.ts'
import { packageSubject } from '../verify/index.ts'
import type { Group } from './sources.ts'

/** A recorded version with a public name. */
export interface Recorded {
  index: number
  record: VersionRecord
}

/** Recorded versions by how they were found. */
export type Strata = Record<'recent' | 'asked' | 'scoped' | 'random', readonly Recorded[]>

/** What counts as recent: so many of the newest records. */
const RECENT = 1_000
/** Records among which a package is looked for that was recorded last. */
const NEWEST = 100
/** Beginnings of names that are gone through for it. */
const MOST_PREFIXES = 5
/** Draws for each version that is wanted: some are of other authorities, of private names, or drawn twice. */
const DRAWS = 3

interface Known {
  log: Log
  routes: Routes
}

/** Whether a version has a public name that is routed to this authority now. */
function isOf({ authority }: Group, { log, routes }: Known) {
  return ({ name, namespace }: { name: string, namespace?: string }) =>
    (namespace ?? log.defaultNamespace) === authority.namespace
    && !routes.isPrivate(name) && routes.authoritiesOf(name).some(({ id }) => id === authority.id)
}

/** The packages of a group of which something was recorded last, the last one first; bounded work. */
export async function newestPackages(group: Group, known: Known): Promise<PackageSubject[]> {
  const { log } = known
  const isOurs = isOf(group, known)
  const found: Recorded[] = []
  for (const prefix of group.prefixes.slice(0, MOST_PREFIXES)) {
    const { entries } = await log.list({ kind: 'version', limit: NEWEST, ...(prefix && { prefix }) })
    found.push(...entries.flatMap(read).filter(({ record }) => isOurs(record.subject)))
  }
  const names = found.toSorted((a, b) => b.index - a.index).map(({ record }) => record.subject.name)
  return [...new Set(names)].map(name => packageSubject(name, group.authority, log.defaultNamespace))
}

/**
 * Versions of a group to look at: some of what was recorded last, what was asked for last, scoped ones and any. Only public
 * names, and only those that are routed to this authority now. Bounded work, with small queries one after the other.
 */
export async function drawSample(
  count: number, group: Group, { asked, ...known }: Known & { asked?: () => readonly string[] },
): Promise<Recorded[]> {
  const { authority, prefixes } = group
  const { log } = known
  const { size } = await log.head()
  if (size === 0 || prefixes.length === 0) return []

  const isOurs = isOf(group, known)

  /** The version record at a random place of [from, to), or before it. */
  async function draw(from: number, to: number): Promise<Recorded[]> {
    const prefix = prefixes[randomInt(prefixes.length)]
    for (let before = randomInt(from, to) + 1; before > 0;) {
      const found = await log.list({ kind: 'version', before, limit: 1, ...(prefix && { prefix }) })
      if (found.entries.length > 0) return found.entries.flatMap(read).filter(({ record }) => isOurs(record.subject))
      before = found.from
    }
    return []
  }

  const recent: Recorded[] = []
  const random: Recorded[] = []
  for (let n = 0; n < count * DRAWS; n++) {
    recent.push(...await draw(Math.max(0, size - RECENT), size))
    random.push(...await draw(0, size))
  }
  const named: Recorded[] = []
  for (const name of asked?.().slice(0, count) ?? []) {
    if (!isOurs({ name, namespace: authority.namespace })) continue
    const { entries } = await log.list({ kind: 'version', package: packageSubject(name, authority, log.defaultNamespace), limit: 1 })
    named.push(...entries.flatMap(read))
  }
  return stratify({ recent, asked: named, scoped: random.filter(({ record }) => record.subject.name.startsWith('@')), random }, count)
}

/** One of each stratum in turn, each version once, until there are enough or none is left. */
export function stratify(strata: Strata, count: number): Recorded[] {
  const queues = Object.values(strata).map(stratum => [...stratum])
  const chosen = new Map<string, Recorded>()
  while (chosen.size < count && queues.some(queue => queue.length > 0)) {
    for (const queue of queues) {
      const next = takeUnknown(queue, chosen)
      if (next && chosen.size < count) chosen.set(formatPurl(next.record.subject), next)
    }
  }
  return [...chosen.values()]
}

function takeUnknown(queue: Recorded[], known: ReadonlyMap<string, Recorded>): Recorded | undefined {
  for (let next = queue.shift(); next; next = queue.shift()) {
    if (!known.has(formatPurl(next.record.subject))) return next
  }
  return undefined
}

function read({ index, text }: { index: number, text: string }): Recorded[] {
  const record = parseRecord(text)
  return record.kind === 'version' ? [{ index, record }] : []
}
