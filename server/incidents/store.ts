import { tables, type Database } from '../database/index.ts'
import type { IncidentReport, Incidents } from './types.ts'

/** Rows of one statement: SQLite takes 32,766 parameters. */
const ROWS = 1_000

/** @param noticed told of every new incident */
export function createIncidents({ orm }: Database, noticed: (incident: IncidentReport) => void): Incidents {
  return {
    async report(reports) {
      const added = new Set<string>()
      for (let start = 0; start < reports.length; start += ROWS) {
        const some = reports.slice(start, start + ROWS)
        const now = Date.now()
        const rows = some.map(({ evidence, ...report }) => ({ ...report, evidence: JSON.stringify(evidence), noticed: now }))
        const inserted = await orm.insert(tables.incidents).values(rows).onConflictDoNothing()
          .returning({ cause: tables.incidents.cause })
        for (const { cause } of inserted) added.add(cause)
      }
      for (const report of reports) {
        if (added.has(report.cause)) noticed(report)
      }
      return added
    },
  }
}
