import { LockfileError, malformed, quote } from './errors.ts'

export interface Entry {
  /** What was asked for: `name@range`. */
  patterns: string[]
  version: string
  resolved?: string
  integrity?: string
  /** Counted from 1. */
  line: number
}

/**
 * The entries of Yarn 1's own format, which is not YAML: patterns at the margin, fields indented by two spaces, and what belongs
 * to a list of dependencies by four. Stricter than Yarn: it accepts what Yarn writes, and nothing that could be read in two ways.
 *
 * @throws LockfileError with the line.
 */
export function readEntries(text: string): Entry[] {
  const entries: Entry[] = []
  let fields = new Map<string, string>()
  let inList = false
  let number = 0

  const finish = () => {
    const entry = entries.at(-1)
    if (!entry) return
    const version = fields.get('version')
    if (version === undefined) throw malformed('The entry has no version.', entry.line)
    entry.version = version
    entry.resolved = fields.get('resolved')
    entry.integrity = fields.get('integrity')
  }

  for (const raw of linesOf(text)) {
    number++
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    const content = line.replace(/^ +/, '')
    const indent = line.length - content.length
    if (content === '') continue
    if (content.startsWith('#')) {
      const version = /^# yarn lockfile v(\S+)/.exec(content)?.[1]
      if (version !== undefined && version !== '1') {
        throw new LockfileError('UNKNOWN_VERSION', `This is version ${quote(version)} of Yarn's lockfile; known is 1.`, { line: number })
      }
      continue
    }
    const { words, isHead } = wordsOf(content, number)
    if (indent === 0) {
      if (!isHead) throw malformed('An entry begins with what was asked for, and a colon.', number)
      finish()
      entries.push({ patterns: words, version: '', line: number })
      fields = new Map()
      inList = false
    } else if (indent === 2 && entries.length > 0) {
      const [name, value] = words
      inList = isHead
      if (isHead && words.length === 1) continue
      if (isHead || words.length !== 2) throw malformed('A field is a name and a value.', number)
      if (fields.has(name!)) throw malformed(`The field ${quote(name!)} occurs twice.`, number)
      fields.set(name!, value!)
    } else if (indent !== 4 || !inList || isHead || words.length !== 2) {
      throw malformed('The indentation is not Yarn\'s.', number)
    }
  }
  finish()
  return entries
}

/** One line at a time: a copy of all of them would take several times the text. */
function* linesOf(text: string): Generator<string> {
  let start = 0
  while (start <= text.length) {
    const end = text.indexOf('\n', start)
    yield text.slice(start, end === -1 ? text.length : end)
    if (end === -1) return
    start = end + 1
  }
}

/** The words of a line: separated by commas and closed by a colon (the head of something), or separated by spaces. */
function wordsOf(content: string, line: number): { words: string[], isHead: boolean } {
  const words: string[] = []
  const separators: string[] = []
  const word = /("[^"\\]*(?:\\.[^"\\]*)*"|[^\s",:]+)(, |:$| |$)/y
  while (word.lastIndex < content.length) {
    const at = word.lastIndex
    const [, token, separator] = word.exec(content) ?? []
    if (token === undefined) throw malformed(`The text ${quote(content.slice(at))} is not what Yarn writes.`, line)
    words.push(token.startsWith('"') ? unquote(token, line) : token)
    separators.push(separator!)
  }
  const last = separators.pop()
  if (last === ':' && separators.every(separator => separator === ', ')) return { words, isHead: true }
  if (last === '' && separators.every(separator => separator === ' ')) return { words, isHead: false }
  throw malformed('Commas separate what was asked for, spaces separate a field and its value.', line)
}

function unquote(token: string, line: number): string {
  try {
    return JSON.parse(token) as string
  } catch (cause) {
    throw new LockfileError('MALFORMED', `The text ${quote(token)} is not quoted as JSON.`, { line, cause })
  }
}
