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

export interface RenderedDocument {
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

export function createDocuments(worker: WorkerSource, maxSize: number): Documents {
  const large = createLargeDocuments(worker, maxSize)
  return {
    open: (packed, name) => estimateSize(packed) < OFF_THREAD_SIZE ? openHere(packed, name, maxSize) : large.open(packed, name),
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
