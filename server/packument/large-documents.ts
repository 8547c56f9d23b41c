import { Worker } from 'node:worker_threads'
import { RegistryError } from '../errors.ts'
import type { Documents } from './document.ts'
import type { WorkerReply, WorkerRequest } from './worker.ts'

/** The worker's program: a module, or its text. */
export type WorkerSource = URL | { code: string }

/** A worker that nobody needed for this long (ms) gives its memory back. */
const WORKER_IDLE = 1_000
/**
 * Room for one document of the weight that `weight.ts` allows: beyond it V8 would end the whole process. A larger heap would be
 * collected more lazily, and a larger young generation is of no use to what lives as long as its document.
 */
const HEAP = { maxOldGenerationSizeMb: 768, maxYoungGenerationSizeMb: 16 }
const MAX_OPEN = 1

/** Documents that take long to parse, render and compress: it all happens in one worker thread, which ends when it is idle. */
export function createLargeDocuments(source: WorkerSource, maxSize: number): Documents {
  let worker: Worker | undefined
  let idle: NodeJS.Timeout | undefined
  let lastId = 0
  let open = 0
  let closed = false
  const queue: (() => void)[] = []
  const waiting = new Map<number, { resolve: (reply: WorkerReply) => void, reject: (error: Error) => void }>()

  function failAll(error: Error) {
    worker = undefined
    for (const { reject } of waiting.values()) {
      reject(new RegistryError('INTERNAL', `A large document could not be processed (${error.message}).`, { cause: error }))
    }
    waiting.clear()
  }

  function start(): Worker {
    const started = source instanceof URL
      ? new Worker(source, { resourceLimits: HEAP })
      : new Worker(source.code, { eval: true, resourceLimits: HEAP })
    started.on('message', (reply: WorkerReply) => {
      waiting.get(reply.id)?.resolve(reply)
      waiting.delete(reply.id)
    })
    const end = (error: Error) => {
      if (worker === started) failAll(error)
    }
    started.on('error', end)
    started.on('exit', () => end(new Error('its worker ended')))
    // A worker must not keep a finished process alive.
    started.unref()
    return started
  }

  async function ask(request: WorkerRequest, transfer: ArrayBuffer[] = []): Promise<WorkerReply> {
    clearTimeout(idle)
    if (closed) throw new RegistryError('INTERNAL', 'A large document could not be processed (this server is stopping).')
    worker ??= start()
    const reply = await new Promise<WorkerReply>((resolve, reject) => {
      waiting.set(request.id, { resolve, reject })
      worker!.postMessage(request, transfer)
    })
    if (reply.type === 'error') throw new RegistryError(reply.code, reply.message)
    return reply
  }

  function restSoon() {
    clearTimeout(idle)
    if (open > 0 || waiting.size > 0) return
    idle = setTimeout(() => {
      const resting = worker
      worker = undefined
      void resting?.terminate()
    }, WORKER_IDLE).unref()
  }

  /** Each open document takes several times its size, so only so many are open at once. */
  async function takePlace(): Promise<void> {
    if (open < MAX_OPEN) open++
    // Whoever leaves hands over its place.
    else await new Promise<void>(resolve => queue.push(resolve))
  }

  function leave(document: number) {
    worker?.postMessage({ type: 'close', id: ++lastId, document } satisfies WorkerRequest)
    const next = queue.shift()
    if (next) next()
    else open--
    restSoon()
  }

  return {
    async open(packed, name, reading) {
      await takePlace()
      const document = ++lastId
      // The caller keeps its bytes (they go to disk meanwhile), so the worker gets a copy of its own.
      const copy = new Uint8Array(packed).buffer
      let isOpen = true
      const close = () => {
        if (isOpen) leave(document)
        isOpen = false
      }
      try {
        const reply = await ask({ type: 'open', id: document, name, reading, packed: copy, maxSize }, [copy])
        if (reply.type !== 'opened') throw new Error(`The worker answered ${reply.type} to open`)
        return {
          ...reply.document,
          async render(rendering, encoding, omissions, signatures) {
            const rendered = await ask({ type: 'render', id: ++lastId, document, rendering, encoding, omissions, signatures })
            if (rendered.type !== 'rendered') throw new Error(`The worker answered ${rendered.type} to render`)
            return { body: Buffer.from(rendered.body.buffer), digest: rendered.digest }
          },
          close,
        }
      } catch (error) {
        close()
        throw error
      }
    },
    async close() {
      closed = true
      clearTimeout(idle)
      const stopping = worker
      failAll(new Error('this server is stopping'))
      await stopping?.terminate()
    },
  }
}
