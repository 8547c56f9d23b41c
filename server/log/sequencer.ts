import { RegistryError } from '../errors.ts'
import { createAppender, type Appender, type AppenderOptions } from './appender.ts'
import type { Filing } from './draft.ts'
import type { Standing } from './types.ts'
import { unavailable } from './unavailable.ts'

/** Gathers what many requests want to record at the same time into few commits. */
export interface Sequencer extends Pick<Appender, 'status' | 'published' | 'refresh' | 'close'> {
  /** @throws RegistryError `LOG_UNAVAILABLE` */
  record(filings: readonly Filing[]): Promise<Standing[]>
}

/** What somebody waits for: all of it, however many commits it takes, so that nothing fails with nobody listening. */
interface Request {
  standings: Standing[]
  /** Records without an outcome yet. */
  open: number
  /** Why some of it is not recorded. */
  failure?: unknown
  end(): void
}

/** One record of a request. */
interface Waiting {
  filing: Filing
  request: Request
  place: number
}

/** A commit takes up to so many records… */
const MAX_BATCH = 256
/** …or what came within this time (ms). */
const LINGER = 5
/** About 30 MB of records; whoever comes then is told to come again. */
const MAX_QUEUE = 65_536

export function createSequencer(options: AppenderOptions): Sequencer {
  const appender = createAppender(options)
  const { status, published, refresh } = appender
  let queue: Waiting[] = []
  let timer: NodeJS.Timeout | undefined
  let isRunning = false
  let closing = false

  function wake() {
    if (isRunning || queue.length === 0) return
    if (queue.length < MAX_BATCH && !closing) {
      timer ??= setTimeout(run, LINGER)
      return
    }
    void run()
  }

  async function run() {
    clearTimeout(timer)
    timer = undefined
    if (isRunning) return
    isRunning = true
    while (queue.length > 0 && status().state === 'ok') {
      await settle(queue.splice(0, MAX_BATCH))
      // Requests that came meanwhile get their turn, also where the database never lets go of the thread.
      await new Promise(setImmediate)
    }
    isRunning = false
    const stranded = queue
    queue = []
    fail(stranded, unavailable(status()))
  }

  async function settle(batch: readonly Waiting[]) {
    try {
      const standings = await appender.append(batch.map(({ filing }) => filing))
      batch.forEach(({ request, place }, n) => {
        request.standings[place] = standings[n]!
        if (--request.open === 0) request.end()
      })
    } catch (error) {
      fail(batch, error)
    }
  }

  function fail(batch: readonly Waiting[], error: unknown) {
    for (const { request } of batch) {
      request.failure ??= error
      if (--request.open === 0) request.end()
    }
  }

  return {
    status, published, refresh,
    async record(filings) {
      if (status().state !== 'ok' || closing) throw unavailable(status())
      if (queue.length + filings.length > MAX_QUEUE) {
        throw new RegistryError('LOG_UNAVAILABLE', `The log is busy: ${queue.length} records wait already. Ask again in a moment.`, { retryAfter: 1 })
      }
      if (filings.length === 0) return []
      return new Promise((resolve, reject) => {
        const request: Request = {
          standings: [], open: filings.length,
          end: () => request.failure === undefined ? resolve(request.standings) : reject(request.failure),
        }
        filings.forEach((filing, place) => queue.push({ filing, request, place }))
        wake()
      })
    },
    async close() {
      closing = true
      while (queue.length > 0 || isRunning) {
        wake()
        await new Promise(setImmediate)
      }
      await appender.close()
    },
  }
}
