import { LRUCache } from 'lru-cache'
import type { CacheConfig, LimitsConfig, RegistryConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import { label, type Upstream } from '../registry/index.ts'
import { createSingleFlight } from '../single-flight.ts'
import type { Documents } from './documents.ts'
import { fetchPackument } from './fetch.ts'
import type { Leases } from './leases.ts'
import type { Snapshot, Snapshots } from './snapshots.ts'
import type { Summary } from './types.ts'

/** The current state of a package: which snapshot stands, and how sure we are that it is the latest. */
export interface Head {
  snapshot: Snapshot
  /** How this state was last learnt. */
  via: Tier
  /** Set while the authority fails and this state is served in its stead. */
  stale?: RegistryError
  /** Do not ask the failing authority again before, milliseconds since the epoch. */
  retryAt: number
}

interface Missing {
  until: number
}

/** Where an answer came from: ready in memory, disk, just fetched, confirmed (304), or kept during a failure. */
export type Tier = 'memory' | 'disk' | 'fetched' | 'revalidated' | 'stale' | 'negative'

export interface PackumentObserver {
  /** Once for every look at the cache, with the tier that answered. */
  served(tier: Tier): void
  joined(): void
  /** Something in an upstream's document was left out. */
  dropped(registry: RegistryConfig, name: string, dropped: readonly string[]): void
  /** The disk cache or a background refresh failed; requests are answered all the same. */
  trouble(what: string, error: unknown, name: string): void
}

export interface Heads {
  /** @throws RegistryError `NOT_FOUND` when the authority says so, or why nothing is known */
  get(name: string, upstream: Upstream): Promise<Head> | Head
  /** As `get`, but asks the authority unless it was asked within the last seconds. */
  latest(name: string, upstream: Upstream): Promise<Head>
  /** Forgets a package whose snapshot turned out to be unreadable. */
  forget(name: string, upstream: Upstream): void
  /** Resolves when what was learnt so far is on disk. */
  written(): Promise<void>
  readonly size: number
}

export interface HeadsOptions {
  cache: CacheConfig
  limits: LimitsConfig
  snapshots: Snapshots
  documents: Documents
  leases: Leases
  observer: PackumentObserver
  /** Told the contents of a snapshot that was just read. */
  read(snapshot: Snapshot, summary: Summary): void
  /** Keeps a snapshot's packed document readable until it is on disk. */
  saving: Map<string, Buffer>
}

/** Heads are small; this many of them weigh about 20 MB. */
const MAX_HEADS = 50_000
/** A failing authority is asked again after this long; meanwhile everyone gets the stale answer at once. */
const RETRY_AFTER_FAILURE = 5_000
const LATEST_INTERVAL = 5_000

export function createHeads(options: HeadsOptions): Heads {
  const { cache, limits, snapshots, documents, leases, observer, read, saving } = options
  const heads = new LRUCache<string, Head | Missing>({ max: MAX_HEADS })
  const refreshing = createSingleFlight<Head>(() => observer.joined())
  /** Last write to the disk cache of each package that has one running. */
  const writes = new Map<string, Promise<void>>()
  const keyOf = (name: string, { registry }: Upstream) => `${registry.id} ${name}`

  function notFound(name: string, registry: RegistryConfig): RegistryError {
    return new RegistryError('NOT_FOUND', `${name} is not in registry ${label(registry)}.`)
  }

  /** What may be answered without waiting for the authority; undefined: ask it. */
  function usable(known: Head | Missing | undefined, name: string, upstream: Upstream): Head | undefined {
    const now = Date.now()
    if (!known) return undefined
    if (!('snapshot' in known)) {
      if (now >= known.until) return undefined
      observer.served('negative')
      throw notFound(name, upstream.registry)
    }
    const age = now - known.snapshot.checkedAt
    // A clock that was set back makes a snapshot look as if it came from the future: then it is simply not fresh.
    if (age >= 0 && age < cache.fresh) {
      observer.served('memory')
      return known
    }
    if (now < known.retryAt && age < cache.staleIfError) {
      observer.served('stale')
      return known
    }
    if (age >= 0 && age < cache.staleWhileRevalidate) {
      refresh(name, upstream, known).catch(error => observer.trouble('refreshing in the background', error, name))
      observer.served('memory')
      return known
    }
    return undefined
  }

  function refresh(name: string, upstream: Upstream, known?: Head): Promise<Head> {
    return refreshing.run(keyOf(name, upstream), () => ask(name, upstream, known))
  }

  /** One write after the other for each package: a removal that overtakes the save before it would be undone by it. */
  function write(key: string, what: string, name: string, work: () => Promise<void>): void {
    const turn = (writes.get(key) ?? Promise.resolve()).then(work)
      .catch(error => observer.trouble(what, error, name))
      .finally(() => writes.get(key) === turn && writes.delete(key))
    writes.set(key, turn)
  }

  async function fromDisk(name: string, upstream: Upstream): Promise<Head | undefined> {
    try {
      const snapshot = await snapshots.load(upstream.registry.url, name)
      return snapshot && { snapshot, via: 'disk', retryAt: 0 }
    } catch (error) {
      observer.trouble('reading from the cache', error, name)
      return undefined
    }
  }

  async function ask(name: string, upstream: Upstream, known: Head | undefined): Promise<Head> {
    const key = keyOf(name, upstream)
    if (!known) {
      known = await fromDisk(name, upstream)
      const age = known ? Date.now() - known.snapshot.checkedAt : -1
      if (known && age >= 0 && age < cache.fresh) {
        observer.served('disk')
        heads.set(key, known)
        return known
      }
    }
    try {
      return await exchange(key, name, upstream, known?.snapshot)
    } catch (error) {
      const stale = known && standIn(known, error)
      if (!stale) throw error
      observer.served('stale')
      heads.set(key, stale)
      return stale
    }
  }

  /** The known state in place of an answer, if the failure is one of reaching the authority, and the state not too old. */
  function standIn(known: Head, error: unknown): Head | undefined {
    if (!(error instanceof RegistryError) || error.status < 500) return undefined
    const age = Date.now() - known.snapshot.checkedAt
    if (age >= cache.staleIfError) return undefined
    return { ...known, via: 'stale', stale: error, retryAt: Date.now() + RETRY_AFTER_FAILURE }
  }

  async function exchange(key: string, name: string, upstream: Upstream, known: Snapshot | undefined): Promise<Head> {
    const answer = await fetchPackument(upstream, name, known ?? {}, limits)
    if (answer.state === 'missing') return gone(key, name, upstream, known)
    if (answer.state === 'unchanged') {
      observer.served('revalidated')
      return confirm(key, known!, 'revalidated')
    }
    observer.served('fetched')
    const document = await documents.open(answer.packed, name).catch((error: unknown) => {
      if (error instanceof RegistryError && error.code === 'NOT_FOUND') return undefined
      throw error
    })
    if (!document) return gone(key, name, upstream, known)
    const { id, size, summary, dropped } = document
    if (known?.id === id) {
      document.close()
      return confirm(key, { ...known, ...answer.validators }, 'fetched')
    }
    if (dropped.length > 0) observer.dropped(upstream.registry, name, dropped)
    const snapshot: Snapshot = { name, registry: upstream.registry.url, id, size, checkedAt: Date.now(), ...answer.validators }
    read(snapshot, summary)
    leases.offer(id, document)
    saving.set(id, answer.packed)
    write(key, 'writing to the cache', name, () => snapshots.save(snapshot, answer.packed).finally(() => saving.delete(id)))
    const head: Head = { snapshot, via: 'fetched', retryAt: 0 }
    heads.set(key, head)
    return head
  }

  function confirm(key: string, snapshot: Snapshot, via: Tier): Head {
    const head: Head = { snapshot: { ...snapshot, checkedAt: Date.now() }, via, retryAt: 0 }
    heads.set(key, head)
    write(key, 'writing to the cache', snapshot.name, () => snapshots.touch(head.snapshot))
    return head
  }

  function gone(key: string, name: string, upstream: Upstream, known: Snapshot | undefined): never {
    heads.set(key, { until: Date.now() + cache.negative })
    if (known) write(key, 'removing from the cache', name, () => snapshots.remove(known))
    throw notFound(name, upstream.registry)
  }

  return {
    get(name, upstream) {
      const known = heads.get(keyOf(name, upstream))
      return usable(known, name, upstream) ?? refresh(name, upstream, known && 'snapshot' in known ? known : undefined)
    },
    async latest(name, upstream) {
      const known = heads.get(keyOf(name, upstream))
      if (!known || !('snapshot' in known)) return this.get(name, upstream)
      const asked = Math.max(known.snapshot.checkedAt, known.retryAt - RETRY_AFTER_FAILURE)
      if (Date.now() - asked < LATEST_INTERVAL) return known
      return refresh(name, upstream, known)
    },
    forget(name, upstream) {
      heads.delete(keyOf(name, upstream))
    },
    async written() {
      await Promise.all(writes.values())
    },
    get size() {
      return heads.size
    },
  }
}
