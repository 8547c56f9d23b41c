import { RecordError, quote } from './errors.ts'
import { KINDS } from './kinds.ts'
import { createLineReader } from './lines.ts'
import type { LogRecord } from './types.ts'

/** Bytes. Entry bundles write an entry's length as a uint16. */
export const MAX_RECORD_SIZE = 65_535

/**
 * The text of a record, which is a leaf of the log. One record has one text.
 * @throws RecordError `BAD_RECORD`, `BAD_SUBJECT`; `TOO_LARGE` for more than {@link MAX_RECORD_SIZE} bytes
 */
export function formatRecord(record: LogRecord): string {
  if (!Object.hasOwn(KINDS, record.kind)) throw new RecordError('BAD_RECORD', `${quote(record.kind)} is not a kind of record.`)
  const { write } = KINDS[record.kind] as { write: (record: LogRecord) => (string | undefined)[] }
  const text = `${write(record).filter(one => one !== undefined).join('\n')}\n`
  // All of it is ASCII: characters are bytes.
  if (text.length > MAX_RECORD_SIZE) {
    throw new RecordError('TOO_LARGE', `The record would have ${text.length} bytes; at most ${MAX_RECORD_SIZE} fit into the log.`)
  }
  return text
}

/**
 * Reads what {@link formatRecord} writes, and nothing else: `formatRecord(parseRecord(text)) === text` for every text it accepts.
 * @throws RecordError
 */
export function parseRecord(text: string): LogRecord {
  if (text.length > MAX_RECORD_SIZE) {
    throw new RecordError('TOO_LARGE', `The record has more than ${MAX_RECORD_SIZE} characters.`)
  }
  const bad = /[^\x20-\x7E\n]/.exec(text)?.[0]
  if (bad !== undefined) {
    const code = bad.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
    throw new RecordError('BAD_RECORD', `The record has the character U+${code}; only printable ASCII and line feeds are allowed.`)
  }
  if (!text.endsWith('\n')) throw new RecordError('BAD_RECORD', 'The record does not end in a line feed.')

  const [first = '', ...rest] = text.slice(0, -1).split('\n')
  const space = first.indexOf(' ')
  const kind = first.slice(0, space) as LogRecord['kind']
  if (space < 0 || !Object.hasOwn(KINDS, kind)) {
    throw new RecordError('BAD_RECORD', `${quote(first)} does not begin with a kind of record and a subject.`)
  }
  const lines = createLineReader(rest)
  const record = { kind, ...KINDS[kind].read(first.slice(space + 1), lines) } as LogRecord
  lines.end()
  if (formatRecord(record) !== text) throw new RecordError('BAD_RECORD', `The record of kind ${kind} is not in its canonical form.`)
  return record
}
