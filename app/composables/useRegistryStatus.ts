import { computed, onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue'
import type { RegistryStatus } from '../../shared/types/status.ts'
import type { Connection } from '../states/connection.ts'

/** Milliseconds between two looks at the server while the page is visible. */
const PERIOD = 5_000
/** A server that has not answered by then counts as unreachable. */
const TIMEOUT = 8_000

interface Snapshot {
  status: RegistryStatus
  /** The server's clock when it answered, milliseconds since the epoch: ages are measured against it. */
  serverTime: number
}

interface Failure {
  /** The HTTP status of an answer that was none; undefined without any answer. */
  status?: number
}

/**
 * The server's live state: rendered on the server, then asked again every five seconds while the page
 * is visible. The last good answer stays when a later one fails, and `connection` says so.
 * Everything that needs the component is set up before the first wait.
 */
export async function useRegistryStatus() {
  const request = useRequestFetch()
  const asyncData = useAsyncData<Snapshot, Failure>('registry-status', async () => {
    let answer: Response | undefined
    try {
      const status = await request<RegistryStatus>('/api/registry/status', {
        timeout: TIMEOUT,
        retry: 0,
        onResponse: ({ response }) => {
          answer = response
        },
      })
      // Rendering on the server there is no such header, but the clock is the right one already.
      const date = answer?.headers.get('date')
      return { status, serverTime: date ? Date.parse(date) : Date.now() }
    } catch (cause) {
      throw createError<Failure>({ message: 'The status cannot be fetched.', data: { status: answer?.status }, cause })
    }
  }, { lazy: true })
  const { data, error, refresh } = asyncData
  const failure = computed(() => error.value?.data?.status)

  // A failed refresh empties `data`; what was known stays worth showing.
  const last = shallowRef(data.value)
  watch(data, (latest) => {
    if (latest) last.value = latest
  })
  const snapshot = computed(() => data.value ?? last.value)

  const online = ref(true)
  const answeredAt = ref<number>()
  const askedAt = ref<number>()

  const connection = computed<Connection>(() => {
    if (!online.value) return 'offline'
    if (error.value) return failure.value === undefined ? 'unreachable' : 'failed'
    return snapshot.value ? 'live' : 'loading'
  })

  if (import.meta.client) {
    let timer: ReturnType<typeof setTimeout> | undefined
    let isStopped = false

    const schedule = () => {
      clearTimeout(timer)
      if (!isStopped && document.visibilityState === 'visible' && online.value) timer = setTimeout(ask, PERIOD)
    }
    const ask = async () => {
      clearTimeout(timer)
      await refresh({ dedupe: 'defer' })
      askedAt.value = Date.now()
      if (!error.value) answeredAt.value = askedAt.value
      schedule()
    }
    const onVisibility = () => {
      if (document.visibilityState === 'visible' && online.value) void ask()
      else clearTimeout(timer)
    }
    const onNetwork = () => {
      online.value = navigator.onLine
      if (online.value) void ask()
      else clearTimeout(timer)
    }

    onMounted(() => {
      document.addEventListener('visibilitychange', onVisibility)
      addEventListener('online', onNetwork)
      addEventListener('offline', onNetwork)
      online.value = navigator.onLine
      if (snapshot.value) {
        answeredAt.value = Date.now()
        schedule()
      } else {
        void ask()
      }
    })
    onBeforeUnmount(() => {
      isStopped = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', onVisibility)
      removeEventListener('online', onNetwork)
      removeEventListener('offline', onNetwork)
    })
  }

  // Waiting makes the setup asynchronous on the server and in the browser alike; otherwise Vue would
  // count the ids of the components inside differently. A lazy fetch waits for nothing in the browser.
  await asyncData

  return {
    status: computed(() => snapshot.value?.status),
    serverTime: computed(() => snapshot.value?.serverTime),
    connection,
    /** The HTTP status of an answer that was no status. */
    failure,
    /** Milliseconds from the last good answer to the last attempt; undefined before the first one in the browser. */
    silence: computed(() => answeredAt.value && askedAt.value ? askedAt.value - answeredAt.value : undefined),
  }
}
