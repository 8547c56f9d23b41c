import type { Encoding } from './encoding.ts'
import type { AddedSignatures, ManifestRendering, Omissions, Reading, Rendering, Summary } from './types.ts'

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
  render(
    rendering: Rendering | ManifestRendering, encoding: Encoding, omissions?: Omissions, signatures?: AddedSignatures,
  ): Promise<RenderedDocument>
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
  open(packed: Buffer, name: string, reading?: Reading): Promise<Document>
  close(): Promise<void>
}
