import { LRUCache } from 'lru-cache'
import type { CacheConfig, LimitsConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import type { Upstream } from '../registry/index.ts'
import { createSingleFlight } from '../single-flight.ts'
import type { Document, Documents } from './document.ts'
import type { Encoding } from './encoding.ts'
import { createHeads, type Head } from './heads.ts'
import { createLearner } from './learn.ts'
import { createLeases } from './leases.ts'
import type { PackumentObserver, Tier } from './observer.ts'
import type { Snapshot, Snapshots } from './snapshots.ts'
import type { ManifestRendering, Rendering, Summary } from './types.ts'

/** Bytes that can be sent as they are. */
interface Ready {
  body: Buffer
  etag: string
  encoding: Encoding
  /** The snapshot they were rendered from. */
  snapshot: string
}

export interface Served {
  ready: Ready
  tier: Tier
  /** Why an old state is served, if it is one. */
  stale?: RegistryError
}

export interface Packuments {
  /**
   * A package as a client asked for it. Warm, this is two look-ups and no await on anything.
   * @throws RegistryError `NOT_FOUND`, `UPSTREAM_…`
   */
  serve(name: string, upstream: Upstream, rendering: AnyRendering, encoding: Encoding): Promise<Served> | Served
  /** @param options.latest ask the authority again: something that should be there is not */
  summary(name: string, upstream: Upstream, options?: { latest?: boolean }): Promise<Summary>
  stats(): { known: number, ready: number, readyBytes: number }
  /** Resolves when what was fetched so far is in the disk cache. */
  written(): Promise<void>
}

interface PackumentsOptions {
  cache: CacheConfig
  limits: LimitsConfig
  snapshots: Snapshots
  documents: Documents
  observer: PackumentObserver
}

/** Summaries live beside the ready bytes, in a share of the same budget. */
const SUMMARY_SHARE = 0.25
const BYTES_PER_VERSION = 400

export function createPackuments({ cache, limits, snapshots, documents, observer }: PackumentsOptions): Packuments {
  const leases = createLeases()
  const summaries = new LRUCache<string, Summary>({
    maxSize: Math.ceil(cache.memory * SUMMARY_SHARE),
    sizeCalculation: summary => 500 + summary.versions.size * BYTES_PER_VERSION,
  })
  const variants = new LRUCache<string, Ready>({
    maxSize: Math.ceil(cache.memory * (1 - SUMMARY_SHARE)),
    sizeCalculation: ready => ready.body.length + 500,
  })
  const rendering = createSingleFlight<Ready>()
  const summarizing = createSingleFlight<Summary>()
  const read = (snapshot: Snapshot, summary: Summary) => void summaries.set(snapshot.id, summary)
  const learner = createLearner({ limits, snapshots, documents, leases, observer, read })
  const heads = createHeads({ cache, learner, observer })

  /** Opens the document of a head; when the disk no longer has it, or has something else, it is forgotten. */
  async function reopen({ snapshot }: Head, upstream: Upstream): Promise<Document> {
    try {
      const packed = await learner.body(snapshot)
      const document = packed && await documents.open(packed, snapshot.name)
      if (document?.id === snapshot.id) return document
      document?.close()
    } catch (error) {
      // What we cannot do now (no memory, no worker) says nothing about the snapshot.
      if (error instanceof RegistryError && error.code === 'INTERNAL') throw error
      observer.trouble('reading from the cache', error, snapshot.name)
    }
    heads.forget(snapshot.name, upstream)
    learner.forget(snapshot)
    await learner.written()
    throw new Gone()
  }

  /** Works on a head's document; once more on a new head if the old one's document was lost. */
  async function withDocument<T>(head: Head, upstream: Upstream, work: Work<T>): Promise<T> {
    const use = (current: Head) => leases.use(
      current.snapshot.id, () => reopen(current, upstream), document => work(document, current.snapshot),
    )
    try {
      return await use(head)
    } catch (error) {
      if (!(error instanceof Gone)) throw error
      return use(await heads.get(head.snapshot.name, upstream))
    }
  }

  function render(head: Head, upstream: Upstream, want: AnyRendering, encoding: Encoding, key: string): Promise<Ready> {
    return rendering.run(`${key} ${head.snapshot.id}`, () => withDocument(head, upstream, async (document, snapshot) => {
      read(snapshot, document.summary)
      const { body, digest } = await document.render(want, encoding)
      // SPEC: RFC 9110 8.8.3: a strong validator differs between encodings and media types of the same document.
      const ready: Ready = { body, etag: `"${digest.slice(0, 32)}-${want.form}-${encoding}"`, encoding, snapshot: snapshot.id }
      variants.set(key, ready)
      return ready
    }))
  }

  function ready(head: Head, tier: Tier, upstream: Upstream, want: AnyRendering, encoding: Encoding): Promise<Served> | Served {
    const key = variantKey(head.snapshot, want, encoding)
    const known = variants.get(key)
    if (known?.snapshot === head.snapshot.id) return { ready: known, tier, stale: head.stale }
    return render(head, upstream, want, encoding, key).then(ready => ({ ready, tier, stale: head.stale }))
  }

  return {
    serve(name, upstream, want, encoding) {
      const head = heads.get(name, upstream)
      return head instanceof Promise
        ? head.then(found => ready(found, found.via, upstream, want, encoding))
        : ready(head, head.stale ? 'stale' : 'memory', upstream, want, encoding)
    },
    async summary(name, upstream, { latest = false } = {}) {
      const head = await (latest ? heads.latest(name, upstream) : heads.get(name, upstream))
      return summaries.get(head.snapshot.id)
        ?? summarizing.run(head.snapshot.id, () => withDocument(head, upstream, async (document, snapshot) => {
          read(snapshot, document.summary)
          return document.summary
        }))
    },
    stats: () => ({ known: snapshots.count(), ready: variants.size, readyBytes: variants.calculatedSize }),
    written: learner.written,
  }
}

type AnyRendering = Rendering | ManifestRendering
type Work<T> = (document: Document, snapshot: Snapshot) => Promise<T>

/** The document of a snapshot was lost between two looks. */
class Gone extends Error {}

function variantKey(snapshot: Snapshot, want: AnyRendering, encoding: Encoding): string {
  const form = want.form === 'manifest' ? `manifest@${want.version}` : want.form
  return `${snapshot.registry} ${snapshot.name} ${form} ${encoding} ${want.tarballs.base} ${want.tarballs.keep ?? ''}`
}
