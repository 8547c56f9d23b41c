import * as jsonc from 'jsonc-parser'
import { lineAt, LockfileError, malformed, quote } from './errors.ts'

const MAX_DEPTH = 100

/** JSON as npm reads it; the last of several equal keys counts. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new LockfileError('MALFORMED', 'The text is not JSON.', { line: lineOfError(text), cause })
  }
}

/**
 * JSON with comments and trailing commas; objects become maps, so that no key is special.
 *
 * @throws LockfileError for broken syntax, equal keys in one object, and more than {@link MAX_DEPTH} levels.
 */
export function readJsonc(text: string): unknown {
  let result: unknown
  const open: { value: Map<string, unknown> | unknown[], key: string }[] = []
  const refuse = (message: string, offset: number) => malformed(message, lineAt(text, offset))

  const add = (value: unknown) => {
    const parent = open.at(-1)
    if (!parent) result = value
    else if (Array.isArray(parent.value)) parent.value.push(value)
    else parent.value.set(parent.key, value)
  }
  const begin = (value: Map<string, unknown> | unknown[], offset: number) => {
    if (open.length === MAX_DEPTH) throw refuse(`The text is nested deeper than ${MAX_DEPTH} levels.`, offset)
    add(value)
    open.push({ value, key: '' })
  }
  jsonc.visit(text, {
    onObjectBegin: offset => begin(new Map(), offset),
    onArrayBegin: offset => begin([], offset),
    onObjectEnd: () => void open.pop(),
    onArrayEnd: () => void open.pop(),
    onObjectProperty(key, offset) {
      const parent = open.at(-1)!
      if (!Array.isArray(parent.value) && parent.value.has(key)) throw refuse(`The key ${quote(key)} occurs twice.`, offset)
      parent.key = key
    },
    onLiteralValue: add,
    onError(error, offset) {
      throw refuse(`The text is not JSON (${jsonc.printParseErrorCode(error)}).`, offset)
    },
  }, { allowTrailingComma: true })
  return result
}

/** Engines tell the place of a syntax error differently or not at all. */
function lineOfError(text: string): number | undefined {
  let line: number | undefined
  let depth = 0
  const found = (offset: number) => {
    line = lineAt(text, offset)
    throw new Error('found')
  }
  const deeper = (offset: number) => void (++depth > MAX_DEPTH && found(offset))
  try {
    jsonc.visit(text, {
      onObjectBegin: deeper,
      onArrayBegin: deeper,
      onObjectEnd: () => void depth--,
      onArrayEnd: () => void depth--,
      onError: (_, offset) => found(offset),
    }, { disallowComments: true })
  } catch {
    // The way out of the visitor.
  }
  return line
}
