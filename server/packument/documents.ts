import { Worker } from 'node:worker_threads'
import { RegistryError } from '../errors.ts'
import { compress, type Encoding } from './encoding.ts'
import { parsePackument, summarize } from './parse.ts'
import { render } from './render.ts'
import type { ManifestRendering, Rendering, Summary } from './types.ts'
import type { WorkerReply, WorkerRequest } from './worker.ts'

/** A parsed packument, here or in the worker, until it is closed. */
export interface Document {
  readonly summary: Summary
  readonly dropped: readonly string[]
  /** Ready bytes: rendered, and compressed as `encoding` says; with the digest of the uncompressed ones for the ETag. */
  render(rendering: Rendering | ManifestRendering, encoding: Encoding): Promise<RenderedDocument>
  close(): void
}

export interface RenderedDocument {
  body: Buffer
  /** SHA-256 of the uncompressed bytes, base64url. */
  digest: string
}

/** Opens documents: small ones on the spot, large ones in a worker so that nobody else waits for them. */
export interface Documents {
  open(bytes: Buffer, name: string): Promise<Document>
  close(): Promise<void>
}

/** From here on parsing takes long enough (about ten milliseconds) to be felt by other requests. */
const OFF_THREAD_SIZE = 1024 * 1024
/** A worker that nobody needed for this long gives its memory back. */
const WORKER_IDLE = 1_000
const WORKER_HEAP_MB = 1024

export type WorkerSource = URL | { code: string }

export function createDocuments(worker: WorkerSource): Documents {
  const large = createWorkerDocuments(worker)
  return {
    open: (bytes, name) => bytes.length < OFF_THREAD_SIZE ? openHere(bytes, name) : large.open(bytes, name),
    close: large.close,
  }
}

async function openHere(bytes: Buffer, name: string): Promise<Document> {
  const { packument, dropped } = parsePackument(bytes, name)
  return {
    summary: summarize(packument),
    dropped,
    render: (rendering, encoding) => compress(render(packument, rendering), encoding),
    close() {},
  }
}

function createWorkerDocuments(source: WorkerSource): Documents {
  let worker: Worker | undefined
  let idle: NodeJS.Timeout | undefined
  let lastId = 0
  let open = 0
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
      ? new Worker(source, { resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB } })
      : new Worker(source.code, { eval: true, resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB } })
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

  return {
    async open(bytes, name) {
      const document = ++lastId
      // The caller keeps its bytes (they go to disk meanwhile), so the worker gets a copy of its own.
      const copy = new Uint8Array(bytes).buffer
      open++
      const close = () => {
        open--
        worker?.postMessage({ type: 'close', id: ++lastId, document } satisfies WorkerRequest)
        restSoon()
      }
      try {
        const reply = await ask({ type: 'open', id: document, name, bytes: copy }, [copy])
        if (reply.type !== 'opened') throw new Error(`The worker answered ${reply.type} to open`)
        return {
          summary: reply.summary,
          dropped: reply.dropped,
          async render(rendering, encoding) {
            const rendered = await ask({ type: 'render', id: ++lastId, document, rendering, encoding })
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
      clearTimeout(idle)
      const stopping = worker
      failAll(new Error('this server is stopping'))
      await stopping?.terminate()
    },
  }
}
