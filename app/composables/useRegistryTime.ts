import { onBeforeUnmount, onMounted } from 'vue'

/** Milliseconds between two looks at the clock. */
const PERIOD = 10_000
const STORAGE_KEY = 'registry-times'

export type TimeStyle = 'relative' | 'absolute'

/**
 * The present, as one number for the whole page: the server's clock while it is rendered, then the browser's, so that both render
 * the same text first. Milliseconds since the epoch.
 */
export function useRegistryNow() {
  const now = useState('registry-now', () => Date.now())
  let timer: ReturnType<typeof setInterval> | undefined
  onMounted(() => {
    now.value = Date.now()
    timer = setInterval(() => (now.value = Date.now()), PERIOD)
  })
  onBeforeUnmount(() => clearInterval(timer))
  return now
}

/** How times are shown: one choice for all pages, remembered in this browser. */
export function useRegistryTimeStyle() {
  const style = useState<TimeStyle>('registry-time-style', () => 'relative')
  onMounted(() => {
    if (localStorage.getItem(STORAGE_KEY) === 'absolute') style.value = 'absolute'
  })
  function toggle() {
    style.value = style.value === 'relative' ? 'absolute' : 'relative'
    localStorage.setItem(STORAGE_KEY, style.value)
  }
  return { style, toggle }
}
