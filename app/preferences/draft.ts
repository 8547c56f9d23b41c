import type { ProfileContent, SourceWishes } from '../../shared/types/preferences.ts'

type Json = Record<string, unknown>

/** The choices for single scopes and names, in the order in which they were made. */
export function scopesOf({ scopes }: ProfileContent): [name: string, wishes: SourceWishes][] {
  return Object.entries(scopes ?? {})
}

/** What holds for a scope: what it does not say is as in the rest of the profile. */
export function wishesFor(content: ProfileContent, scope?: string): SourceWishes {
  const { mirrors, disabled, strategy } = content
  const own = scope === undefined ? {} : new Map(scopesOf(content)).get(scope) ?? {}
  return tidy({ mirrors, disabled, strategy, ...own })
}

/** Changes some wishes of everything, or of one scope; undefined takes one back. */
export function change(content: ProfileContent, wishes: SourceWishes, scope?: string): ProfileContent {
  if (scope === undefined) return tidy({ ...content, ...wishes })
  const scopes = new Map(scopesOf(content))
  scopes.set(scope, tidy({ ...scopes.get(scope), ...wishes }, wishesFor(content)))
  return withScopes(content, scopes)
}

export function removeScope(content: ProfileContent, scope: string): ProfileContent {
  return withScopes(content, new Map(scopesOf(content).filter(([name]) => name !== scope)))
}

/** Whether two say the same, in whatever order their keys are. */
export function isSame(a: ProfileContent, b: ProfileContent): boolean {
  return Object.keys(patchOf(a, b)).length === 0
}

/** SPEC: RFC 7396: what makes `after` of `before`. Neither has a null in it. */
export function patchOf(before: ProfileContent, after: ProfileContent): Json {
  return patch(before as Json, after as Json)
}

function patch(before: Json, after: Json): Json {
  const old = new Map(Object.entries(before))
  const entries: [string, unknown][] = []
  for (const [key, value] of Object.entries(after)) {
    const was = old.get(key)
    old.delete(key)
    if (!isObject(value)) {
      if (JSON.stringify(was) !== JSON.stringify(value)) entries.push([key, value])
      continue
    }
    const inner = patch(isObject(was) ? was : {}, value)
    if (!isObject(was) || Object.keys(inner).length > 0) entries.push([key, inner])
  }
  return Object.fromEntries([...entries, ...[...old.keys()].map((key): [string, null] => [key, null])])
}

function withScopes(content: ProfileContent, scopes: ReadonlyMap<string, SourceWishes>): ProfileContent {
  return tidy({ ...content, scopes: scopes.size > 0 ? Object.fromEntries(scopes) : undefined })
}

/**
 * Without what says nothing. An empty list says something only where it takes back what is wished in general.
 * @param general what holds anyway
 */
function tidy<T extends ProfileContent>(content: T, general: SourceWishes = {}): T {
  const isNothing = (key: string, value: unknown) => value === undefined
    || (Array.isArray(value) && value.length === 0 && !general[key as 'mirrors' | 'disabled']?.length)
  return Object.fromEntries(Object.entries(content).filter(([key, value]) => !isNothing(key, value))) as T
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
