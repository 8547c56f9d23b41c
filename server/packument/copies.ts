import { LRUCache } from 'lru-cache'
import type { LimitsConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import type { Upstream } from '../registry/index.ts'
import { createSingleFlight } from '../single-flight.ts'
import type { Documents } from './document.ts'
import { fetchPackument, type Validators } from './fetch.ts'
import type { Summary } from './types.ts'

/** What mirrors say of packages. Nothing of it is served: it is compared with what their authority says. */
export interface Copies {
  /**
   * What a mirror's document says, asked for at most {@link FRESH} ms ago; undefined: the mirror has no such package.
   * @throws RegistryError `UPSTREAM_…`
   */
  of(name: string, upstream: Upstream): Promise<Summary | undefined>
}

interface CopiesOptions {
  limits: LimitsConfig
  documents: Documents
}

interface Copy {
  summary?: Summary
  validators: Validators
  /** Milliseconds since the epoch. */
  checkedAt: number
}

/** A mirror is not asked for the same package again within this time (ms), unless it failed. */
const FRESH = 30_000
/** Copies are looked at when something new appears; few are of use for longer than that. */
const MEMORY = 16 * 1024 * 1024
const BYTES_PER_COPY = 500
const BYTES_PER_VERSION = 600

export function createCopies({ limits, documents }: CopiesOptions): Copies {
  const known = new LRUCache<string, Copy>({
    maxSize: MEMORY, sizeCalculation: ({ summary }) => BYTES_PER_COPY + (summary?.versions.size ?? 0) * BYTES_PER_VERSION,
  })
  const asking = createSingleFlight<Copy>()

  async function ask(name: string, upstream: Upstream, before?: Copy): Promise<Copy> {
    const answer = await fetchPackument(upstream, name, before?.validators ?? {}, limits)
    const checkedAt = Date.now()
    if (answer.state === 'unchanged') return { ...before!, checkedAt }
    if (answer.state === 'missing') return { validators: {}, checkedAt }
    try {
      const document = await documents.open(answer.packed, name)
      document.close()
      return { summary: document.summary, validators: answer.validators, checkedAt }
    } catch (error) {
      // Every version of it was unpublished.
      if (error instanceof RegistryError && error.code === 'NOT_FOUND') return { validators: {}, checkedAt }
      throw error
    }
  }

  return {
    async of(name, upstream) {
      const key = `${upstream.registry.id} ${name}`
      const before = known.get(key)
      if (before && Math.abs(Date.now() - before.checkedAt) < FRESH) return before.summary
      const copy = await asking.run(key, () => ask(name, upstream, before))
      known.set(key, copy)
      return copy.summary
    },
  }
}
