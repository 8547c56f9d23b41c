import { parentPort } from 'node:worker_threads'
import { RegistryError, messageOf, type ErrorCode } from '../errors.ts'
import { compress, type Encoding } from './encoding.ts'
import { unpack } from './packing.ts'
import { parsePackument } from './parse.ts'
import { render } from './render.ts'
import type { AddedSignatures, ManifestRendering, Omissions, Packument, Rendering, Reading, Summary } from './types.ts'
import { assertBearable } from './weight.ts'

export type WorkerRequest
  = | { type: 'open', id: number, name: string, reading?: Reading, packed: ArrayBuffer, maxSize: number }
    | RenderRequest
    | { type: 'close', id: number, document: number }

interface RenderRequest {
  type: 'render'
  id: number
  document: number
  rendering: Rendering | ManifestRendering
  encoding: Encoding
  omissions?: Omissions
  signatures?: AddedSignatures
}

export type WorkerReply
  = | { type: 'opened', id: number, document: { id: string, size: number, summary: Summary, dropped: string[] } }
    | { type: 'rendered', id: number, body: Uint8Array<ArrayBuffer>, digest: string }
    | { type: 'error', id: number, code: ErrorCode, message: string }

/** The other side of `large-documents.ts`: holds the large documents that are open. */
const documents = new Map<number, Packument>()

async function answer(request: WorkerRequest): Promise<WorkerReply | undefined> {
  switch (request.type) {
    case 'open': {
      const { bytes, id } = await unpack(new Uint8Array(request.packed), request.name, request.maxSize)
      assertBearable(bytes, request.name)
      const { packument, summary, dropped } = parsePackument(bytes, request.name, request.reading)
      documents.set(request.id, packument)
      return { type: 'opened', id: request.id, document: { id, size: bytes.length, summary, dropped } }
    }
    case 'render': {
      const packument = documents.get(request.document)
      if (!packument) throw new Error('a document was rendered after it was closed')
      const { rendering, omissions, signatures, encoding } = request
      const { body, digest } = await compress(render(packument, rendering, omissions, signatures), encoding)
      // A copy of exactly these bytes: pooled buffers cannot be transferred.
      return { type: 'rendered', id: request.id, body: new Uint8Array(body), digest }
    }
    case 'close':
      documents.delete(request.document)
  }
}

parentPort?.on('message', async (request: WorkerRequest) => {
  try {
    const reply = await answer(request)
    if (reply) parentPort?.postMessage(reply, reply.type === 'rendered' ? [reply.body.buffer] : [])
  } catch (error) {
    const code = error instanceof RegistryError ? error.code : 'INTERNAL'
    parentPort?.postMessage({ type: 'error', id: request.id, code, message: messageOf(error) } satisfies WorkerReply)
  }
})
