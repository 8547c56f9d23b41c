import { CST, isMap, isNode, isScalar, isSeq, Lexer, parseAllDocuments } from 'yaml'
import { lineAt, LockfileError, malformed, quote } from './errors.ts'

const MAX_DEPTH = 50
const TOO_DEEP = `The text is nested deeper than ${MAX_DEPTH} levels.`

/** pnpm writes two at most. */
const MAX_DOCUMENTS = 2
const TOO_MANY = `The text has more than ${MAX_DOCUMENTS} YAML documents.`

/** Each takes hundreds of bytes when parsed, however few characters it has: together they stay below a gigabyte. */
const MAX_PIECES = 2_000_000

/**
 * The documents of a YAML text: maps, lists and texts only, as the failsafe schema has them.
 *
 * @throws LockfileError for broken syntax, equal keys in one mapping, too much of it, and for aliases, tags and merge keys: no
 *   client writes them, and clients do not agree on what they mean.
 */
export function readYaml(text: string): unknown[] {
  limit(text)
  // Unless told not to, the library compares each key with every other one of its mapping.
  const options = { schema: 'failsafe', uniqueKeys: false, prettyErrors: false, stringKeys: true, logLevel: 'silent' } as const
  const documents = parseAllDocuments(text, options)
  if (documents.length > MAX_DOCUMENTS) throw malformed(TOO_MANY)
  return documents.map((document) => {
    const problem = document.errors[0] ?? document.warnings[0]
    if (problem) throw malformed(`The text is not the YAML of a lockfile (${problem.code}).`, lineAt(text, problem.pos[0]))
    return valueOf(document.contents, text, 0)
  })
}

/** Goes through the pieces before anything is made of them: the library has no limits of its own. */
function limit(text: string): void {
  let pieces = 0
  let depth = 0
  let documents = 0
  let isText = false
  for (const piece of new Lexer().lex(text)) {
    if (++pieces > MAX_PIECES) throw new LockfileError('TOO_LARGE', `The YAML text has more than ${MAX_PIECES} pieces of syntax.`)
    if (isText) isText = false
    else if (piece === CST.SCALAR) isText = true
    else if (piece === '[' || piece === '{') depth++
    else if (piece === ']' || piece === '}') depth--
    else if (piece === '---') documents++
    if (depth > MAX_DEPTH) throw malformed(TOO_DEEP)
    if (documents > MAX_DOCUMENTS) throw malformed(TOO_MANY)
  }
}

function valueOf(node: unknown, text: string, depth: number): unknown {
  const refuse = (message: string, at: unknown = node) => malformed(message, lineOf(at, text))
  if (node === null || node === undefined) return ''
  if (depth > MAX_DEPTH) throw refuse(TOO_DEEP)
  if (isNode(node) && 'tag' in node && node.tag !== undefined) throw refuse('The text uses tags, which no client writes.')
  if (isScalar(node) && typeof node.value === 'string') return node.value
  if (isSeq(node)) return node.items.map(item => valueOf(item, text, depth + 1))
  if (!isMap(node)) throw refuse('The text uses aliases or other YAML that no client writes.')
  const map = new Map<string, unknown>()
  for (const { key: keyNode, value } of node.items) {
    const key = isScalar(keyNode) ? keyNode.value : undefined
    if (typeof key !== 'string' || key === '<<') throw refuse('The text uses merge keys or keys that are not texts.', keyNode)
    if (map.has(key)) throw refuse(`The key ${quote(key)} occurs twice.`, keyNode)
    map.set(key, valueOf(value, text, depth + 1))
  }
  return map
}

function lineOf(node: unknown, text: string): number | undefined {
  const offset = (node as { range?: readonly number[] | null } | null)?.range?.[0]
  return offset === undefined ? undefined : lineAt(text, offset)
}
