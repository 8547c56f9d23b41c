import type { Log } from '../log/index.ts'

/** Where digests are in the log. */
interface DigestIndex {
  /** Records that have the digest, as the version's own or as what another source claimed; the first of them first. */
  find(integrity: string): Promise<number[]>
}

/** Records that are read in one turn of the event loop. */
const CHUNK = 1_000
/** Newer records than this many are found; memory stays below 16 MB. */
const REACH = 4_000_000
const DIGEST = /\n(?:integrity|other) sha512-([A-Za-z0-9+/]{8})/g

/**
 * Four bytes of each digest, in memory: nothing that an append would have to wait for. Read the first time somebody looks for a
 * digest, and continued from then on; what has the same four bytes is compared as a whole.
 */
export function createDigestIndex(log: Pick<Log, 'head' | 'texts'>): DigestIndex {
  let places = new Uint32Array(0)
  let prints = new Uint32Array(0)
  let length = 0
  let next = 0
  let reading: Promise<void> | undefined

  function add(place: number, print: number) {
    if (length === places.length) {
      places = grown(places)
      prints = grown(prints)
    }
    places[length] = place
    prints[length++] = print
  }

  async function read(): Promise<void> {
    const { size } = await log.head()
    next = Math.max(next, size - REACH)
    while (next < size) {
      const texts = await log.texts(next, Math.min(next + CHUNK, size))
      if (texts.length === 0) return
      for (const [n, text] of texts.entries()) {
        for (const [, digest] of text.matchAll(DIGEST)) add(next + n, printOf(digest!))
      }
      next += texts.length
      await new Promise(setImmediate)
    }
  }

  return {
    async find(integrity) {
      reading ??= read().finally(() => reading = undefined)
      await reading
      const wanted = printOf(integrity.slice('sha512-'.length))
      const found: number[] = []
      for (let at = prints.indexOf(wanted); at !== -1 && at < length; at = prints.indexOf(wanted, at + 1)) {
        const place = places[at]!
        const [text = ''] = await log.texts(place, place + 1)
        if (text.includes(` ${integrity}\n`) && !found.includes(place)) found.push(place)
      }
      return found
    },
  }
}

function printOf(digest: string): number {
  return Buffer.from(digest.slice(0, 8), 'base64').readUInt32LE()
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(4_096, Math.ceil(array.length * 1.5)))
  larger.set(array)
  return larger
}
