import { onBeforeUnmount, onMounted, ref, watch, type Ref } from 'vue'
import type { LogEntryPage, LogOverview } from '../../shared/types/log.ts'

/** Milliseconds between two looks. */
const PERIOD = 10_000

/** By how many records the log has grown since a page was read; asked for while somebody looks at it. */
export function useRegistryNewest(page: Readonly<Ref<LogEntryPage | undefined>>) {
  const newer = ref(0)
  let timer: ReturnType<typeof setInterval> | undefined

  async function look() {
    if (document.hidden || !page.value) return
    // A look that fails says nothing; the next one comes soon.
    const found = await $fetch<LogOverview>('/api/log' as string, { retry: 0, timeout: PERIOD }).catch(() => undefined)
    if (found && page.value) newer.value = Math.max(0, found.size - page.value.size)
  }

  onMounted(() => {
    timer = setInterval(look, PERIOD)
  })
  onBeforeUnmount(() => clearInterval(timer))
  watch(page, () => (newer.value = 0))
  return newer
}
