import { formatPurl, formatRecord, type LogRecord, type PackageSubject, type RecordDraft } from '../../shared/record/index.ts'

/** A draft, checked and written, and how the database finds what stands for it. */
export interface Filing extends Place {
  draft: RecordDraft
  /** Its text before and behind the time that it will be recorded at. */
  text: readonly [string, string]
}

/** What the database finds a record by. */
interface Place {
  kind: LogRecord['kind']
  /** Package URL without version; null for records that are not about a package. */
  purl: string | null
  version: string | null
  /** What records of one kind and subject may exist once for each of; null: any number. */
  key: string | null
}

const EPOCH = new Date(0).toISOString()
/** No other line of a record begins so. */
const RECORDED = '\nrecorded '

/** @throws RecordError for a draft that is no record, whatever its time: in a commit it would fail all others */
export function file(draft: RecordDraft): Filing {
  const text = formatRecord(at(draft, EPOCH))
  const time = text.indexOf(RECORDED) + RECORDED.length
  return { ...placeOf(draft), draft, text: [text.slice(0, time), text.slice(time + EPOCH.length)] }
}

/** The same for two filings of which only one can be recorded; undefined: any number can. */
export function identityOf({ kind, purl, version, key }: Place): string | undefined {
  return kind === 'version' || key !== null ? `${kind} ${purl} ${version} ${key}` : undefined
}

/** The record that a draft becomes at a time (ISO 8601). */
export function at(draft: RecordDraft, recorded: string): LogRecord {
  return { ...draft, recorded }
}

/** Versions are recorded package by package: the last one's is asked for again and again. */
let last: PackageSubject & { purl: string } = { name: '', purl: '' }

/** The package of a subject, as the database names it. */
export function packagePurl({ name, namespace }: PackageSubject): string {
  if (name !== last.name || namespace !== last.namespace) {
    last = { name, namespace, purl: formatPurl(namespace === undefined ? { name } : { name, namespace }) }
  }
  return last.purl
}

/** Where a draft, or the record it became, is filed. */
export function placeOf(draft: RecordDraft): Place {
  const { kind } = draft
  switch (draft.kind) {
    case 'version':
      return { kind, purl: packagePurl(draft.subject), version: draft.subject.version, key: null }
    case 'withdrawn':
      // That a version is gone is said once.
      return { kind, purl: packagePurl(draft.subject), version: draft.subject.version, key: '' }
    case 'conflict':
      return { kind, purl: packagePurl(draft.subject), version: draft.subject.version, key: `${draft.other} ${draft.source}` }
    case 'acknowledged':
      return { kind, purl: packagePurl(draft.subject), version: draft.subject.version, key: draft.incident }
    case 'tags':
      return { kind, purl: packagePurl(draft.subject), version: null, key: null }
    default:
      return { kind, purl: null, version: null, key: null }
  }
}
