import { RegistryError } from '../errors.ts'
import type { Document, Documents } from './document.ts'
import { compress } from './encoding.ts'
import { createLargeDocuments, type WorkerSource } from './large-documents.ts'
import { estimateSize, unpack } from './packing.ts'
import { parsePackument } from './parse.ts'
import { render } from './render.ts'
import type { Reading } from './types.ts'

/** From here on parsing takes long enough (about ten milliseconds) to be felt by other requests. */
const OFF_THREAD_SIZE = 1024 * 1024
/** The size of a packed document is a guess; one that turns out to be larger than this is not for this thread after all. */
const WRONG_GUESS = 2 * OFF_THREAD_SIZE

export function createDocuments(worker: WorkerSource, maxSize: number): Documents {
  const large = createLargeDocuments(worker, maxSize)
  return {
    async open(packed, name, reading) {
      if (estimateSize(packed) >= OFF_THREAD_SIZE) return large.open(packed, name, reading)
      return openHere(packed, name, reading, Math.min(maxSize, WRONG_GUESS)).catch((error: unknown) => {
        // Packed better than documents are, as a compression bomb is.
        if (error instanceof RegistryError && error.code === 'UPSTREAM_TOO_LARGE') return large.open(packed, name, reading)
        throw error
      })
    },
    close: large.close,
  }
}

async function openHere(packed: Buffer, name: string, reading: Reading | undefined, maxSize: number): Promise<Document> {
  const { bytes, id } = await unpack(packed, name, maxSize)
  const { packument, summary, dropped } = parsePackument(bytes, name, reading)
  return {
    id,
    size: bytes.length,
    summary,
    dropped,
    render: (rendering, encoding, ...changes) => compress(render(packument, rendering, ...changes), encoding),
    close() {},
  }
}
