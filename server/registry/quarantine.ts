import { LRUCache } from 'lru-cache'

/** Who lied about what: a source that sent other bytes for a version is not asked for that version again. */
export interface Quarantine {
  /** @param subject package URL with version */
  add(registryId: string, subject: string): void
  has(registryId: string, subject: string): boolean
  /** Whether the registry lied about anything: most never do, and the question is cheaper. */
  concerns(registryId: string): boolean
  /** An operator found that it was none, or is over. */
  lift(registryId: string, subject: string): void
}

/** Lies that are remembered of one source, the latest; whoever is caught more often is caught again. */
const MOST = 10_000

export function createQuarantine(): Quarantine {
  const lies = new Map<string, LRUCache<string, true>>()
  return {
    add(registryId, subject) {
      let ofOne = lies.get(registryId)
      if (!ofOne) lies.set(registryId, ofOne = new LRUCache({ max: MOST }))
      ofOne.set(subject, true)
    },
    // `get`: what is asked for stays.
    has: (registryId, subject) => lies.get(registryId)?.get(subject) ?? false,
    concerns: registryId => (lies.get(registryId)?.size ?? 0) > 0,
    lift: (registryId, subject) => void lies.get(registryId)?.delete(subject),
  }
}
