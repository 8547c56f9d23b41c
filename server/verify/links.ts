import { LRUCache } from 'lru-cache'
import type { RegistryConfig, Severity } from '../config/types.ts'
import { EXOTIC } from '../packument/index.ts'
import { label, type Routes } from '../registry/index.ts'
import { linkDenied } from './sentences.ts'
import type { Look, Refusal, Refusals, Rule, VerifyObserver } from './types.ts'

interface LinksOptions {
  routes: Pick<Routes, 'authoritiesOf' | 'authorityBehind' | 'isPrivate'>
  policy: Severity
  observer: Pick<VerifyObserver, 'noted'>
}

const NONE: Refusals = new Map()
/** Versions that were noted lately. */
const MAX_NOTED = 50_000
const LONGEST_NAME = 100

/** A dependency that leads where it must not. */
interface Violation {
  target: string
  /** For sentences. */
  where: string
}

/**
 * Dependencies of an authority's packages lead only to itself and to the authorities that its `links` name; not to what those may
 * link to, and not to what no registry resolves. An authority without `links` may point anywhere.
 */
export function createLinks({ routes, policy, observer }: LinksOptions): Rule {
  const noted = new LRUCache<string, true>({ max: MAX_NOTED })

  /** Where a dependency leads that it must not; undefined: all is well. */
  function leadsAstray(target: string, from: RegistryConfig, isPrivate: boolean): string | undefined {
    if (target.startsWith(EXOTIC)) return `${show(target.slice(EXOTIC.length))}, which no registry resolves`
    const others = routes.authoritiesOf(target).filter(({ id }) => id !== from.id)
    // Who knows a private name and is not private has no business with it, whatever may be linked.
    const mayBe = (other: RegistryConfig) => from.links!.includes(other.id) && (isPrivate || !routes.isPrivate(target))
    const astray = others.find(other => !mayBe(other))
    return astray && `${show(target)}, which is routed to registry ${label(astray)}`
  }

  /** Of each open version that breaks the rule, why. */
  function violations(look: Look, from: RegistryConfig): Map<string, Violation> {
    const known = new Map<string, string | undefined>()
    const judge = (target: string) => {
      if (!known.has(target)) known.set(target, leadsAstray(target, from, look.isPrivate))
      return known.get(target)
    }
    const found = new Map<string, Violation>()
    for (const [version, { links }] of look.open) {
      if (!links) throw new Error(`The document of ${look.name} was opened without its links`)
      const target = links.find(judge)
      if (target !== undefined) found.set(version, { target, where: judge(target)! })
    }
    return found
  }

  function note({ name }: Look, from: RegistryConfig, found: ReadonlyMap<string, Violation>): void {
    const fresh = [...found].filter(([version]) => !noted.has(`${from.id} ${name}@${version}`))
    for (const [version] of fresh) noted.set(`${from.id} ${name}@${version}`, true)
    const [first] = fresh
    if (!first) return
    const [version, { target, where }] = first
    // What is noted is kept in places where no private name belongs.
    const shown = routes.isPrivate(target) ? 'a name that is private here' : where
    observer.noted('link', linkDenied(name, version, shown, from).message, name, fresh.length)
  }

  return (look) => {
    const from = routes.authorityBehind(look.upstream.registry)
    if (!from.links) return NONE
    const found = violations(look, from)
    if (policy === 'warn') {
      note(look, from, found)
      return NONE
    }
    return new Map([...found].map(([version, { where }]): [string, Refusal] =>
      [version, { why: linkDenied(look.name, version, where, from) }]))
  }
}

/** Names come from a registry's document and may be anything. */
function show(name: string): string {
  return JSON.stringify(name.slice(0, LONGEST_NAME))
}
