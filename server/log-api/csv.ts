import { formatPurl } from '../../shared/record/index.ts'
import type { LogEntry, LogEntryPage } from '../../shared/types/log.ts'

const COLUMNS = ['index', 'kind', 'subject', 'package', 'version', 'evidence', 'integrity', 'recorded'] as const

/** What a spreadsheet would take for the beginning of a formula. */
const FORMULA = /^[=+\-@\t\r]/

/**
 * A page of the log as CSV (RFC 4180), with a header line; the page that follows is named by a `Link` header. A cell that would
 * be a formula, as a name with a scope is, has an apostrophe before it. The subject never has: it begins with `pkg:`.
 */
export function writeCsv(
  { entries, next }: LogEntryPage, query: URLSearchParams, reply: { headers: Record<string, string | number> },
): Buffer {
  reply.headers['content-type'] = 'text/csv; charset=utf-8; header=present'
  reply.headers['content-disposition'] = 'attachment; filename="log.csv"'
  if (next !== null) {
    const following = new URLSearchParams(query)
    following.set('before', String(next))
    reply.headers.link = `<?${following}>; rel="next"`
  }
  const rows = [COLUMNS, ...entries.map(cellsOf)]
  return Buffer.from(rows.map(cells => `${cells.map(writeCell).join(',')}\r\n`).join(''))
}

function cellsOf({ index, record }: LogEntry): string[] {
  const subject = 'subject' in record ? record.subject : undefined
  const isVersion = record.kind === 'version'
  return [
    String(index), record.kind, subject ? formatPurl(subject) : subjectOf(record), subject?.name ?? '',
    'subject' in record && record.kind !== 'tags' ? record.subject.version : '', isVersion ? record.evidence : '',
    isVersion || record.kind === 'conflict' ? record.integrity : '', record.recorded,
  ]
}

/** Of what is about no package. */
function subjectOf(record: LogEntry['record']): string {
  switch (record.kind) {
    case 'keys': return record.namespace
    case 'head': return record.origin
    case 'policy': return record.digest
    default: return ''
  }
}

function writeCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
