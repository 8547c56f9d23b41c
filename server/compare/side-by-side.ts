import { LRUCache } from 'lru-cache'
import type { RegistryConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import type { Summary } from '../packument/index.ts'
import type { Upstream } from '../registry/index.ts'
import { createSingleFlight } from '../single-flight.ts'
import { lookAt, packumentProbe, type Documents, type Look } from './look.ts'
import { createTurns, createVisit } from './visit.ts'

/** What a source said of a package. */
export interface SourceView {
  registry: RegistryConfig
  state: Look['state']
  /** Without one, it has no document that could be used. */
  summary?: Summary
  /** Why it failed, in one sentence. */
  problem?: string
  /** When it was asked, milliseconds since the epoch. */
  at: number
  /** Milliseconds to the first byte. */
  latency?: number
}

/** What sources say of one package, for people who compare them. Only for public names; that is the caller's to see to. */
export interface SideBySide {
  /**
   * In the order of the registries. A source that fails is a view like any other.
   * @param fields with everything that the documents say
   * @param admit counts somebody who is the reason why registries are asked; throws to prevent it
   * @throws RegistryError `UPSTREAM_UNAVAILABLE` if too much is being compared already, or what `admit` throws
   */
  look(
    name: string, registries: readonly RegistryConfig[], fields: boolean, admit: () => Promise<void>,
  ): Promise<SourceView[]>
}

interface SideBySideOptions {
  upstream(registry: RegistryConfig): Upstream
  documents: Documents
  stop: AbortSignal
}

/** An answer is as good as another one for so long (ms): long enough for turning pages. */
const FRESH = 60_000
/** Bytes of memory, guessed. */
const MEMORY = 48 * 1024 * 1024
/** A version takes about so many, and so many with all of its fields. */
const OF_VERSION = 600
const OF_FIELDS = 6_000
/** Documents that are asked for at the same time. */
const MOST_AT_ONCE = 16

export function createSideBySide({ upstream, documents, stop }: SideBySideOptions): SideBySide {
  const views = new LRUCache<string, SourceView>({
    ttl: FRESH, maxSize: MEMORY,
    sizeCalculation: ({ summary }) => OF_VERSION + (summary?.versions.size ?? 0) * (summary?.fields ? OF_FIELDS : OF_VERSION),
  })
  const flights = createSingleFlight<SourceView>()

  async function view(name: string, registry: RegistryConfig, fields: boolean): Promise<SourceView> {
    // Turns of its own: whoever waits for one package does not wait for what others ask.
    const look = await lookAt(createVisit(upstream(registry), createTurns(), stop), name, documents, { fields })
    const { state, summary, exchange: { at, latency } } = look
    return {
      registry, state, summary, at, latency,
      ...(state === 'failed' && { problem: packumentProbe(look).error ?? 'It answered with something else than a document.' }),
    }
  }

  return {
    async look(name, registries, fields, admit) {
      const wanted = registries.map(registry => ({ registry, key: `${registry.id} ${fields ? 'fields' : 'summary'} ${name}` }))
      const known = wanted.map(({ key }) => views.get(key))
      if (known.includes(undefined)) {
        await admit()
        if (flights.running + registries.length > MOST_AT_ONCE) {
          throw new RegistryError('UPSTREAM_UNAVAILABLE', 'Many packages are being compared at the moment; try again in a few seconds.', { retryAfter: 5 })
        }
      }
      return Promise.all(wanted.map(async ({ registry, key }, n) => known[n] ?? flights.run(key, async () => {
        const found = await view(name, registry, fields)
        views.set(key, found)
        return found
      })))
    },
  }
}
