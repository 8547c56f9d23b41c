import type { LockedPackage } from '../lockfile/index.ts'
import { RecordError } from '../record/index.ts'
import { LogError, ReadError, type LogClient, type Lookup } from '../sumdb/index.ts'
import { judge, verdictOf, type Verdict } from './judge.ts'

/** Lookups at once. */
const AT_ONCE = 8

/** Faults of the whole log: nothing that it says counts any more. */
const FATAL = new Set(['FORK', 'ROLLBACK', 'UNTRUSTED'])

export interface VerifyOptions {
  /** Authorities whose packages are meant, beside the log's default one and the one that a package's own URL names. */
  registries: readonly string[]
  /** Whether a name must not be asked for. */
  isSkipped: (name: string) => boolean
  /** What the user can do, in the words of the program: ends a verdict's reason. */
  words: { skipped: string, otherAuthority: string }
  /** Called for each verdict, in whatever order they come; `place` is the package's in the lockfile. */
  progress: (done: number, verdict: Verdict, place: number) => void
  /** Ends it: nothing more is asked for, and nothing more reported. */
  signal?: AbortSignal
}

/**
 * Looks up every package of a lockfile, in its order.
 *
 * @throws LogError if the log itself is not to be believed; ReadError if nobody answers any more; the signal's reason
 */
export async function verifyPackages(
  packages: readonly LockedPackage[], client: LogClient, { registries, isSkipped, words, progress, signal }: VerifyOptions,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  const lookups = new Map<string, Promise<Lookup>>()
  let done = 0

  function lookUp({ name, version, resolved }: LockedPackage): Promise<Lookup> {
    const namespaces = [undefined, ...registries, ...namespacesOf(resolved)]
    const key = JSON.stringify([name, version, namespaces])
    const known = lookups.get(key) ?? client.lookup(name, version, namespaces)
    lookups.set(key, known)
    return known
  }

  async function verify(locked: LockedPackage): Promise<Verdict> {
    if (locked.state === 'not-from-registry') return verdictOf(locked, 'skipped', locked.note ?? 'not from a registry')
    if (isSkipped(locked.name)) return verdictOf(locked, 'skipped', words.skipped)
    try {
      return judge(locked, await lookUp(locked))
    } catch (error) {
      return explain(error, locked, words)
    }
  }

  const queue = packages.entries()
  let isOver = false
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    try {
      for (const [i, locked] of queue) {
        if (isOver) return
        signal?.throwIfAborted()
        const verdict = verdicts[i] = await verify(locked)
        signal?.throwIfAborted()
        progress(++done, verdict, i)
      }
    } finally {
      // Also when one of them fails: the others need not go on.
      isOver = true
    }
  }))
  return verdicts
}

function explain(error: unknown, locked: LockedPackage, words: VerifyOptions['words']): Verdict {
  if (error instanceof RecordError) return verdictOf(locked, 'missing', `no log can have it: ${error.message}`)
  if (error instanceof LogError && !FATAL.has(error.code)) {
    const hint = error.code === 'OTHER_AUTHORITY' ? ` ${words.otherAuthority}` : ''
    return verdictOf(locked, 'unproven', error.message + hint)
  }
  if (error instanceof ReadError && error.status !== undefined) {
    const isUnavailable = error.status === 429 || error.status >= 500
    return verdictOf(locked, isUnavailable ? 'unavailable' : 'missing', error.message)
  }
  throw error
}

/** The authorities that a tarball's URL can belong to: its host, and every path above it. */
function namespacesOf(resolved = ''): string[] {
  const url = URL.parse(resolved)
  if (!url || !/^https?:$/.test(url.protocol)) return []
  const parts = url.pathname.split('/').slice(1, -1)
  return Array.from({ length: parts.length + 1 }, (_, n) => [url.host, ...parts.slice(0, n)].join('/'))
}
