import { shallowRef, watch, type Ref } from 'vue'

/** What was there last: a page keeps showing it while something else is asked for, so that nothing jumps. */
export function useRegistryKept<T>(data: Readonly<Ref<T | undefined>>) {
  const kept = shallowRef(data.value)
  watch(data, (latest) => {
    if (latest !== undefined) kept.value = latest
  })
  return kept
}
