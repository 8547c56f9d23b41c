import { sql, type SQL } from 'drizzle-orm'
import {
  formatPurl, parseRecord, type ConflictRecord, type LogRecord, type VersionRecord, type VersionSubject, type WithdrawnRecord,
} from '../../shared/record/index.ts'
import type { Database } from '../database/index.ts'
import { packagePurl } from './draft.ts'

/** What the log says of one version, as far as its published checkpoint goes. */
export interface VersionHistory {
  version?: Entry<VersionRecord>
  /** Oldest first. */
  conflicts: Entry<ConflictRecord>[]
  withdrawn?: Entry<WithdrawnRecord>
  /** Whether it is written down and not public yet. */
  isPending: boolean
}

interface Entry<R extends LogRecord> {
  index: number
  record: R
}

interface Row {
  purl: string
  version: string
  idx: number
  text: string
}

/** Reads the histories of many versions with two queries, whatever their number. */
export function createHistories({ orm }: Database) {
  /** From the few that are asked for to their records, never the other way round. */
  function rowsOf(subjects: readonly VersionSubject[], kinds: SQL): Promise<Row[]> {
    const asked = sql.join(subjects.map(subject => sql`(${packagePurl(subject)}, ${subject.version})`), sql`, `)
    return orm.all<Row>(sql`WITH asked (purl, version) AS (VALUES ${asked})
      SELECT packages.purl, records.version, records.idx, records.text FROM asked
      CROSS JOIN packages ON packages.purl = asked.purl
      CROSS JOIN records ON records.package_id = packages.id AND records.version = asked.version AND ${kinds}
      ORDER BY records.idx`)
  }

  /**
   * @param size of the published log
   * @returns by package URL with version; of every subject, whether anything is recorded or not
   */
  return async function read(subjects: readonly VersionSubject[], size: number): Promise<Map<string, VersionHistory>> {
    const histories = new Map<string, VersionHistory>()
    for (const subject of subjects) histories.set(formatPurl(subject), { conflicts: [], isPending: false })
    if (histories.size === 0) return histories
    const rows = await Promise.all([
      rowsOf(subjects, sql`records.kind = 'version'`),
      // Said in both ways, so that the partial index applies.
      rowsOf(subjects, sql`records.kind <> 'version' AND records.kind IN ('conflict', 'withdrawn')`),
    ])
    for (const { idx: index, text } of rows.flat()) {
      const record = parseRecord(text)
      if (record.kind !== 'version' && record.kind !== 'conflict' && record.kind !== 'withdrawn') continue
      const history = histories.get(formatPurl(record.subject))
      if (!history) continue
      if (index >= size) history.isPending ||= record.kind === 'version'
      else if (record.kind === 'version') history.version = { index, record }
      else if (record.kind === 'withdrawn') history.withdrawn = { index, record }
      else history.conflicts.push({ index, record })
    }
    return histories
  }
}
