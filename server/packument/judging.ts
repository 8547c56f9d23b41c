import type { Upstream } from '../registry/index.ts'
import { createSingleFlight } from '../single-flight.ts'
import type { Document } from './document.ts'
import { judgementOf, type Judgement } from './judgement.ts'
import type { Leases } from './leases.ts'
import type { Snapshot } from './snapshots.ts'
import type { Judge, Judged, Summary } from './types.ts'

/** A snapshot of a package, judged or not yet. */
export interface Known {
  snapshot: Snapshot
  judgement?: Judgement
}

/** Has snapshots judged, each of them once at a time. */
export interface Judging {
  /**
   * Judges a document that was just opened and takes it over: whoever renders next finds it still open, unless this took long.
   * @param before another snapshot of the package
   */
  document(document: Document, upstream: Upstream, before?: Known): Promise<Judgement>
  /** Judges a snapshot again, or one that is only known from the disk, if its contents are known. */
  known(known: Known, upstream: Upstream): Promise<Judgement> | undefined
}

/** The contents of snapshots by their id, as long as memory allows. */
export interface Summaries {
  get(id: string): Summary | undefined
  set(id: string, summary: Summary): void
}

interface JudgingOptions {
  judge: Judge
  leases: Leases
  summaries: Summaries
}

/** A document is kept open this long (ms): others wait for the place of a large one, and tarballs may have to be downloaded. */
const PATIENCE = 250

export function createJudging({ judge, leases, summaries }: JudgingOptions): Judging {
  const flights = createSingleFlight<Judgement>()

  function judgeOnce(id: string, summary: Summary, upstream: Upstream, before?: Known): Promise<Judgement> {
    return flights.run(`${upstream.registry.id} ${id}`, async () => {
      return judgementOf(id, summary, await judge(upstream, summary, judgedBefore(before)))
    })
  }

  function judgedBefore(known?: Known): Judged | undefined {
    const summary = known?.judgement && summaries.get(known.snapshot.id)
    return summary && { summary, verdict: known!.judgement!.verdict, checkedAt: known!.snapshot.checkedAt }
  }

  return {
    async document(document, upstream, before) {
      summaries.set(document.id, document.summary)
      let isOpen = true
      const close = () => {
        isOpen = false
        document.close()
      }
      const timer = setTimeout(close, PATIENCE)
      try {
        const judgement = await judgeOnce(document.id, document.summary, upstream, before)
        if (isOpen) leases.offer(document.id, document)
        return judgement
      } catch (error) {
        if (isOpen) close()
        throw error
      } finally {
        clearTimeout(timer)
      }
    },
    known(known, upstream) {
      const summary = summaries.get(known.snapshot.id)
      return summary && judgeOnce(known.snapshot.id, summary, upstream, known)
    },
  }
}
