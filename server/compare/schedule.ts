import type { Pass, Passes } from './passes.ts'
import { LONGEST_PASS } from './passes.ts'

/** Makes looks, one at a time among all processes on one database. */
export interface Schedule {
  /** Looks at all sources if it is time. @returns when it is done: whether it was */
  whenDue(): Promise<boolean>
  /** Begins a look, unless one is going on. */
  start(): Promise<{ isMine: boolean, pass: Pass }>
  /** Breaks off what is going on, and begins nothing any more. */
  close(): Promise<void>
}

interface ScheduleOptions {
  passes: Passes
  /** Milliseconds from one look to the next; 0: only when asked. */
  interval: number
  /** Rejects with the signal's reason when that ends it. */
  look(stop: AbortSignal): Promise<void>
  /** What a look left behind is there. */
  done(): void
  trouble(what: string, error: unknown): void
}

/** The clock that wakes us is not exact: a look is due this share of the interval early, at most so many milliseconds. */
const EARLY = { share: 0.1, most: 30_000 }

export function createSchedule({ passes, interval, look, done, trouble }: ScheduleOptions): Schedule {
  const closing = new AbortController()
  const running = new Set<Promise<void>>()

  async function make({ id }: Pass): Promise<void> {
    const stop = AbortSignal.any([closing.signal, AbortSignal.timeout(LONGEST_PASS)])
    let failure: string | undefined
    try {
      await look(stop)
    } catch (error) {
      failure = closing.signal.aborted
        ? 'The server was stopped.'
        : stop.aborted ? `It took longer than ${LONGEST_PASS / 60_000} minutes.` : 'It failed; the server\'s log says why.'
      if (!closing.signal.aborted) trouble('looking at registries', error)
    }
    await passes.finish(id, failure).catch(error => trouble('ending a look at registries', error))
    done()
  }

  /** @param since milliseconds that must have gone by since the last look began */
  async function take(since: number) {
    const taken = await passes.take(since)
    if (!taken.isMine) return { ...taken, end: undefined }
    const end = make(taken.pass).finally(() => running.delete(end))
    running.add(end)
    return { ...taken, end }
  }

  return {
    async whenDue() {
      if (interval === 0 || closing.signal.aborted) return false
      const { end } = await take(interval - Math.min(EARLY.most, interval * EARLY.share))
      await end
      return end !== undefined
    },
    async start() {
      const { isMine, pass } = await take(0)
      return { isMine, pass }
    },
    async close() {
      closing.abort()
      await Promise.all(running)
    },
  }
}
