import { formatPurl, parseRecord, RecordError, type VersionRecord } from '../record/index.ts'
import { parseGoLookup, TlogError } from '../tlog/index.ts'
import { LogError } from './errors.ts'

/** What a log answers to a lookup; nothing of it is proven yet. */
export interface LookupAnswer {
  index: number
  record: VersionRecord
  text: string
  note: string
}

/**
 * The path of a version's lookup.
 *
 * @throws RecordError `BAD_SUBJECT` for what cannot be the name or version of a package
 */
export function lookupPath(name: string, version: string): string {
  formatPurl({ name, version })
  // Neither has characters that mean anything in a URL's path, but for the plus, which not all servers take for a plus.
  return `lookup/npm/${name}@${version.replaceAll('+', '%2B')}`
}

/**
 * Takes an answer apart, and checks that it is about exactly this version.
 *
 * @throws LogError `MALFORMED`, `BAD_LOOKUP`, `OTHER_AUTHORITY`
 */
export function parseLookup(
  answer: string, name: string, version: string, namespaces: readonly (string | undefined)[],
): LookupAnswer {
  const asked = formatPurl({ name, version })
  const { index, record: text, note } = parseAnswer(answer, asked)
  const record = parseText(text, asked)
  if (record.kind !== 'version' || record.subject.name !== name || record.subject.version !== version) {
    const [first] = text.split('\n', 1)
    throw new LogError('BAD_LOOKUP', `The lookup of ${asked} was answered with another record, "${first}".`, {
      evidence: { checkpoints: [note] },
    })
  }
  const { namespace } = record.subject
  if (!namespaces.includes(namespace)) {
    throw new LogError('OTHER_AUTHORITY', `The log has ${name}@${version} as a package of ${namespace ?? 'its default registry'}, which is another package than one of that name elsewhere.`, {
      evidence: { checkpoints: [note] },
    })
  }
  return { index, record, text, note }
}

function parseAnswer(answer: string, asked: string) {
  try {
    // Ours has the form of Go's: index line, record, empty line, note.
    return parseGoLookup(answer)
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause
    throw new LogError('MALFORMED', `The answer to the lookup of ${asked} has not the form of one: ${cause.message}`, { cause })
  }
}

function parseText(text: string, asked: string) {
  try {
    return parseRecord(text)
  } catch (cause) {
    if (!(cause instanceof RecordError)) throw cause
    throw new LogError('BAD_LOOKUP', `The lookup of ${asked} was answered with what is no record: ${cause.message}`, { cause })
  }
}
