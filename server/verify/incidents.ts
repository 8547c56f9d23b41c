import { tables, type Database } from '../database/index.ts'

/** A broken rule, with what proves it. */
export interface Incident {
  kind: 'conflict'
  /** One incident for each of these. */
  cause: string
  /** Package URL with version. */
  subject: string
  /** Index of the log's record of it; absent for private names. */
  record?: number
  evidence: object
}

export interface Incidents {
  /** Keeps what is new. @returns the causes that were not known */
  add(incidents: readonly Incident[]): Promise<Set<string>>
}

/** Rows of one statement: SQLite takes 32,766 parameters. */
const ROWS = 1_000

export function createIncidents({ orm }: Database): Incidents {
  return {
    async add(incidents) {
      const noticed = Date.now()
      const added = new Set<string>()
      for (let start = 0; start < incidents.length; start += ROWS) {
        const rows = incidents.slice(start, start + ROWS)
          .map(({ evidence, ...incident }) => ({ ...incident, evidence: JSON.stringify(evidence), noticed }))
        const inserted = await orm.insert(tables.incidents).values(rows).onConflictDoNothing()
          .returning({ cause: tables.incidents.cause })
        for (const { cause } of inserted) added.add(cause)
      }
      return added
    },
  }
}
