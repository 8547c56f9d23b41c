import type { Document } from './document.ts'

/**
 * Keeps a document that was just opened until the request that caused it has rendered what it came for, so that
 * a cold request parses once. Nobody else waits long: memory is given back as soon as nobody uses it.
 */
export interface Leases {
  /** Offers a document under its snapshot's id; it is closed after its first use, or when nobody comes. */
  offer(id: string, document: Document): void
  /** Uses the offered document, or one that `open` opens. */
  use<T>(id: string, open: () => Promise<Document>, work: (document: Document) => Promise<T>): Promise<T>
}

interface Lease {
  document: Document
  users: number
  unclaimed?: NodeJS.Timeout
}

/** Whoever waited for the fetch asks for a rendering in the same turn; a refresh in the background has nobody who does. */
const UNCLAIMED = 10

export function createLeases(): Leases {
  const leases = new Map<string, Lease>()

  function release(id: string, lease: Lease) {
    if (lease.users > 0 || leases.get(id) !== lease) return
    clearTimeout(lease.unclaimed)
    leases.delete(id)
    lease.document.close()
  }

  return {
    offer(id, document) {
      const before = leases.get(id)
      if (before) return document.close()
      const lease: Lease = { document, users: 0 }
      leases.set(id, lease)
      lease.unclaimed = setTimeout(release, UNCLAIMED, id, lease).unref()
    },
    async use(id, open, work) {
      const lease = leases.get(id)
      if (!lease) {
        const document = await open()
        try {
          return await work(document)
        } finally {
          document.close()
        }
      }
      lease.users++
      try {
        return await work(lease.document)
      } finally {
        lease.users--
        release(id, lease)
      }
    },
  }
}
