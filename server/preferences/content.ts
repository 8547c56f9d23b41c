import * as v from 'valibot'
import type { ProfileContent, SourceWishes } from '../../shared/types/preferences.ts'
import { BadValue } from '../config/error.ts'
import { nearestKey } from '../config/nearest.ts'
import { parsePattern } from '../config/patterns.ts'
import { show } from '../config/show.ts'
import { RegistryError } from '../errors.ts'
import { emptied, type Choosable } from './choosable.ts'

export const STRATEGIES = ['priority', 'fastest', 'spread'] as const
export const TARBALL_MODES = ['auto', 'upstream', 'self'] as const

/** More is not said by hand. */
const MOST_IDS = 100
const MOST_SCOPES = 100
/** Bytes of a profile's JSON, however many changes it took to get there. */
const LARGEST = 16 * 1024

const ids = v.pipe(
  v.array(v.string('must be an id.'), 'must be a list of ids.'),
  v.maxLength(MOST_IDS, `has more than ${MOST_IDS} ids.`),
  v.check(list => new Set(list).size === list.length, 'names an id twice.'),
)

const wishes = {
  mirrors: v.optional(ids),
  disabled: v.optional(ids),
  strategy: v.optional(v.picklist(STRATEGIES, oneOf(STRATEGIES))),
}

const whole = {
  ...wishes,
  tarballs: v.optional(v.picklist(TARBALL_MODES, oneOf(TARBALL_MODES))),
  scopes: v.optional(v.custom<Record<string, unknown>>(isObject, 'must be an object of names and what is chosen for them.')),
  keys: v.optional(v.pipe(ids, v.minLength(1, 'is empty. Leave it out to receive the keys of all.'))),
}

interface Knowledge {
  choosable: Choosable
  /** Ids that whoever sends this knows already, beside those that anybody may. */
  known: ReadonlySet<string>
}

/**
 * A profile's content. It can only narrow and reorder what the configuration has.
 * @throws RegistryError `BAD_REQUEST`, with the path of the first bad value
 */
export function parseContent(value: unknown, knowledge: Knowledge): ProfileContent {
  const content = parse(whole, value, 'content')
  checkWishes(content, 'content', knowledge)
  checkKeys(content.keys, knowledge)
  const parsed: ProfileContent = content.scopes === undefined
    ? { ...content, scopes: undefined }
    : { ...content, scopes: parseScopes(content.scopes, knowledge) }
  if (Buffer.byteLength(JSON.stringify(parsed)) > LARGEST) throw bad(`content: is larger than ${LARGEST} bytes.`)
  return JSON.parse(JSON.stringify(parsed)) as ProfileContent
}

/** `@acme` stands for everything in it. @throws BadValue */
export function scopePattern(key: string): string {
  return parsePattern(/^@[^/*]+$/.test(key) ? `${key}/*` : key)
}

function parseScopes(scopes: Record<string, unknown>, knowledge: Knowledge): Record<string, SourceWishes> {
  const entries = Object.entries(scopes)
  if (entries.length > MOST_SCOPES) throw bad(`content.scopes: has more than ${MOST_SCOPES} names.`)
  const seen = new Map<string, string>()
  return Object.fromEntries(entries.map(([key, value]) => {
    const path = `content.scopes[${JSON.stringify(key.slice(0, 220))}]`
    const pattern = patternOf(key, path)
    const same = seen.get(pattern)
    if (same !== undefined) throw bad(`${path}: is the same as ${show(same)}. Remove one of them.`)
    seen.set(pattern, key)
    const chosen = parse(wishes, value, path)
    checkWishes(chosen, path, knowledge)
    return [key, chosen]
  }))
}

function patternOf(key: string, path: string): string {
  try {
    return scopePattern(key)
  } catch (error) {
    if (!(error instanceof BadValue)) throw error
    throw bad(`${path}: ${error.message} "@scope" is possible too.`)
  }
}

/** Objects have no other keys than these; `__proto__` and `constructor` are other keys. */
function parse<const Entries extends v.ObjectEntries>(
  entries: Entries, value: unknown, path: string,
): v.InferOutput<v.ObjectSchema<Entries, undefined>> {
  if (!isObject(value)) throw bad(`${path}: ${value === undefined ? 'is missing.' : 'must be an object.'}`)
  const known = Object.keys(entries)
  const stranger = Object.keys(value).find(key => !known.includes(key))
  if (stranger !== undefined) {
    const nearest = nearestKey(stranger, known)
    throw bad(`${path}: ${show(stranger)} is an unknown key. ${nearest === undefined ? `Known are ${known.join(', ')}.` : `Did you mean "${nearest}"?`}`)
  }
  const result = v.safeParse(v.object(entries), value, { abortEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  const place = (issue.path ?? []).map(({ key }) => typeof key === 'number' ? `[${key}]` : `.${String(key)}`).join('')
  throw bad(`${path}${place}: ${issue.message}`)
}

function checkWishes({ mirrors = [], disabled = [] }: SourceWishes, path: string, { choosable, known }: Knowledge): void {
  const knows = (id: string) => choosable.open.has(id) || known.has(id)
  for (const [key, list] of [['mirrors', mirrors], ['disabled', disabled]] as const) {
    for (const [index, id] of list.entries()) {
      if (!knows(id)) throw bad(`${path}.${key}[${index}]: ${unknownId(id, [...choosable.open])}`)
    }
  }
  const left = emptied(disabled, choosable.groups)
  if (left) throw bad(`${path}.disabled: would leave nobody to deliver what is at "${left.authority}". Leave one of ${left.sources.join(', ')}.`)
}

function checkKeys(keys: readonly string[] = [], { choosable: { groups }, known }: Knowledge): void {
  const authorities = groups.filter(group => !group.isPrivate || known.has(group.authority))
  for (const [index, id] of keys.entries()) {
    if (authorities.some(({ authority }) => authority === id)) continue
    const owner = authorities.find(({ sources }) => sources.includes(id))
    if (owner) throw bad(`content.keys[${index}]: ${show(id)} is a mirror and has no keys of its own. Name "${owner.authority}".`)
    if (!known.has(id)) throw bad(`content.keys[${index}]: ${unknownId(id, authorities.map(({ authority }) => authority))}`)
  }
}

function unknownId(id: string, possible: readonly string[]): string {
  const nearest = nearestKey(id, possible)
  const shown = possible.slice(0, 20).join(', ')
  return `${show(id)} is no registry here. ${nearest === undefined ? `There are ${shown}${possible.length > 20 ? ' and more' : ''}.` : `Did you mean "${nearest}"?`}`
}

function oneOf(options: readonly string[]) {
  return (issue: { input: unknown }) => `${show(issue.input)} is not possible. Use ${options.map(option => `"${option}"`).join(' or ')}.`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function bad(sentence: string): RegistryError {
  return new RegistryError('BAD_REQUEST', sentence)
}
