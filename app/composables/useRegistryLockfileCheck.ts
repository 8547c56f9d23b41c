import { computed, onBeforeUnmount, shallowRef } from 'vue'
import type { LockedPackage } from '../../shared/lockfile/index.ts'
import { matchNames, verdictOf, verifyPackages, type Verdict } from '../../shared/lockfile-check/index.ts'
import { LogError, ReadError, StateError, type Head } from '../../shared/sumdb/index.ts'
import { TlogError } from '../../shared/tlog/index.ts'
import { useRegistryLog } from './useRegistryLog.ts'

/** Milliseconds between two looks at how far it is. */
const PERIOD = 200

/**
 * - `unreachable`: nobody answered any more; the rest is `unavailable`
 * - `disbelieved`: the log is not to be believed, so nothing that it answered counts
 */
export type LockfileCheckState = 'ready' | 'running' | 'done' | 'cancelled' | 'unreachable' | 'disbelieved'

export interface LockfileCheckOptions {
  /** Names that must not be asked for. */
  skip: readonly string[]
  /** Authorities whose packages are meant, beside the default one. */
  registries: readonly string[]
  words: { skipped: string, otherAuthority: string }
}

/** Looks a lockfile's packages up, proves the answers and compares the digests, in the browser; one lockfile at a time. */
export function useRegistryLockfileCheck() {
  const log = useRegistryLog()
  const state = shallowRef<LockfileCheckState>('ready')
  const verdicts = shallowRef<readonly Verdict[]>([])
  const done = shallowRef(0)
  /** Packages that got no answer because it ended early. */
  const left = shallowRef(0)
  /** Why it ended early. */
  const reason = shallowRef('')
  const vkey = shallowRef('')
  const head = shallowRef<Head>()
  let controller: AbortController | undefined

  async function start(packages: readonly LockedPackage[], { skip, registries, words }: LockfileCheckOptions) {
    controller?.abort()
    const own = controller = new AbortController()
    const { signal } = own
    const isSkipped = matchNames(skip)
    const found = new Map<number, Verdict>()
    let seen = 0
    state.value = 'running'
    verdicts.value = []
    done.value = left.value = 0
    reason.value = ''
    const timer = setInterval(() => (done.value = seen), PERIOD)

    /** What there is, and something for whatever there is not. */
    const complete = (answer: (locked: LockedPackage, known: Verdict | undefined) => Verdict | undefined) =>
      packages.flatMap((locked, place) => answer(locked, found.get(place)) ?? [])

    try {
      const { client, vkey: counts } = await log.open()
      vkey.value = counts
      head.value = await client.checkpoint()
      signal.throwIfAborted()
      const all = await verifyPackages(packages, client, {
        registries, isSkipped, words, signal,
        progress(count, verdict, place) {
          seen = count
          found.set(place, verdict)
        },
      })
      head.value = await client.seen()
      verdicts.value = all
      state.value = 'done'
    } catch (error) {
      if (own !== controller) return
      left.value = packages.length - found.size
      if (signal.aborted) {
        verdicts.value = complete((_, known) => known)
        state.value = 'cancelled'
      } else if (error instanceof ReadError) {
        reason.value = error.message
        verdicts.value = complete((locked, known) => known ?? (isAsked(locked, isSkipped)
          ? verdictOf(locked, 'unavailable', error.message)
          : verdictOf(locked, 'skipped', locked.note ?? words.skipped)))
        state.value = 'unreachable'
      } else if (error instanceof LogError || error instanceof TlogError || error instanceof StateError) {
        reason.value = error.message
        verdicts.value = complete((locked, known) => known?.state === 'skipped' || !isAsked(locked, isSkipped)
          ? known ?? verdictOf(locked, 'skipped', locked.note ?? words.skipped)
          : verdictOf(locked, 'unproven', error.message))
        state.value = 'disbelieved'
      } else {
        state.value = 'ready'
        throw error
      }
    } finally {
      clearInterval(timer)
      if (own === controller) done.value = seen
    }
  }

  function cancel() {
    controller?.abort(new Error('Stopped.'))
  }

  onBeforeUnmount(cancel)
  return { state, verdicts, done, left, reason, vkey, head, start, cancel, isRunning: computed(() => state.value === 'running') }
}

/** Whether a package's name would be sent. */
export function isAsked(locked: LockedPackage, isSkipped: (name: string) => boolean): boolean {
  return locked.state !== 'not-from-registry' && !isSkipped(locked.name)
}
