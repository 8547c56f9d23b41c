import { LRUCache } from 'lru-cache'
import type { CacheConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import { label, type Upstream } from '../registry/index.ts'
import { createSingleFlight } from '../single-flight.ts'
import type { Known } from './judging.ts'
import type { Learner, Learnt } from './learn.ts'
import { isOutage, type Mirrors } from './mirrors.ts'
import type { PackumentObserver } from './observer.ts'
import type { Snapshot } from './snapshots.ts'

/** The current state of a package: which snapshot stands, what of it may be served, and how sure we are that it is the latest. */
export interface Head extends Learnt {
  /** Set while the authority fails and this state, an older one of its own or a mirror's, is served in its stead. */
  stale?: RegistryError
  /** Do not ask the failing authority again before, milliseconds since the epoch. */
  retryAt: number
}

interface Missing {
  until: number
}

/** Decides when to ask an authority, and what to answer while it is not asked. */
export interface Heads {
  /** @throws RegistryError `NOT_FOUND` when the authority says so, or why nothing is known */
  get(name: string, upstream: Upstream): Promise<Head> | Head
  /** As `get`, but asks the authority unless it was asked within the last seconds. */
  latest(name: string, upstream: Upstream): Promise<Head>
  /** Forgets a package whose snapshot turned out to be unreadable. */
  forget(name: string, upstream: Upstream): void
}

/** Heads are small; this many of them weigh about 25 MB. */
const MAX_HEADS = 50_000
/** Packages that were forgotten lately. */
const MAX_ERAS = 10_000
/** A failing authority is asked again after this long; meanwhile everyone gets the stale answer at once. */
const RETRY_AFTER_FAILURE = 5_000
const LATEST_INTERVAL = 5_000
/** What could not be judged again is looked at again after this long. */
const RETRY_JUDGING = 5_000

interface HeadsOptions {
  cache: CacheConfig
  learner: Learner
  mirrors: Mirrors
  /** Told when an authority says that it has no such package: once for each time that it is asked. */
  gone(name: string, upstream: Upstream): Promise<void>
  observer: PackumentObserver
}

export function createHeads({ cache, learner, mirrors, gone, observer }: HeadsOptions): Heads {
  const heads = new LRUCache<string, Head | Missing>({ max: MAX_HEADS })
  const refreshing = createSingleFlight<Head>(() => observer.joined())
  const keyOf = (name: string, { registry }: Upstream) => `${registry.id} ${name}`
  /** Grows with everything that is forgotten: what was begun before may not know why, so it is not kept, and nobody joins it. */
  const eras = new LRUCache<string, number>({ max: MAX_ERAS })
  const eraOf = (key: string) => eras.get(key) ?? 0

  /** What may be answered without waiting for the authority; undefined: ask it. */
  function usable(known: Head, name: string, upstream: Upstream): Head | undefined {
    const now = Date.now()
    if (now >= known.judgement.retryAt) reconsider(name, upstream, known)
    const age = now - known.snapshot.checkedAt
    const isCopy = isFromMirror(known, upstream)
    // A clock that was set back makes a snapshot look as if it came from the future: then it is simply not fresh.
    if (!isCopy && age >= 0 && age < cache.fresh) {
      observer.served('memory')
      return known
    }
    if (now < known.retryAt && age < cache.staleIfError) {
      observer.served(isCopy ? 'mirror' : 'stale')
      return known
    }
    if (age >= 0 && age < cache.staleWhileRevalidate) {
      refresh(name, upstream, known).catch(error => observer.trouble('refreshing in the background', error, name))
      observer.served(isCopy ? 'mirror' : 'memory')
      return known
    }
    return undefined
  }

  function refresh(name: string, upstream: Upstream, known?: Head): Promise<Head> {
    const key = keyOf(name, upstream)
    // Not shared with work on behalf of others: in a circle of servers, each would wait for the next one.
    const begun = eraOf(key)
    return refreshing.run(`${key} ${upstream.chain ?? ''} ${begun}`, async () => {
      // What a mirror said is no state of the authority's that could be confirmed.
      const found = await (known && !isFromMirror(known, upstream) ? ask(name, upstream, known) : recall(name, upstream))
      const head = found && lookedAtMeanwhile(found, known, heads.get(key))
      if (begun === eraOf(key)) heads.set(key, head ?? { until: Date.now() + cache.negative })
      if (!head) {
        gone(name, upstream).catch(error => observer.trouble('recording what is gone', error, name))
        throw notFound(name, upstream)
      }
      observer.served(head.via)
      return head
    })
  }

  /** Looks again, behind the answer, at what was withheld only for then. */
  function reconsider(name: string, upstream: Upstream, { snapshot, judgement }: Head): void {
    judgement.retryAt = Date.now() + RETRY_JUDGING
    const key = keyOf(name, upstream)
    const source = sourceOf(snapshot, upstream)
    // A mirror that is not asked any more is not looked at again either.
    if (!source) return
    const begun = eraOf(key)
    learner.review({ snapshot, judgement }, source).then((found) => {
      const known = heads.get(key)
      if (begun !== eraOf(key) || !known || !('snapshot' in known) || known.snapshot.id !== snapshot.id) return
      if (found) heads.set(key, { ...known, judgement: found })
      else heads.delete(key)
    }).catch(error => observer.trouble('looking again at what is withheld', error, name))
  }

  /** What the disk knows, if that is fresh; else the authority's answer. */
  async function recall(name: string, upstream: Upstream): Promise<Head | undefined> {
    const snapshot = await learner.recall(name, upstream)
    if (!snapshot) return ask(name, upstream)
    const age = Date.now() - snapshot.checkedAt
    if (age < 0 || age >= cache.fresh) return ask(name, upstream, { snapshot })
    const judgement = await learner.review({ snapshot }, upstream)
    return judgement ? { snapshot, judgement, via: 'disk', retryAt: 0 } : ask(name, upstream)
  }

  async function ask(name: string, upstream: Upstream, known?: Known): Promise<Head | undefined> {
    try {
      const learnt = await learner.ask(name, upstream, known)
      return learnt && { ...learnt, retryAt: 0 }
    } catch (error) {
      const head = (known && await standIn(known, upstream, error)) ?? await copy(name, upstream, error)
      if (!head) throw error
      return head
    }
  }

  /** What a mirror says in place of an answer, if its authority cannot be asked. */
  async function copy(name: string, upstream: Upstream, error: unknown): Promise<Head | undefined> {
    const learnt = isOutage(error) ? await mirrors.find(name, upstream) : undefined
    return learnt && { ...learnt, stale: error as RegistryError, retryAt: Date.now() + RETRY_AFTER_FAILURE }
  }

  function sourceOf(snapshot: Snapshot, upstream: Upstream): Upstream | undefined {
    return snapshot.registry === upstream.registry.url ? upstream : mirrors.sourceOf(snapshot, upstream)
  }

  /** The known state in place of an answer, if what failed may pass, and the state is not too old. */
  async function standIn(known: Known, upstream: Upstream, error: unknown): Promise<Head | undefined> {
    if (!(error instanceof RegistryError) || error.status < 500) return undefined
    const { snapshot } = known
    const age = Date.now() - snapshot.checkedAt
    if (age >= cache.staleIfError) return undefined
    const judgement = known.judgement ?? await learner.review(known, upstream)
    return judgement && { snapshot, judgement, via: 'stale', stale: error, retryAt: Date.now() + RETRY_AFTER_FAILURE }
  }

  return {
    get(name, upstream) {
      const known = heads.get(keyOf(name, upstream))
      if (!known) return refresh(name, upstream)
      if ('snapshot' in known) return usable(known, name, upstream) ?? refresh(name, upstream, known)
      if (Date.now() >= known.until) return refresh(name, upstream)
      observer.served('negative')
      throw notFound(name, upstream)
    },
    async latest(name, upstream) {
      const known = heads.get(keyOf(name, upstream))
      if (!known || !('snapshot' in known)) return this.get(name, upstream)
      const asked = Math.max(known.snapshot.checkedAt, known.retryAt - RETRY_AFTER_FAILURE)
      return Date.now() - asked < LATEST_INTERVAL ? known : refresh(name, upstream, known)
    },
    forget(name, upstream) {
      const key = keyOf(name, upstream)
      eras.set(key, eraOf(key) + 1)
      heads.delete(key)
    },
  }
}

/** While the authority was asked whether anything moved, someone may have looked again at what was withheld: that is newer. */
function lookedAtMeanwhile(found: Head, before: Head | undefined, now: Head | Missing | undefined): Head {
  const isUnmoved = found.judgement === before?.judgement && now && 'snapshot' in now && now.snapshot.id === found.snapshot.id
  return isUnmoved ? { ...found, judgement: now.judgement } : found
}

/** Whether a state is what a mirror says, in the authority's stead. */
export function isFromMirror({ snapshot }: Known, { registry }: Upstream): boolean {
  return snapshot.registry !== registry.url
}

function notFound(name: string, { registry }: Upstream): RegistryError {
  return new RegistryError('NOT_FOUND', `${name} is not in registry ${label(registry)}.`)
}
