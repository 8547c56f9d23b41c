import { LRUCache } from 'lru-cache'
import type { CacheConfig, LimitsConfig } from '../config/types.ts'
import type { RegistryError } from '../errors.ts'
import type { Upstream } from '../registry/index.ts'
import { createSingleFlight } from '../single-flight.ts'
import { atAuthority } from './at-authority.ts'
import type { Document, Documents } from './document.ts'
import type { Encoding } from './encoding.ts'
import { createHeads, isFromMirror, type Head } from './heads.ts'
import { createJudging } from './judging.ts'
import type { Judgement } from './judgement.ts'
import { createLearner } from './learn.ts'
import { createLeases } from './leases.ts'
import { createMirrors } from './mirrors.ts'
import type { PackumentObserver, Tier } from './observer.ts'
import type { ReadingOf } from './reading.ts'
import type { Snapshot, Snapshots } from './snapshots.ts'
import type { Judge, ManifestRendering, Rendering, Summary } from './types.ts'

/** Bytes that can be sent as they are. */
interface Ready {
  body: Buffer
  etag: string
  encoding: Encoding
  /** What they were rendered from: see `Judgement`. */
  state: string
  /** Something is left out that may be served in a moment. */
  isPartial: boolean
}

/** What is known of a package besides its bytes. */
export interface Contents {
  summary: Summary
  judgement: Judgement
  /** Why this is not what the authority says now, if it is not. */
  stale?: RegistryError
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
   * @throws RegistryError `NOT_FOUND`, `UPSTREAM_…`, `LOG_UNAVAILABLE`, or why every version, or the one asked for, is withheld
   */
  serve(name: string, upstream: Upstream, rendering: AnyRendering, encoding: Encoding): Promise<Served> | Served
  /** @param options.latest ask the authority again: something that should be there is not */
  contents(name: string, upstream: Upstream, options?: { latest?: boolean }): Promise<Contents>
  /** One version's manifest as the registry gives it, as JSON; undefined: it has no such version. */
  manifest(name: string, upstream: Upstream, version: string): Promise<Buffer | undefined>
  /** Has a package judged anew the next time somebody asks for it: something else is known of it now. */
  forget(name: string, upstream: Upstream): void
  stats(): { known: number, ready: number, readyBytes: number }
  /** Resolves when what was fetched so far is in the disk cache. */
  written(): Promise<void>
}

interface PackumentsOptions {
  cache: CacheConfig
  limits: LimitsConfig
  snapshots: Snapshots
  documents: Documents
  judge: Judge
  readingOf: ReadingOf
  /** Who is asked, in this order, while an authority cannot be. */
  mirrorsOf(authority: Upstream): readonly Upstream[]
  /** Told when an authority says that it has no such package: once for each time that it is asked. */
  gone(name: string, upstream: Upstream): Promise<void>
  observer: PackumentObserver
}

/** Summaries live beside the ready bytes, in a share of the same budget. */
const SUMMARY_SHARE = 0.25
const BYTES_PER_VERSION = 600

export function createPackuments(options: PackumentsOptions): Packuments {
  const { cache, limits, snapshots, documents, judge, readingOf, mirrorsOf, gone, observer } = options
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
  const reading = createSingleFlight<Contents>()
  const judging = createJudging({ judge, leases, summaries })
  const learner = createLearner({ limits, snapshots, documents, judging, readingOf, observer })
  const mirrors = createMirrors({ learner, mirrorsOf, staleIfError: cache.staleIfError, observer })
  const heads = createHeads({ cache, learner, mirrors, gone, observer })

  async function open({ snapshot }: Head, upstream: Upstream): Promise<Document> {
    const document = await learner.open(snapshot)
    if (document) return document
    heads.forget(snapshot.name, upstream)
    await learner.written()
    throw new Gone()
  }

  /** Works on a head's document; once more on a new head if the old one's document was lost. */
  async function withDocument<T>(head: Head, upstream: Upstream, work: Work<T>): Promise<T> {
    const use = (current: Head) => leases.use(
      current.snapshot.id, () => open(current, upstream), document => work(document, current),
    )
    try {
      return await use(head)
    } catch (error) {
      if (!(error instanceof Gone)) throw error
      return use(await heads.get(head.snapshot.name, upstream))
    }
  }

  function render(head: Head, upstream: Upstream, want: AnyRendering, encoding: Encoding, key: string): Promise<Ready> {
    return rendering.run(`${key} ${head.judgement.state}`, () => withDocument(head, upstream, async (document, { snapshot, judgement }) => {
      summaries.set(snapshot.id, document.summary)
      refuseWithheld(judgement, want)
      const { body, digest } = await document.render(want, encoding, judgement.omissions, judgement.verdict.signatures)
      // SPEC: RFC 9110 8.8.3: a strong validator differs between encodings and media types of the same document.
      const etag = `"${digest.slice(0, 32)}-${want.form}-${encoding}"`
      const isPartial = judgement.omissions !== undefined && judgement.retryAt < Infinity
      const ready: Ready = { body, etag, encoding, state: judgement.state, isPartial }
      variants.set(key, ready)
      return ready
    }))
  }

  function ready(head: Head, tier: Tier, upstream: Upstream, want: AnyRendering, encoding: Encoding): Promise<Served> | Served {
    const key = variantKey(head.snapshot, want, encoding)
    const known = variants.get(key)
    // What is withheld is never rendered, so what is ready may be served.
    if (known?.state === head.judgement.state) return { ready: known, tier, stale: head.stale }
    refuseWithheld(head.judgement, want)
    return render(head, upstream, want, encoding, key).then(ready => ({ ready, tier, stale: head.stale }))
  }

  return {
    serve(name, upstream, want, encoding) {
      const head = heads.get(name, upstream)
      return head instanceof Promise
        ? head.then(found => ready(found, found.via, upstream, want, encoding))
        : ready(head, tierOf(head, upstream), upstream, want, encoding)
    },
    async contents(name, upstream, { latest = false } = {}) {
      const head = await (latest ? heads.latest(name, upstream) : heads.get(name, upstream))
      const { snapshot, judgement } = head
      const summary = summaries.get(snapshot.id)
      if (summary) return contentsOf(head, summary, upstream)
      return reading.run(`${snapshot.registry} ${judgement.state}`, () => withDocument(head, upstream, async (document, head) => {
        summaries.set(head.snapshot.id, document.summary)
        return contentsOf(head, document.summary, upstream)
      }))
    },
    async manifest(name, upstream, version) {
      return withDocument(await heads.get(name, upstream), upstream, async (document) => {
        if (!document.summary.versions.has(version)) return undefined
        return (await document.render({ form: 'manifest', version, tarballs: { base: upstream.registry.url } }, 'identity')).body
      })
    },
    forget: (name, upstream) => heads.forget(name, upstream),
    stats: () => ({ known: snapshots.count(), ready: variants.size, readyBytes: variants.calculatedSize }),
    written: learner.written,
  }
}

type AnyRendering = Rendering | ManifestRendering
type Work<T> = (document: Document, head: Head) => Promise<T>

/** What answers a warm request. */
function tierOf(head: Head, upstream: Upstream): Tier {
  if (!head.stale) return 'memory'
  return isFromMirror(head, upstream) ? 'mirror' : 'stale'
}

function contentsOf(head: Head, summary: Summary, upstream: Upstream): Contents {
  const { judgement, stale } = head
  return { summary: isFromMirror(head, upstream) ? atAuthority(summary, upstream.registry) : summary, judgement, stale }
}

/** The document of a snapshot was lost between two looks. */
class Gone extends Error {}

/** @throws RegistryError why the version, or every version of the package, is withheld */
function refuseWithheld({ verdict, refusal }: Judgement, want: AnyRendering): void {
  const reason = want.form === 'manifest' ? verdict.withheld.get(want.version) : refusal
  if (reason) throw reason
}

function variantKey(snapshot: Snapshot, want: AnyRendering, encoding: Encoding): string {
  const form = want.form === 'manifest' ? `manifest@${want.version}` : want.form
  return `${snapshot.registry} ${snapshot.name} ${form} ${encoding} ${want.tarballs.base} ${want.tarballs.keep ?? ''}`
}
