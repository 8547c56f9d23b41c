import { onBeforeUnmount, onMounted, ref, shallowRef } from 'vue'
import type { SearchNames } from '../../shared/types/search.ts'

/** Milliseconds without a key until names are asked for. */
const PAUSE = 150
const TIMEOUT = 5_000

/** Names of packages for what is being typed; which one is chosen by the keyboard, `-1`: none. */
export function useRegistrySuggestions() {
  const names = shallowRef<readonly string[]>([])
  const active = ref(-1)
  const isOpen = ref(false)
  const isReady = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked: AbortController | undefined

  function close() {
    clearTimeout(timer)
    asked?.abort()
    active.value = -1
    isOpen.value = false
    names.value = []
  }

  async function ask(q: string) {
    asked?.abort()
    const own = asked = new AbortController()
    try {
      const signal = AbortSignal.any([own.signal, AbortSignal.timeout(TIMEOUT)])
      const answer = await $fetch<SearchNames>('/api/search/names', { query: { q }, retry: 0, signal })
      if (own.signal.aborted) return
      names.value = answer.names
      active.value = -1
      isOpen.value = names.value.length > 0
    } catch {
      // Typing goes on without suggestions; what is wrong, the search itself will say.
    }
  }

  onMounted(() => (isReady.value = true))
  onBeforeUnmount(close)

  return {
    names, active, isOpen,
    /** There is something that can suggest: not while the server renders. */
    isReady,
    /** Asks for names once the typing pauses. */
    suggest(text: string) {
      clearTimeout(timer)
      const q = text.trim()
      if (q === '' || /\s/.test(q)) return close()
      timer = setTimeout(() => void ask(q), PAUSE)
    },
    /** Goes through the names, and past the last one back to what was typed. */
    move(step: 1 | -1) {
      const places = names.value.length + 1
      active.value = (active.value + 1 + step + places) % places - 1
    },
    close,
  }
}
