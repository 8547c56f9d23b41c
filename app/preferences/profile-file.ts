import type { PreferenceOptions, ProfileContent, SourceWishes } from '../../shared/types/preferences.ts'
import { nameProblem } from './names.ts'
import type { Sentence } from './sentence.ts'

/** Characters of the largest file that is read; the server takes as many bytes. */
export const LARGEST_FILE = 16 * 1024
const MOST_IDS = 100

type Json = Record<string, unknown>

/** The content of a file, or what is wrong with it. */
type ReadProfile = { content: ProfileContent, problem?: undefined } | { content?: undefined, problem: Sentence }

class Unusable extends Error {
  readonly sentence: Sentence

  constructor(key: string, values?: Sentence['values']) {
    super(key)
    this.sentence = { key: `registry.preferences.file.problems.${key}`, ...(values && { values }) }
  }
}

/** What a profile is exported as, and kept as in this browser. */
export function formatProfile(content: ProfileContent): string {
  return `${JSON.stringify({ content }, undefined, 2)}\n`
}

/**
 * Reads what `formatProfile` wrote, or anybody else. Only what a profile can hold comes out, and ids only of sources that there
 * are: another server has others.
 */
export function parseProfile(text: string, options: PreferenceOptions): ReadProfile {
  try {
    if (text.length > LARGEST_FILE) throw new Unusable('tooLarge', { most: LARGEST_FILE / 1024 })
    return { content: readContent(readJson(text), options) }
  } catch (error) {
    if (error instanceof Unusable) return { problem: error.sentence }
    throw error
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Unusable('notJson')
  }
}

function readContent(value: unknown, options: PreferenceOptions): ProfileContent {
  const { content } = objectWith(value, 'file', ['content'])
  const { tarballs, scopes, keys, ...wishes } = objectWith(content, 'content', ['mirrors', 'disabled', 'strategy', 'tarballs', 'scopes', 'keys'])
  const authorities = options.authorities.map(({ id }) => id)
  return {
    ...readWishes(wishes, 'content', options),
    ...(tarballs !== undefined && { tarballs: oneOf(tarballs, 'content.tarballs', options.tarballs) }),
    ...(scopes !== undefined && { scopes: readScopes(scopes, options) }),
    ...(keys !== undefined && { keys: idsOf(keys, 'content.keys', authorities) }),
  }
}

function readScopes(value: unknown, options: PreferenceOptions): Record<string, SourceWishes> {
  if (!isObject(value)) throw new Unusable('notObject', { path: 'content.scopes' })
  const names: string[] = []
  return Object.fromEntries(Object.entries(value).map(([name, wishes]) => {
    const problem = nameProblem(name, names)
    if (problem) throw Object.assign(new Unusable('notJson'), { sentence: problem })
    names.push(name)
    const path = `content.scopes[${name}]`
    return [name, readWishes(objectWith(wishes, path, ['mirrors', 'disabled', 'strategy']), path, options)]
  }))
}

function readWishes({ mirrors, disabled, strategy }: Json, path: string, options: PreferenceOptions): SourceWishes {
  const known = options.authorities.flatMap(({ sources }) => sources.map(({ id }) => id))
  const wishes: SourceWishes = {
    ...(mirrors !== undefined && { mirrors: idsOf(mirrors, `${path}.mirrors`, known) }),
    ...(disabled !== undefined && { disabled: idsOf(disabled, `${path}.disabled`, known) }),
    ...(strategy !== undefined && { strategy: oneOf(strategy, `${path}.strategy`, options.strategies) }),
  }
  const emptied = options.authorities.find(({ sources }) => sources.every(({ id }) => wishes.disabled?.includes(id)))
  if (emptied) throw new Unusable('emptied', { authority: emptied.id })
  return wishes
}

function objectWith(value: unknown, path: string, keys: readonly string[]): Json {
  if (!isObject(value)) throw new Unusable('notObject', { path })
  const stranger = Object.keys(value).find(key => !keys.includes(key))
  if (stranger !== undefined) throw new Unusable('unknownKey', { path, key: stranger.slice(0, 60) })
  return value
}

function idsOf(value: unknown, path: string, known: readonly string[]): string[] {
  if (!Array.isArray(value) || value.length > MOST_IDS) throw new Unusable('notIds', { path })
  return value.map((id: unknown, index) => {
    if (typeof id !== 'string' || value.indexOf(id) !== index) throw new Unusable('notIds', { path })
    if (!known.includes(id)) throw new Unusable('unknownId', { path, id: id.slice(0, 60) })
    return id
  })
}

function oneOf<const T extends string>(value: unknown, path: string, options: readonly T[]): T {
  const found = options.find(option => option === value)
  if (found === undefined) throw new Unusable('notPossible', { path, options: options.join(', ') })
  return found
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
