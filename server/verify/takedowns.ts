import { count, desc, eq, max, sum } from 'drizzle-orm'
import { formatPurl, parsePurl, type PackageSubject, type VersionSubject } from '../../shared/record/index.ts'
import { tables, type Database } from '../database/index.ts'
import { RegistryError } from '../errors.ts'
import type { Refusal, Rule } from './types.ts'

const { takedowns } = tables

/** A version that an operator took down. */
interface Takedown {
  /** Package URL with version. */
  subject: string
  reason: string
  by: string
  /** Milliseconds since the epoch. */
  at: number
}

/** What operators took down: it stays recorded, and is served to nobody. */
export interface Takedowns {
  /** Withholds what is taken down. */
  rule: Rule
  /** Newest first. */
  list(): Promise<Takedown[]>
  /** From now on in this process; in others that share the database within {@link REFRESH}. One that stands is replaced. */
  add(subjects: readonly VersionSubject[], why: { reason: string, by: string }): Promise<Takedown[]>
  /** @returns whether there was one */
  remove(subjects: readonly VersionSubject[]): Promise<boolean>
  /** @param subject package URL with version */
  has(subject: string): boolean
  /** Why a version is served to nobody, if it was taken down. */
  refusalOf(subject: VersionSubject): RegistryError | undefined
  close(): void
}

interface TakedownsOptions {
  database: Database
  /** Told of packages of which a version was taken down, or is back: what is known of them holds no longer. */
  changed(packages: readonly PackageSubject[]): void
  trouble(what: string, error: unknown): void
}

/** Milliseconds after which another process's changes are seen. */
export const REFRESH = 15_000

/** @throws what the database throws */
export async function createTakedowns({ database: { orm }, changed, trouble }: TakedownsOptions): Promise<Takedowns> {
  let known = new Map<string, Takedown>()
  /** The same by package and version: a look is at one package, and may be at thousands of versions. */
  let byPackage = new Map<string, Map<string, Takedown>>()
  let state: string | undefined
  let isLoaded = false
  let reloading: Promise<void> = Promise.resolve()

  async function reload(): Promise<void> {
    // Times are never the same again, so whatever changes changes one of these.
    const summary = JSON.stringify(await orm.select({ count: count(), last: max(takedowns.at), sum: sum(takedowns.at) })
      .from(takedowns).get())
    if (summary === state) return
    const rows = await orm.select().from(takedowns).all()
    const before = known
    known = new Map(rows.map(row => [row.subject, row]))
    byPackage = new Map()
    for (const row of rows) {
      const { version, ...subject } = parsePurl(row.subject) as VersionSubject
      const versions = byPackage.get(formatPurl(subject)) ?? new Map<string, Takedown>()
      byPackage.set(formatPurl(subject), versions.set(version, row))
    }
    state = summary
    if (isLoaded) changed(packagesOf(differing(before, known)))
    isLoaded = true
  }

  /** One after the other, so that an older state never replaces a newer one. */
  function refresh({ isChanged = false } = {}): Promise<void> {
    // Whoever waited for the one before has heard of its failure.
    reloading = reloading.catch(() => {}).then(() => {
      if (isChanged) state = undefined
      return reload()
    })
    return reloading
  }

  await refresh()
  const timer = setInterval(() => {
    refresh().catch((error: unknown) => trouble('reading what is taken down', error))
  }, REFRESH).unref()

  return {
    rule({ subject, open }) {
      const versions = byPackage.get(formatPurl(subject))
      const refusals = new Map<string, Refusal>()
      for (const [version, { reason }] of versions ?? []) {
        if (open.has(version)) refusals.set(version, { why: takenDown(subject.name, version, reason) })
      }
      return refusals
    },
    list: () => orm.select().from(takedowns).orderBy(desc(takedowns.at)).all(),
    async add(subjects, { reason, by }) {
      const rows = subjects.map(subject => ({ subject: formatPurl(subject), reason, by, at: Date.now() }))
      // In one transaction: a name that several registries may have is taken down at all of them.
      await orm.transaction(async (tx) => {
        for (const row of rows) await tx.insert(takedowns).values(row).onConflictDoUpdate({ target: takedowns.subject, set: row })
      })
      await refresh({ isChanged: true })
      return rows
    },
    async remove(subjects) {
      let removed = 0
      for (const subject of subjects) {
        const gone = await orm.delete(takedowns).where(eq(takedowns.subject, formatPurl(subject))).returning({ at: takedowns.at })
        removed += gone.length
      }
      await refresh({ isChanged: true })
      return removed > 0
    },
    has: subject => known.has(subject),
    refusalOf(subject) {
      const takedown = known.get(formatPurl(subject))
      return takedown && takenDown(subject.name, subject.version, takedown.reason)
    },
    close: () => clearInterval(timer),
  }
}

/** Why nobody gets a version. The reason is the operator's. */
function takenDown(name: string, version: string, reason: string): RegistryError {
  return new RegistryError('TAKEN_DOWN', `${name}@${version} was taken down by the operator of this registry: ${reason}`)
}

/** Subjects of which something is said in only one of two states, or not the same. */
function differing(before: ReadonlyMap<string, Takedown>, after: ReadonlyMap<string, Takedown>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter(subject => before.get(subject)?.at !== after.get(subject)?.at)
}

function packagesOf(subjects: readonly string[]): PackageSubject[] {
  const packages = new Map<string, PackageSubject>()
  for (const subject of subjects) {
    const { name, namespace } = parsePurl(subject)
    const found = namespace === undefined ? { name } : { name, namespace }
    packages.set(formatPurl(found), found)
  }
  return [...packages.values()]
}
