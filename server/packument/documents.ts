import { RegistryError } from '../errors.ts'
import { compress, type Encoding } from './encoding.ts'
import { createLargeDocuments, type WorkerSource } from './large-documents.ts'
import { estimateSize, unpack } from './packing.ts'
import { parsePackument, summarize } from './parse.ts'
import { render } from './render.ts'
import type { ManifestRendering, Rendering, Summary } from './types.ts'

/** A parsed packument, here or in the worker, until it is closed. */
export interface Document {
  /** SHA-256 of the unpacked bytes, base64url. */
  readonly id: string
  /** Unpacked bytes. */
  readonly size: number
  readonly summary: Summary
  /** Versions and tags that were left out. */
  readonly dropped: readonly string[]
  /** Ready bytes: rendered, and compressed as `encoding` says; with the digest of the uncompressed ones for the ETag. */
  render(rendering: Rendering | ManifestRendering, encoding: Encoding): Promise<RenderedDocument>
  close(): void
}

interface RenderedDocument {
  body: Buffer
  /** SHA-256 of the uncompressed bytes, base64url. */
  digest: string
}

/** Opens documents: small ones on the spot, large ones in a worker so that nobody else waits for them. */
export interface Documents {
  /** @throws RegistryError `UPSTREAM_INVALID`, `UPSTREAM_TOO_LARGE`, `NOT_FOUND` (unpublished) */
  open(packed: Buffer, name: string): Promise<Document>
  close(): Promise<void>
}

/** From here on parsing takes long enough (about ten milliseconds) to be felt by other requests. */
const OFF_THREAD_SIZE = 1024 * 1024
/** The size of a packed document is a guess; one that turns out to be larger than this is not for this thread after all. */
const WRONG_GUESS = 2 * OFF_THREAD_SIZE

export function createDocuments(worker: WorkerSource, maxSize: number): Documents {
  const large = createLargeDocuments(worker, maxSize)
  return {
    async open(packed, name) {
      if (estimateSize(packed) >= OFF_THREAD_SIZE) return large.open(packed, name)
      return openHere(packed, name, Math.min(maxSize, WRONG_GUESS)).catch((error: unknown) => {
        // Packed better than documents are, as a compression bomb is.
        if (error instanceof RegistryError && error.code === 'UPSTREAM_TOO_LARGE') return large.open(packed, name)
        throw error
      })
    },
    close: large.close,
  }
}

async function openHere(packed: Buffer, name: string, maxSize: number): Promise<Document> {
  const { bytes, id } = await unpack(packed, name, maxSize)
  const { packument, dropped } = parsePackument(bytes, name)
  return {
    id,
    size: bytes.length,
    summary: summarize(packument),
    dropped,
    render: (rendering, encoding) => compress(render(packument, rendering), encoding),
    close() {},
  }
}
