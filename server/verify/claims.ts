import { sql } from 'drizzle-orm'
import { tables, type Database } from '../database/index.ts'

const { claims } = tables

/** That a source says: this version (a package URL) has this sha512. */
export interface Claim {
  subject: string
  /** Id of a registry. */
  source: string
  integrity: string
}

/** What sources said of versions, where a route wants several that agree. The last word of each counts. */
export interface ClaimBook {
  of(subjects: readonly string[]): Promise<Claim[]>
  add(claims: readonly Claim[]): Promise<void>
}

/** Rows of one statement: SQLite takes 32,766 parameters. */
const ROWS = 1_000

export function createClaimBook({ orm }: Database): ClaimBook {
  return {
    of: subjects => orm.select({ subject: claims.subject, source: claims.source, integrity: claims.integrity }).from(claims)
      .where(sql`${claims.subject} IN (SELECT value FROM json_each(${JSON.stringify(subjects)}))`).all(),
    async add(added) {
      const seen = Date.now()
      for (let start = 0; start < added.length; start += ROWS) {
        await orm.insert(claims).values(added.slice(start, start + ROWS).map(claim => ({ ...claim, seen })))
          .onConflictDoUpdate({ target: [claims.subject, claims.source], set: { integrity: sql`excluded.integrity`, seen } })
      }
    },
  }
}
