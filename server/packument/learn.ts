import type { LimitsConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import type { Upstream } from '../registry/index.ts'
import type { Documents } from './document.ts'
import { fetchPackument } from './fetch.ts'
import type { Leases } from './leases.ts'
import type { PackumentObserver, Tier } from './observer.ts'
import type { Snapshot, Snapshots } from './snapshots.ts'
import type { Summary } from './types.ts'

/** Learns the state of packages, from the disk and from their authorities, and keeps what it learnt on disk. */
export interface Learner {
  /** What was last known; a disk that fails knows nothing. */
  recall(name: string, upstream: Upstream): Promise<Snapshot | undefined>
  /**
   * Asks the authority. Undefined: it has no such package.
   * @param known is revalidated rather than fetched again
   * @throws RegistryError `UPSTREAM_…`
   */
  ask(name: string, upstream: Upstream, known: Snapshot | undefined): Promise<{ snapshot: Snapshot, via: Tier } | undefined>
  /** Forgets what was kept of a package. */
  forget(snapshot: Snapshot): void
  /** The packed document of a snapshot, also while it is still on its way to the disk. */
  body(snapshot: Snapshot): Promise<Buffer | undefined>
  /** Resolves when what was learnt so far is on disk. */
  written(): Promise<void>
}

interface LearnerOptions {
  limits: LimitsConfig
  snapshots: Snapshots
  documents: Documents
  leases: Leases
  observer: PackumentObserver
  /** Told the contents of a snapshot that was just read. */
  read(snapshot: Snapshot, summary: Summary): void
}

export function createLearner({ limits, snapshots, documents, leases, observer, read }: LearnerOptions): Learner {
  /** Last write of each package that has one running. */
  const writes = new Map<string, Promise<void>>()
  const unsaved = new Map<string, Buffer>()

  /** One write after the other for each package: a removal that overtakes the save before it would be undone by it. */
  function write({ registry, name }: Snapshot, what: string, work: () => Promise<void>): void {
    const key = `${registry} ${name}`
    const turn = (writes.get(key) ?? Promise.resolve()).then(work)
      .catch(error => observer.trouble(what, error, name))
      .finally(() => writes.get(key) === turn && writes.delete(key))
    writes.set(key, turn)
  }

  function confirm(known: Snapshot, via: Tier) {
    const snapshot = { ...known, checkedAt: Date.now() }
    write(snapshot, 'writing to the cache', () => snapshots.touch(snapshot))
    return { snapshot, via }
  }

  function keep(snapshot: Snapshot, packed: Buffer) {
    unsaved.set(snapshot.id, packed)
    write(snapshot, 'writing to the cache', () => snapshots.save(snapshot, packed).finally(() => unsaved.delete(snapshot.id)))
  }

  const learner: Learner = {
    async recall(name, upstream) {
      try {
        return await snapshots.load(upstream.registry.url, name)
      } catch (error) {
        observer.trouble('reading from the cache', error, name)
      }
    },
    async ask(name, upstream, known) {
      const answer = await fetchPackument(upstream, name, known ?? {}, limits)
      if (answer.state === 'unchanged') return confirm(known!, 'revalidated')
      const document = answer.state === 'missing' ? undefined : await documents.open(answer.packed, name).catch(unlessUnpublished)
      if (answer.state === 'missing' || !document) {
        if (known) learner.forget(known)
        return undefined
      }
      const { id, size, summary, dropped } = document
      if (known && known.id === id) {
        document.close()
        return confirm({ ...known, ...answer.validators }, 'fetched')
      }
      if (dropped.length > 0) observer.dropped(upstream.registry, name, dropped)
      const snapshot: Snapshot = { name, registry: upstream.registry.url, id, size, checkedAt: Date.now(), ...answer.validators }
      read(snapshot, summary)
      leases.offer(id, document)
      keep(snapshot, answer.packed)
      return { snapshot, via: 'fetched' }
    },
    forget(snapshot) {
      write(snapshot, 'removing from the cache', () => snapshots.remove(snapshot))
    },
    body: async snapshot => unsaved.get(snapshot.id) ?? snapshots.body(snapshot),
    async written() {
      await Promise.all(writes.values())
    },
  }
  return learner
}

/** A package whose every version was unpublished may still have a document, which says so. */
function unlessUnpublished(error: unknown): undefined {
  if (error instanceof RegistryError && error.code === 'NOT_FOUND') return undefined
  throw error
}
