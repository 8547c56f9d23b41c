import { computed, toValue, type MaybeRefOrGetter } from 'vue'

/** Milliseconds until an answer counts as none. */
const TIMEOUT = 15_000

/** Why something of our own API is not there to be shown. */
export interface DataFailure {
  /** HTTP status; undefined without any answer. */
  status?: number
  /** Of the answer's JSON: `NOT_FOUND`. */
  code?: string
  /** Of the answer's JSON: what and why, for people. */
  sentence?: string
}

/**
 * What data is to its page: without `page` data there is no page, and its status is the page's. A page stands without a `part`,
 * and a `deferred` part is only asked for by the browser, once the page is there.
 */
type Place = 'page' | 'part' | 'deferred'

/**
 * JSON of our own API, rendered on the server, and fetched again when the path changes.
 * @param path absolute path with its query: `/api/log/entries?limit=50`
 */
export async function useRegistryData<T>(path: MaybeRefOrGetter<string>, place: Place = 'page') {
  const request = useRequestFetch()
  const event = useRequestEvent()
  const asyncData = useAsyncData<T, DataFailure>(() => `registry ${toValue(path)}`, async (_app, { signal }) => {
    try {
      // The path's own type would be a guess by Nitro of what routes return.
      return await request(toValue(path) as string, { timeout: TIMEOUT, retry: 0, signal }) as T
    } catch (cause) {
      const { status, data } = cause as { status?: number, data?: { error?: unknown, code?: unknown } }
      throw createError<DataFailure>({
        message: `${toValue(path)} cannot be read.`,
        cause,
        data: {
          status,
          ...(typeof data?.code === 'string' && { code: data.code }),
          ...(typeof data?.error === 'string' && { sentence: data.error }),
        },
      })
    }
  }, { server: place !== 'deferred', lazy: place === 'deferred' })
  const { data, error, status, refresh } = asyncData
  if (place !== 'deferred') await asyncData
  const failure = computed<DataFailure | undefined>(() => error.value ? error.value.data ?? {} : undefined)
  // A page about something that is not there is no page.
  if (event && place === 'page' && failure.value?.status) setResponseStatus(event, failure.value.status)
  return { data, failure, isLoading: computed(() => status.value === 'pending'), refresh }
}
