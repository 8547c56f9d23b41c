import type { ProfileContent, SourceWishes } from '../../shared/types/preferences.ts'
import type { View } from '../npm/index.ts'
import type { Choice } from '../registry/index.ts'
import { bearable, type Choosable } from './choosable.ts'
import { scopePattern } from './content.ts'
import type { Profile } from './holders.ts'

/**
 * What the holder of a profile sees: everybody's view, narrowed and reordered.
 * @param usual everybody's view at the host name in question
 */
export function viewOf({ id, content }: Profile, usual: View, choosable: Choosable): View {
  return {
    ...usual,
    holder: id,
    tarballs: content.tarballs ?? usual.tarballs,
    choiceOf: choices(content, usual, choosable),
    keysOf: keysOf(content, choosable) ?? usual.keysOf,
  }
}

/** Ids in a profile that have no effect: see `ProfileAnswer`. */
export function ignoredOf(content: ProfileContent, choosable: Choosable): string[] {
  const all = [content, ...Object.values(content.scopes ?? {})]
  const gone = [...all.flatMap(({ mirrors = [] }) => mirrors), ...content.keys ?? []].filter(id => !choosable.ids.has(id))
  const unbearable = all.flatMap(({ disabled = [] }) => {
    const possible = bearable(disabled, choosable)
    return disabled.filter(id => !possible.includes(id))
  })
  return [...new Set([...gone, ...unbearable])].toSorted()
}

/** The public sources that are asked for tarballs, of any package: those that are put first, then the others as configured. */
export function askedOf(content: ProfileContent, choosable: Choosable): string[] {
  const all = [content, ...Object.values(content.scopes ?? {})]
  const isAsked = (id: string) => [content, ...all.filter(({ disabled }) => disabled)]
    .some(({ disabled = [] }) => !bearable(disabled, choosable).includes(id))
  const named = all.flatMap(({ mirrors = [] }) => mirrors)
  return [...new Set([...named, ...choosable.open])].filter(id => choosable.open.has(id) && isAsked(id))
}

/** The most specific entry decides: the exact name, then the longest beginning. Every choice is made once. */
function choices(content: ProfileContent, usual: View, choosable: Choosable): View['choiceOf'] {
  const exact = new Map<string, SourceWishes>()
  const beginnings: [beginning: string, wishes: SourceWishes][] = []
  for (const [key, wishes] of Object.entries(content.scopes ?? {})) {
    const pattern = scopePattern(key)
    if (pattern.endsWith('*')) beginnings.push([pattern.slice(0, -1), wishes])
    else exact.set(pattern, wishes)
  }
  beginnings.sort(([a], [b]) => b.length - a.length)

  const made = new WeakMap<SourceWishes, WeakMap<Choice, Choice>>()
  const make = (wishes: SourceWishes, before: Choice): Choice => {
    let byChoice = made.get(wishes)
    if (!byChoice) made.set(wishes, byChoice = new WeakMap())
    let choice = byChoice.get(before)
    if (!choice) byChoice.set(before, choice = choose(wishes, before, choosable))
    return choice
  }
  return (name) => {
    const general = make(content, usual.choiceOf(name))
    const wishes = exact.get(name)
      ?? beginnings.find(([beginning]) => name.length > beginning.length && name.startsWith(beginning))?.[1]
    return wishes ? make(wishes, general) : general
  }
}

function choose({ mirrors, disabled, strategy }: SourceWishes, before: Choice, choosable: Choosable): Choice {
  return {
    strategy: strategy ?? before.strategy,
    order: mirrors?.filter(id => choosable.ids.has(id)) ?? before.order,
    disabled: disabled ? new Set(bearable(disabled, choosable)) : before.disabled,
  }
}

/** If none of them is there any more, it is no choice. */
function keysOf({ keys }: ProfileContent, { ids }: Choosable): ReadonlySet<string> | undefined {
  const there = keys?.filter(id => ids.has(id)) ?? []
  return there.length > 0 ? new Set(there) : undefined
}
