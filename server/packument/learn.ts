import type { LimitsConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import type { Upstream } from '../registry/index.ts'
import type { Document, Documents } from './document.ts'
import { fetchPackument } from './fetch.ts'
import type { Judgement } from './judgement.ts'
import type { Judging, Known } from './judging.ts'
import type { PackumentObserver, Tier } from './observer.ts'
import type { ReadingOf } from './reading.ts'
import type { Snapshot, Snapshots } from './snapshots.ts'

export interface Learnt extends Required<Known> {
  via: Tier
}

/**
 * Learns the state of packages, from the disk and from their authorities, and keeps what it learnt on disk. What it hands out is
 * judged: the record of its versions is made.
 */
export interface Learner {
  /** What was last known, not judged yet; a disk that fails knows nothing. */
  recall(name: string, upstream: Upstream): Promise<Snapshot | undefined>
  /**
   * Asks the authority. Undefined: it has no such package.
   * @param known is revalidated rather than fetched again
   * @throws RegistryError `UPSTREAM_…`; `LOG_UNAVAILABLE` if something is known, and what is new cannot be recorded
   */
  ask(name: string, upstream: Upstream, known?: Known): Promise<Learnt | undefined>
  /** What may be served of a snapshot, looked at once more. Undefined: its document was lost, and it is forgotten. */
  review(known: Known, upstream: Upstream): Promise<Judgement | undefined>
  /** Opens the document of a snapshot. Undefined: the disk no longer has it, or has something else, and it is forgotten. */
  open(snapshot: Snapshot): Promise<Document | undefined>
  /** Resolves when what was learnt so far is on disk. */
  written(): Promise<void>
}

interface LearnerOptions {
  limits: LimitsConfig
  snapshots: Snapshots
  documents: Documents
  judging: Judging
  readingOf: ReadingOf
  observer: PackumentObserver
}

export function createLearner({ limits, snapshots, documents, judging, readingOf, observer }: LearnerOptions): Learner {
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

  function confirm(known: Snapshot): Snapshot {
    const snapshot = { ...known, checkedAt: Date.now() }
    write(snapshot, 'writing to the cache', () => snapshots.touch(snapshot))
    return snapshot
  }

  function keep(snapshot: Snapshot, packed: Buffer) {
    unsaved.set(snapshot.id, packed)
    write(snapshot, 'writing to the cache', () => snapshots.save(snapshot, packed).finally(() => unsaved.delete(snapshot.id)))
  }

  function forget(snapshot: Snapshot): void {
    write(snapshot, 'removing from the cache', () => snapshots.remove(snapshot))
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
      const answer = await fetchPackument(upstream, name, known?.snapshot ?? {}, limits)
      if (answer.state === 'unchanged') {
        const judgement = known!.judgement ?? await learner.review(known!, upstream)
        return judgement ? { snapshot: confirm(known!.snapshot), judgement, via: 'revalidated' } : learner.ask(name, upstream)
      }
      const document = answer.state === 'missing'
        ? undefined
        : await documents.open(answer.packed, name, readingOf(upstream.registry.url)).catch(unlessUnpublished)
      if (answer.state === 'missing' || !document) {
        if (known) forget(known.snapshot)
        return undefined
      }
      const { id, size, dropped } = document
      const same = known?.snapshot.id === id ? known : undefined
      if (same?.judgement) document.close()
      else if (dropped.length > 0) observer.dropped(upstream.registry, name, dropped)
      const judgement = same?.judgement ?? await judging.document(document, upstream, known)
      if (same) return { snapshot: confirm({ ...same.snapshot, ...answer.validators }), judgement, via: 'fetched' }
      // As when the authority fails: what is known, and recorded, stands.
      if (known && judgement.verdict.failure) throw judgement.verdict.failure
      const snapshot: Snapshot = { name, registry: upstream.registry.url, id, size, checkedAt: Date.now(), ...answer.validators }
      keep(snapshot, answer.packed)
      return { snapshot, judgement, via: 'fetched' }
    },
    async review(known, upstream) {
      const judgement = judging.known(known, upstream)
      if (judgement) return judgement
      const document = await learner.open(known.snapshot)
      return document && judging.document(document, upstream, known)
    },
    async open(snapshot) {
      const { id, name } = snapshot
      try {
        // Also while it is still on its way to the disk.
        const packed = unsaved.get(id) ?? await snapshots.body(snapshot)
        const document = packed && await documents.open(packed, name, readingOf(snapshot.registry))
        if (document?.id === id) return document
        document?.close()
      } catch (error) {
        // What we cannot do now (no memory, no worker) says nothing about the snapshot.
        if (error instanceof RegistryError && error.code === 'INTERNAL') throw error
        observer.trouble('reading from the cache', error, name)
      }
      forget(snapshot)
    },
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
