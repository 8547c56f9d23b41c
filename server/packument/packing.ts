import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gunzipSync, zstdCompress, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import { RegistryError } from '../errors.ts'

/**
 * A document stays packed, as the authority compressed it, from the network to the disk and back: only who parses it unpacks it,
 * and for a large one that is the worker.
 */
export interface Unpacked {
  bytes: Buffer
  /** SHA-256 of the bytes, base64url: the identity of what the authority said. */
  id: string
}

const MAGIC = [
  { prefix: Buffer.from('1f8b', 'hex'), here: gunzipSync, elsewhere: promisify(gunzip) },
  { prefix: Buffer.from('28b52ffd', 'hex'), here: zstdDecompressSync, elsewhere: promisify(zstdDecompress) },
]

/**
 * The bytes of a packed document, at most `maxSize` of them. JSON begins with neither magic number, so none is needed beside it.
 * @throws RegistryError `UPSTREAM_TOO_LARGE`, `UPSTREAM_INVALID`
 */
export async function unpack(packed: Uint8Array, name: string, maxSize: number): Promise<Unpacked> {
  const packing = MAGIC.find(({ prefix }) => prefix.equals(packed.subarray(0, prefix.length)))
  const bytes = packing
    ? await decompress(packing, packed, name, maxSize)
    : Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
  return { bytes, id: createHash('sha256').update(bytes).digest('base64url') }
}

/** Up to this size (packed bytes), handing work to another thread costs more than the work. */
const ON_THE_SPOT = 16 * 1024
/** What is unpacked on the spot has at most this size: a compression bomb is defused in another thread. */
const SMALL = 512 * 1024

async function decompress(
  { here, elsewhere }: (typeof MAGIC)[number], packed: Uint8Array, name: string, maxSize: number,
): Promise<Buffer> {
  if (packed.length <= ON_THE_SPOT) {
    try {
      return here(packed, { maxOutputLength: Math.min(SMALL, maxSize), chunkSize: packed.length * 8 + 1024 })
    } catch {
      // Too large, or broken: the way below says which.
    }
  }
  return elsewhere(packed, { maxOutputLength: maxSize, chunkSize: chunkSizeFor(packed.length) }).catch((cause) => {
    throw failure(cause, name, maxSize)
  })
}

/** For the disk: what came uncompressed is compressed, the rest is kept as it is. */
export async function pack(packed: Buffer): Promise<Buffer> {
  return MAGIC.some(({ prefix }) => prefix.equals(packed.subarray(0, prefix.length))) ? packed : promisify(zstdCompress)(packed)
}

/** A guess at the size of what is packed: JSON of manifests shrinks to about an eighth. */
export function estimateSize(packed: Buffer): number {
  return packed[0] === MAGIC[0]!.prefix[0] || packed[0] === MAGIC[1]!.prefix[0] ? packed.length * 8 : packed.length
}

/** Output comes in pieces of this size, and each piece costs a turn of the event loop: for megabytes, few large ones. */
function chunkSizeFor(packed: number): number {
  return Math.min(1024 * 1024, Math.max(16 * 1024, packed))
}

function failure(cause: NodeJS.ErrnoException, name: string, maxSize: number): RegistryError {
  return cause.code === 'ERR_BUFFER_TOO_LARGE'
    ? new RegistryError('UPSTREAM_TOO_LARGE', `The registry's document for ${name} is larger than ${maxSize} bytes, the limit for one.`, { cause })
    : new RegistryError('UPSTREAM_INVALID', `The registry's document for ${name} is compressed, but broken or cut short.`, { cause })
}
