import { computed, onMounted, onServerPrefetch, toValue, watch, type MaybeRefOrGetter } from 'vue'
import { MAX_BADGES, type BadgeBatch, type VersionBadge } from '../../shared/types/badges.ts'

/** Milliseconds until an answer counts as none: a host's page does not wait long for us. */
const TIMEOUT = { server: 1_500, client: 15_000 }

interface KnownBadge {
  badge: VersionBadge
  /** The log's state in which that was so. */
  checkpoint: BadgeBatch['checkpoint']
}

interface Batch {
  /** What the next request asks for. */
  wanted: Set<string>
  flight: Promise<void>
}

/** Of the page in this browser, or of each one that is being rendered. */
const batches = new WeakMap<object, Batch>()

/**
 * What the log says of a version. All badges of a page share one request, and what the server rendered is asked for once more in
 * the browser: a host may keep its pages for days.
 * @param what `name@version`; undefined: there is nothing to ask
 */
export function useRegistryBadge(what: MaybeRefOrGetter<string | undefined>) {
  const request = useRequestFetch()
  const nuxtApp = useNuxtApp()
  const known = useState<Record<string, KnownBadge | 'failed'>>('registry-badges', () => ({}))
  const found = computed(() => {
    const text = toValue(what)
    return text === undefined ? undefined : known.value[text]
  })

  async function send(packages: string[]): Promise<void> {
    try {
      const { badges, checkpoint } = await request<BadgeBatch>('/api/badges', {
        method: 'POST', body: { packages }, retry: 0, timeout: import.meta.server ? TIMEOUT.server : TIMEOUT.client,
      })
      known.value = { ...known.value, ...Object.fromEntries(badges.map((badge, n) => [packages[n], { badge, checkpoint }])) }
    } catch {
      // While a page is rendered it is left open: the browser asks anyway.
      if (import.meta.server) return
      const failed = packages.filter(text => known.value[text] === undefined)
      known.value = { ...known.value, ...Object.fromEntries(failed.map(text => [text, 'failed'])) }
    }
  }

  function ask(): Promise<void> | undefined {
    const text = toValue(what)
    if (text === undefined) return undefined
    const batch = batches.get(nuxtApp) ?? { wanted: new Set<string>(), flight: Promise.resolve() }
    batches.set(nuxtApp, batch)
    if (batch.wanted.size === 0) {
      // Everything that is set up in this turn is asked for together.
      batch.flight = new Promise(resolve => setTimeout(resolve)).then(async () => {
        const wanted = [...batch.wanted]
        batch.wanted.clear()
        for (let n = 0; n < wanted.length; n += MAX_BADGES) await send(wanted.slice(n, n + MAX_BADGES))
      })
    }
    batch.wanted.add(text)
    return batch.flight
  }

  onServerPrefetch(ask)
  onMounted(ask)
  watch(() => toValue(what), ask)
  return {
    known: computed(() => found.value === 'failed' ? undefined : found.value),
    hasFailed: computed(() => found.value === 'failed'),
  }
}
