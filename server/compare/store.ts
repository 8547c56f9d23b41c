import { and, desc, eq, gt, gte, lt, lte, max, sql } from 'drizzle-orm'
import type { ProbeKind } from '../../shared/types/registries.ts'
import { tables, type Database } from '../database/index.ts'
import { integrityOf } from './numbers.ts'
import type { Agreement, Comparison, Feature, Found, Probe } from './types.ts'

const { probes, comparisons, agreements, conformance } = tables

/** What was measured and found, by id of the registry. */
export interface Store {
  addProbes(registry: string, rows: readonly Probe[]): Promise<void>
  /** Of one look. */
  addComparisons(registry: string, rows: readonly Comparison[]): Promise<void>
  addFeatures(registry: string, rows: readonly Feature[], at: number): Promise<void>
  /** Of [from, to], oldest first. */
  probesBetween(registry: string, from: number, to: number): Promise<Probe[]>
  comparisonsBetween(registry: string, from: number, to: number): Promise<Comparison[]>
  agreementsBetween(registry: string, from: number, to: number): Promise<Agreement[]>
  features(registry: string): Promise<(Feature & { at: number })[]>
  /** When its conformance was looked at last. */
  lastFeatures(registry: string): Promise<number | undefined>
  /** Newest first, with smaller ids than `before`. */
  probePage(registry: string, query: { kind?: ProbeKind, before?: number, limit: number }): Promise<(Probe & { id: number })[]>
  deleteBefore(time: number): Promise<void>
}

/** Rows that are read or written at once: nobody else waits long for them. */
const ROWS = 1_000

export function createStore({ orm }: Database): Store {
  return {
    async addProbes(registry, rows) {
      for (let n = 0; n < rows.length; n += ROWS) {
        await orm.insert(probes).values(rows.slice(n, n + ROWS).map(row => ({ registry, ...row })))
      }
    },
    async addComparisons(registry, rows) {
      for (let n = 0; n < rows.length; n += ROWS) {
        const values = rows.slice(n, n + ROWS)
          .map(({ subject, at, found }) => ({ registry, subject, at, found: JSON.stringify(found) }))
        await orm.insert(comparisons).values(values).onConflictDoUpdate({
          target: [comparisons.registry, comparisons.subject], set: { at: sql`excluded.at`, found: sql`excluded.found` },
        })
      }
      const { count: equal, of: compared } = integrityOf(rows.flatMap(({ found }) => found.isPresent ? [found] : []))
      if (compared === 0) return
      await orm.insert(agreements).values({ registry, at: rows.at(-1)!.at, equal, compared }).onConflictDoUpdate({
        target: [agreements.registry, agreements.at],
        set: { equal: sql`equal + excluded.equal`, compared: sql`compared + excluded.compared` },
      })
    },
    async addFeatures(registry, rows, at) {
      if (rows.length === 0) return
      await orm.insert(conformance).values(rows.map(row => ({ registry, at, detail: null, ...row }))).onConflictDoUpdate({
        target: [conformance.registry, conformance.feature],
        set: { at: sql`excluded.at`, isOk: sql`excluded.is_ok`, detail: sql`excluded.detail` },
      })
    },
    async probesBetween(registry, from, to) {
      return inPages(async (after) => {
        const where = and(eq(probes.registry, registry), lte(probes.at, to), sql`(${probes.at}, ${probes.id}) > (${after.at}, ${after.id})`)
        return orm.select().from(probes).where(where).orderBy(probes.at, probes.id).limit(ROWS)
      }, { at: from, id: -1 }, ({ at, id }) => ({ at, id }), ({ id: _, registry: __, ...row }) => row as Probe)
    },
    async comparisonsBetween(registry, from, to) {
      return inPages(async (after) => {
        const isInside = and(gte(comparisons.at, from), lte(comparisons.at, to))
        return orm.select().from(comparisons)
          .where(and(eq(comparisons.registry, registry), isInside, gt(comparisons.subject, after)))
          .orderBy(comparisons.subject).limit(ROWS)
      }, '', ({ subject }) => subject, ({ subject, at, found }) => ({ subject, at, found: JSON.parse(found) as Found }))
    },
    async agreementsBetween(registry, from, to) {
      const { at, equal, compared } = agreements
      return orm.select({ at, equal, compared }).from(agreements)
        .where(and(eq(agreements.registry, registry), gte(at, from), lte(at, to))).orderBy(at)
    },
    async features(registry) {
      const rows = await orm.select().from(conformance).where(eq(conformance.registry, registry)).orderBy(conformance.feature)
      return rows.map(({ feature, isOk, detail, at }) => ({ feature, isOk, at, ...(detail !== null && { detail }) }))
    },
    async lastFeatures(registry) {
      const [row] = await orm.select({ at: max(conformance.at) }).from(conformance).where(eq(conformance.registry, registry))
      return row?.at ?? undefined
    },
    async probePage(registry, { kind, before, limit }) {
      const conditions = [eq(probes.registry, registry)]
      if (kind) conditions.push(eq(probes.kind, kind))
      if (before !== undefined) conditions.push(lt(probes.id, before))
      const rows = await orm.select().from(probes).where(and(...conditions)).orderBy(desc(probes.id)).limit(limit)
      return rows.map(({ registry: _, ...row }) => row as Probe & { id: number })
    },
    async deleteBefore(time) {
      await orm.delete(probes).where(lt(probes.at, time))
      await orm.delete(comparisons).where(lt(comparisons.at, time))
      await orm.delete(agreements).where(lt(agreements.at, time))
      await orm.delete(conformance).where(lt(conformance.at, time))
    },
  }
}

/** All rows, page by page, with a turn of the event loop for everybody else between two pages. */
async function inPages<Row, Key, Value>(
  page: (after: Key) => Promise<Row[]>, first: Key, keyOf: (row: Row) => Key, valueOf: (row: Row) => Value,
): Promise<Value[]> {
  const values: Value[] = []
  for (let after = first; ;) {
    const rows = await page(after)
    values.push(...rows.map(valueOf))
    const last = rows.at(-1)
    if (!last || rows.length < ROWS) return values
    after = keyOf(last)
    await new Promise(setImmediate)
  }
}
