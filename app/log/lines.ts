/** A line of a record, taken apart: what it says, and the key of what that means. */
export interface RecordLine {
  /** The first word: `integrity`. Of the first line the record's kind. */
  key: string
  /** All that follows. */
  value: string
  /** Key of the text that explains it. */
  meaning: string
}

/** What the first line of each kind says. */
const FIRST: Readonly<Record<string, string>> = {
  version: 'registry.entry.lines.version',
  conflict: 'registry.entry.lines.conflict',
  withdrawn: 'registry.entry.lines.withdrawn',
  tags: 'registry.entry.lines.tags',
  keys: 'registry.entry.lines.keys',
  head: 'registry.entry.lines.head',
  policy: 'registry.entry.lines.policy',
  acknowledged: 'registry.entry.lines.acknowledged',
}

const MEANINGS: Readonly<Record<string, string>> = {
  integrity: 'registry.entry.lines.integrity',
  manifest: 'registry.entry.lines.manifest',
  published: 'registry.entry.lines.published',
  recorded: 'registry.entry.lines.recorded',
  signature: 'registry.entry.lines.signature',
  other: 'registry.entry.lines.other',
  source: 'registry.entry.lines.source',
  tag: 'registry.entry.lines.tag',
  key: 'registry.entry.lines.key',
  size: 'registry.entry.lines.size',
  root: 'registry.entry.lines.root',
  incident: 'registry.entry.lines.incident',
}

const EVIDENCE: Readonly<Record<string, string>> = {
  signed: 'registry.entry.lines.signed',
  fetched: 'registry.entry.lines.fetched',
  claimed: 'registry.entry.lines.claimed',
}

/** The lines of a record's text, each with what it means. */
export function explainLines(text: string): RecordLine[] {
  return text.trimEnd().split('\n').map((line, n) => {
    const space = line.indexOf(' ')
    const [key, value] = space < 0 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)]
    const known = n === 0 ? FIRST : key === 'evidence' ? EVIDENCE : MEANINGS
    const name = key === 'evidence' && n > 0 ? value : key
    return { key, value, meaning: Object.hasOwn(known, name) ? known[name]! : 'registry.entry.lines.unknown' }
  })
}
