import { RegistryError } from '../errors.ts'
import type { Upstream } from '../registry/index.ts'
import type { Known } from './judging.ts'
import type { Learner, Learnt } from './learn.ts'
import type { PackumentObserver } from './observer.ts'
import type { Snapshot } from './snapshots.ts'

/** What mirrors know of packages while their authority says nothing. */
export interface Mirrors {
  /**
   * The state of a package by the first mirror whose document agrees with what is recorded. Undefined: none has one.
   * @param upstream of the authority
   */
  find(name: string, upstream: Upstream): Promise<Learnt | undefined>
  /** The mirror that a snapshot is from. Undefined: from none that is asked now. */
  sourceOf(snapshot: Snapshot, upstream: Upstream): Upstream | undefined
}

interface MirrorsOptions {
  learner: Learner
  mirrorsOf(upstream: Upstream): readonly Upstream[]
  /** What a mirror knew stands for so long (ms) while it fails as well. */
  staleIfError: number
  observer: Pick<PackumentObserver, 'trouble'>
}

export function createMirrors({ learner, mirrorsOf, staleIfError, observer }: MirrorsOptions): Mirrors {
  /** A mirror's state from an earlier time, looked at once more: more may be recorded now. */
  async function recalled(name: string, [known, mirror]: [Known, Upstream]): Promise<Learnt | undefined> {
    try {
      const judgement = await learner.review(known, mirror)
      return judgement && { snapshot: known.snapshot, judgement, via: 'mirror' }
    } catch (error) {
      observer.trouble(`reading what mirror "${mirror.registry.id}" said`, error, name)
    }
  }

  return {
    async find(name, upstream) {
      const earlier: [Known, Upstream][] = []
      for (const mirror of mirrorsOf(upstream)) {
        const snapshot = await learner.recall(name, mirror)
        try {
          const learnt = await learner.ask(name, mirror, snapshot && { snapshot })
          if (learnt) return { ...learnt, via: 'mirror' }
        } catch (error) {
          observer.trouble(`asking mirror "${mirror.registry.id}"`, error, name)
          if (snapshot && isAway(error) && Date.now() - snapshot.checkedAt < staleIfError) earlier.push([{ snapshot }, mirror])
        }
      }
      for (const one of earlier) {
        const learnt = await recalled(name, one)
        if (learnt) return learnt
      }
    },
    sourceOf: ({ registry }, upstream) => mirrorsOf(upstream).find(mirror => mirror.registry.url === registry),
  }
}

/** Whether a registry could not be asked, or gave no answer to what it was asked. It may say something else in a moment. */
export function isOutage(error: unknown): error is RegistryError {
  return error instanceof RegistryError && error.status >= 500 && error.code.startsWith('UPSTREAM_')
}

/** What a mirror does say, it says in place of what it said before. */
function isAway(error: unknown): boolean {
  return error instanceof RegistryError && error.code === 'UPSTREAM_UNAVAILABLE'
}
