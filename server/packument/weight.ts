import { RegistryError } from '../errors.ts'

/**
 * Bytes that JSON takes once it is parsed, at most, by the characters it is made of. Measured: an empty object takes 19 times
 * its text (64 bytes for `{},`), one with a single numeric key 208 bytes.
 */
const WEIGHTS: Record<string, number> = { '{': 208, '[': 64, ',': 16, ':': 16 }
const BY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => WEIGHTS[String.fromCharCode(byte)] ?? 1)

/** Two such documents fit into the worker's heap. The largest real ones weigh half as much. */
const HEAVIEST = 768 * 1024 * 1024

/**
 * Refuses JSON that would fill the memory: V8 ends the whole process, not only the worker, when its parser runs out of heap.
 * Characters within strings count as if they were structure, which real documents have room for.
 * @throws RegistryError `UPSTREAM_TOO_LARGE`
 */
export function assertBearable(bytes: Uint8Array, name: string): void {
  let weight = 0
  for (let n = 0; n < bytes.length; n++) weight += BY_BYTE[bytes[n]!]!
  if (weight > HEAVIEST) {
    throw new RegistryError('UPSTREAM_TOO_LARGE', `The registry's document for ${name} has so many parts that it cannot be held in memory.`)
  }
}
