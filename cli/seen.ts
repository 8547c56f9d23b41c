import { hash, randomBytes } from 'node:crypto'

/**
 * Which texts were seen at which index, in typed arrays: 12 bytes a slot, between three eighths and three quarters of them used,
 * so 16 to 32 MB per million texts, and for a moment half as much again when it grows. (A `Set` ends at 16.7 million.)
 *
 * A text is known by 64 bits of a hash that nobody can foretell, so somebody who writes records cannot choose two that collide.
 */
export interface Seen {
  /** Indexes of texts that are very probably this one: who accuses somebody looks at them first. */
  find(text: string): number[]
  add(text: string, index: number): void
}

const WORDS = 3
const MAX_INDEX = 2 ** 32 - 2

export function createSeen(capacity = 1024): Seen {
  const salt = randomBytes(16).toString('hex')
  let used = 0
  /** High and low half of the hash, and the index plus one; 0 there is a free slot. */
  let slots = new Uint32Array(capacity * WORDS)

  function keyOf(text: string): [high: number, low: number] {
    const digest = hash('sha256', salt + text, 'buffer')
    return [digest.readUInt32LE(0), digest.readUInt32LE(4)]
  }

  /** Slots from the one where a hash belongs, up to the first free one. */
  function* chain(table: Uint32Array, high: number): Generator<number, number> {
    const count = table.length / WORDS
    let slot = high % count
    for (; table[slot * WORDS + 2] !== 0; slot = (slot + 1) % count) yield slot * WORDS
    return slot * WORDS
  }

  function put(table: Uint32Array, high: number, low: number, place: number): void {
    const walk = chain(table, high)
    let step = walk.next()
    while (!step.done) step = walk.next()
    table[step.value] = high
    table[step.value + 1] = low
    table[step.value + 2] = place
  }

  function enlarge(): void {
    const larger = new Uint32Array(slots.length * 2)
    for (let at = 0; at < slots.length; at += WORDS) {
      if (slots[at + 2] !== 0) put(larger, slots[at]!, slots[at + 1]!, slots[at + 2]!)
    }
    slots = larger
  }

  return {
    find(text) {
      const [high, low] = keyOf(text)
      const found: number[] = []
      for (const at of chain(slots, high)) {
        if (slots[at] === high && slots[at + 1] === low) found.push(slots[at + 2]! - 1)
      }
      return found
    },
    add(text, index) {
      if (index > MAX_INDEX) throw new RangeError(`Index ${index} is beyond ${MAX_INDEX}, the largest that is remembered.`)
      if (++used > slots.length / WORDS * 0.75) enlarge()
      put(slots, ...keyOf(text), index + 1)
    },
  }
}
