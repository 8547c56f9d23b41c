import { RegistryError } from '../errors.ts'

/**
 * Bytes that JSON takes once it is parsed, at most, by the characters it is made of. Measured: an empty object takes 19 times
 * its text (64 bytes for `{},`), one with a single numeric key 208 bytes.
 */
const WEIGHTS: Record<string, number> = { '{': 208, '[': 64, ',': 16, ':': 16 }
const BY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => WEIGHTS[String.fromCharCode(byte)] ?? 1)

/** A document of this weight fits into the worker's heap, with its text and what is rendered from it. Real ones weigh a third. */
const HEAVIEST = 384 * 1024 * 1024
/** Characters in strings take one byte, or two in a string with any beyond Latin-1. */
const CHARACTER = 2
const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * Refuses JSON that would fill the memory: V8 ends the whole process, not only the worker, when its parser runs out of heap.
 * Reads strings as the parser does, so what it counts as structure is structure, up to the first error.
 * @throws RegistryError `UPSTREAM_TOO_LARGE`
 */
export function assertBearable(bytes: Uint8Array, name: string): void {
  let weight = 0
  let isText = false
  for (let n = 0; n < bytes.length; n++) {
    const byte = bytes[n]!
    if (byte === QUOTE) isText = !isText
    else if (!isText) weight += BY_BYTE[byte]!
    else {
      weight += CHARACTER
      if (byte === BACKSLASH) n++
    }
  }
  if (weight > HEAVIEST) {
    throw new RegistryError('UPSTREAM_TOO_LARGE', `The registry's document for ${name} has so many parts that it cannot be held in memory.`)
  }
}
