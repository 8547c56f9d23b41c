import type { RegistryConfig } from '../config/types.ts'

/**
 * Where an answer came from: ready in memory, disk, just fetched, confirmed (304), or, while the authority fails, what was
 * kept or what a mirror has.
 */
export type Tier = 'memory' | 'disk' | 'fetched' | 'revalidated' | 'stale' | 'mirror' | 'negative'

/** What the room tells whoever keeps the books. */
export interface PackumentObserver {
  /** Once for every look at the cache, with the tier that answered. */
  served(tier: Tier): void
  joined(): void
  /** Something in an upstream's document was left out. */
  dropped(registry: RegistryConfig, name: string, dropped: readonly string[]): void
  /** The disk cache or a background refresh failed; requests are answered all the same. */
  trouble(what: string, error: unknown, name: string): void
}
