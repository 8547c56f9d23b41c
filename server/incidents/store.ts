import { and, count, desc, eq, gte, inArray, isNotNull, isNull, lt, or, sql, type SQL } from 'drizzle-orm'
import { formatPurl } from '../../shared/record/index.ts'
import type { Acknowledgement, Evidence, IncidentKind } from '../../shared/types/incidents.ts'
import { tables, type Database } from '../database/index.ts'
import { bounded } from './bounded.ts'
import type { IncidentQuery, IncidentReport, Incidents, StoredIncident } from './types.ts'

const { incidents, deliveries } = tables

/** Rows of one statement: SQLite takes 32,766 parameters. */
const ROWS = 1_000

/**
 * @param noticed told of every new incident
 * @param receivers to whom each new incident is to be delivered: see `createWebhooks`
 */
export function createIncidents(
  { orm }: Database, noticed: (incident: IncidentReport) => void, receivers: readonly string[] = [],
): Incidents {
  async function insert(reports: readonly IncidentReport[]): Promise<string[]> {
    const now = Date.now()
    const rows = reports.map(report => rowOf(report, now))
    const inserting = orm.insert(incidents).values(rows).onConflictDoNothing().returning({ cause: incidents.cause })
    // In one transaction: what is kept is delivered, whatever happens to this process.
    const [inserted] = await orm.batch([inserting, ...receivers.map(receiver => orm.insert(deliveries).select(
      orm.select({
        incident: incidents.id, receiver: sql<string>`${receiver}`.as('receiver'), attempts: sql<number>`0`.as('attempts'),
        next: sql<number>`${now}`.as('next'), delivered: sql<null>`NULL`.as('delivered'), error: sql<null>`NULL`.as('error'),
      }).from(incidents).where(and(eq(incidents.noticed, now), inArray(incidents.cause, rows.map(({ cause }) => cause)))),
    ).onConflictDoNothing())])
    return inserted.map(({ cause }) => cause)
  }

  return {
    async report(reports) {
      const added = new Set<string>()
      for (let start = 0; start < reports.length; start += ROWS) {
        for (const cause of await insert(reports.slice(start, start + ROWS))) added.add(cause)
      }
      const told = new Set<string>()
      for (const report of reports) {
        if (!added.has(report.cause) || told.has(report.cause)) continue
        told.add(report.cause)
        noticed(report)
      }
      return added
    },
    async list(query) {
      const rows = await orm.select().from(incidents).where(and(...conditionsOf(query)))
        .orderBy(desc(incidents.id)).limit(query.limit).all()
      return rows.map(incidentOf)
    },
    async find(id) {
      const row = await orm.select().from(incidents).where(eq(incidents.id, id)).get()
      return row && incidentOf(row)
    },
    async acknowledge(id, { at, ...acknowledgement }) {
      const changed = await orm.update(incidents)
        .set({ acknowledged: Date.parse(at), acknowledgement: JSON.stringify(acknowledgement) })
        .where(and(eq(incidents.id, id), isNull(incidents.acknowledged))).returning({ id: incidents.id })
      return changed.length > 0
    },
    async countOpen() {
      // Written out, so that the partial index applies.
      const row = await orm.select({ count: count() }).from(incidents)
        .where(and(sql`acknowledged IS NULL`, eq(incidents.isPrivate, false))).get()
      return row?.count ?? 0
    },
    async openBySource() {
      // Written out, so that the partial index applies.
      const rows = await orm.select({ source: incidents.source, kind: incidents.kind, count: count() }).from(incidents)
        .where(sql`acknowledged IS NULL`).groupBy(incidents.source, incidents.kind).all()
      const counts = new Map<string, Partial<Record<IncidentKind, number>>>()
      for (const { source, kind, count } of rows) counts.set(source, { ...counts.get(source), [kind]: count })
      return counts
    },
  }
}

function rowOf({ evidence, ...report }: IncidentReport, noticed: number): typeof incidents.$inferInsert {
  const { claimed, details, ...ours } = evidence
  const kept: Evidence = {
    ...ours,
    ...(claimed && { claimed: bounded(claimed) as Evidence['claimed'] }),
    ...(details && { details: bounded(details) as Evidence['details'] }),
  }
  return {
    ...report, noticed,
    cause: report.cause.toWellFormed(), sentence: report.sentence.toWellFormed(), evidence: JSON.stringify(kept),
  }
}

function incidentOf(row: typeof incidents.$inferSelect): StoredIncident {
  const { subject, record, evidence, acknowledged, acknowledgement, kind, ...rest } = row
  return {
    ...rest,
    kind: kind as IncidentKind,
    ...(subject !== null && { subject }),
    ...(record !== null && { record }),
    evidence: JSON.parse(evidence) as Evidence,
    ...(acknowledged !== null && { acknowledged: {
      ...JSON.parse(acknowledgement ?? '{}') as Omit<Acknowledgement, 'at'>,
      at: new Date(acknowledged).toISOString(),
    } }),
  }
}

function conditionsOf({ before, kind, source, package: name, state, withPrivate }: IncidentQuery): (SQL | undefined)[] {
  return [
    before === undefined ? undefined : lt(incidents.id, before),
    kind && eq(incidents.kind, kind),
    source === undefined ? undefined : eq(incidents.source, source),
    name === undefined ? undefined : isAbout(name),
    state && (state === 'open' ? isNull(incidents.acknowledged) : isNotNull(incidents.acknowledged)),
    withPrivate ? undefined : eq(incidents.isPrivate, false),
  ]
}

/** The package of any registry, or a version of it. A range, so that the index on subjects applies. */
function isAbout(name: string): SQL | undefined {
  const purl = formatPurl({ name })
  // Behind the name stands nothing, `?` and the namespace, or `@`, which is the next character, and the version.
  return or(eq(incidents.subject, purl), and(gte(incidents.subject, `${purl}?`), lt(incidents.subject, `${purl}A`)))
}
