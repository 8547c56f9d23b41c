import { Worker } from 'node:worker_threads'
import type { WorkerSource } from '../packument/index.ts'
import { INSPECTION_LIMITS, unreadable, type Inspected, type Inspection, type InspectionLimits } from './types.ts'
import type { InspectionReply, InspectionRequest } from './worker.ts'

/** Looks into tarballs, one after the other, in a worker thread that ends when nobody needs it. */
export interface Inspector {
  /**
   * A tarball that fills the worker's memory, or takes all its time, is a finding like any other.
   * @throws Error for what says nothing about the tarball: a disk that fails, a server that stops
   */
  inspect(inspected: Inspected): Promise<Inspection>
  close(): Promise<void>
}

/** A worker that nobody needed for this long (ms) gives its memory back. */
const WORKER_IDLE = 1_000
/** Room for both manifests, as far as `assertBearable` lets them through. */
const HEAP = { maxOldGenerationSizeMb: 896, maxYoungGenerationSizeMb: 16 }

interface Job {
  id: number
  resolve(inspection: Inspection): void
  reject(error: Error): void
}

export function createInspector(source: WorkerSource, limits: InspectionLimits = INSPECTION_LIMITS): Inspector {
  let worker: Worker | undefined
  let job: Job | undefined
  let idle: NodeJS.Timeout | undefined
  let turn: Promise<unknown> = Promise.resolve()
  let lastId = 0
  let waiting = 0
  let closed = false

  function start(): Worker {
    const started = source instanceof URL
      ? new Worker(source, { resourceLimits: HEAP })
      : new Worker(source.code, { eval: true, resourceLimits: HEAP })
    started.on('message', (reply: InspectionReply) => {
      if (reply.id !== job?.id) return
      if (reply.state === 'failed') job.reject(new Error(reply.message))
      else job.resolve(reply)
    })
    started.on('error', (error: NodeJS.ErrnoException) => {
      if (worker !== started) return
      worker = undefined
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') job?.resolve(given('Reading the tarball takes too much memory.'))
      else job?.reject(error)
    })
    started.on('exit', () => {
      if (worker !== started) return
      worker = undefined
      job?.reject(new Error('its worker ended'))
    })
    // A worker must not keep a finished process alive.
    started.unref()
    return started
  }

  async function end(): Promise<void> {
    const ending = worker
    worker = undefined
    await ending?.terminate()
  }

  async function ask(inspected: Inspected): Promise<Inspection> {
    if (closed) throw stopping()
    worker ??= start()
    const { promise, resolve, reject } = Promise.withResolvers<Inspection>()
    job = { id: ++lastId, resolve, reject }
    const timer = setTimeout(() => {
      resolve(given(`The tarball could not be read within ${limits.time} ms.`))
      void end()
    }, limits.time).unref()
    try {
      worker.postMessage({ id: job.id, inspected, limits } satisfies InspectionRequest, [inspected.manifest.buffer])
      return await promise
    } finally {
      clearTimeout(timer)
      job = undefined
    }
  }

  return {
    inspect(inspected) {
      clearTimeout(idle)
      waiting++
      const mine = turn.then(() => ask(inspected)).finally(() => {
        waiting--
        if (waiting === 0) idle = setTimeout(() => void end(), WORKER_IDLE).unref()
      })
      turn = mine.catch(() => {
        // Whoever asked is told.
      })
      return mine
    },
    async close() {
      closed = true
      clearTimeout(idle)
      job?.reject(stopping())
      await end()
    },
  }
}

function given(why: string): Inspection {
  return { state: 'inspected', findings: [unreadable(why)] }
}

function stopping(): Error {
  return new Error('this server is stopping')
}
