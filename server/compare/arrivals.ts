import { and, eq, gte, isNotNull, isNull, lte, lt, notInArray, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { tables, type Database } from '../database/index.ts'
import type { Arrival } from './types.ts'

const { arrivals } = tables

/** When versions were first seen where, by our clock. Subjects are package URLs with version. */
export interface Arrivals {
  /** The first time stands. */
  saw(registry: string, subjects: readonly string[], at: number): Promise<void>
  /** They were looked for, and are not there. */
  missed(registry: string, subjects: readonly string[], at: number): Promise<void>
  /** What appeared at an authority and was not seen at a mirror yet; first what was never, or least lately, looked for there. */
  pending(authority: string, mirror: string, since: number, limit: number): Promise<string[]>
  /** What appeared at an authority in [from, to], and what is known of it at a mirror. */
  between(authority: string, mirror: string, from: number, to: number): Promise<Arrival[]>
  deleteBefore(time: number): Promise<void>
}

/** Rows of one statement: SQLite takes 32,766 parameters. */
const ROWS = 1_000

export function createArrivals({ orm }: Database): Arrivals {
  const there = alias(arrivals, 'there')
  const atMirror = (mirror: string) => and(eq(there.registry, mirror), eq(there.subject, arrivals.subject))
  return {
    async saw(registry, subjects, seen) {
      for (let n = 0; n < subjects.length; n += ROWS) {
        await orm.insert(arrivals).values(subjects.slice(n, n + ROWS).map(subject => ({ registry, subject, seen })))
          .onConflictDoUpdate({ target: [arrivals.registry, arrivals.subject], set: { seen }, setWhere: isNull(arrivals.seen) })
      }
    },
    async missed(registry, subjects, missing) {
      if (subjects.length === 0) return
      await orm.insert(arrivals).values(subjects.map(subject => ({ registry, subject, missing })))
        .onConflictDoUpdate({ target: [arrivals.registry, arrivals.subject], set: { missing }, setWhere: isNull(arrivals.seen) })
    },
    async pending(authority, mirror, since, limit) {
      const rows = await orm.select({ subject: arrivals.subject }).from(arrivals).leftJoin(there, atMirror(mirror))
        .where(and(eq(arrivals.registry, authority), gte(arrivals.seen, since), isNull(there.seen)))
        .orderBy(sql`${there.missing} NULLS FIRST`, arrivals.seen).limit(limit)
      return rows.map(({ subject }) => subject)
    },
    async between(authority, mirror, from, to) {
      const rows = await orm.select({ arrived: arrivals.seen, seen: there.seen, missing: there.missing }).from(arrivals)
        .leftJoin(there, atMirror(mirror))
        .where(and(eq(arrivals.registry, authority), gte(arrivals.seen, from), lte(arrivals.seen, to)))
      return rows.map(({ arrived, ...rest }) => ({ arrived: arrived!, ...rest }))
    },
    async deleteBefore(time) {
      await orm.delete(arrivals).where(lt(arrivals.seen, time))
      // What never came to a mirror goes with the sight of it at the authority.
      const seen = orm.select({ subject: arrivals.subject }).from(arrivals).where(isNotNull(arrivals.seen))
      await orm.delete(arrivals).where(and(isNull(arrivals.seen), notInArray(arrivals.subject, seen)))
    },
  }
}
