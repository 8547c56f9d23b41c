import { formatPurl, parseRecord, type VersionSubject } from '../../shared/record/index.ts'
import type { BadgeBatch, VersionBadge } from '../../shared/types/badges.ts'
import { verificationStateOf } from '../../shared/verification/index.ts'
import type { Log, VersionHistory } from '../log/index.ts'
import type { Routes } from '../registry/index.ts'
import { packageSubject } from '../verify/index.ts'
import type { Asked } from './asked.ts'

/** What is known of versions, read from the log alone: nobody is asked, and nothing is written. */
export interface Badges {
  /** @throws RegistryError `LOG_UNAVAILABLE`, or what the database throws */
  of(asked: readonly Asked[]): Promise<BadgeBatch>
  /**
   * The version that is called `latest`, or the last one that was recorded where that is not known; undefined: none is recorded.
   * @throws as `of`
   */
  latest(name: string): Promise<string | undefined>
}

export interface BadgesOptions {
  log: Pick<Log, 'head' | 'historiesOf' | 'tagsOf' | 'list' | 'defaultNamespace'>
  routes: Pick<Routes, 'authoritiesOf' | 'isPrivate'>
}

/** A version at one of the authorities that may own its name. */
interface Candidate {
  subject: VersionSubject
  /** Id of the authority. */
  authority: string
}

export function createBadges({ log, routes }: BadgesOptions): Badges {
  /** Nothing is recorded under a private name, and that there is one is nobody's business. */
  function authoritiesOf(name: string) {
    return routes.isPrivate(name) ? [] : routes.authoritiesOf(name)
  }

  function candidatesOf({ name, version }: Asked): Candidate[] {
    return authoritiesOf(name).map(authority => ({
      subject: { ...packageSubject(name, authority, log.defaultNamespace), version }, authority: authority.id,
    }))
  }

  return {
    async of(asked) {
      const { size, recorded } = await log.head()
      const candidates = asked.map(candidatesOf)
      const histories = await log.historiesOf(candidates.flat().map(({ subject }) => subject))
      return {
        checkpoint: { size, time: recorded > 0 ? new Date(recorded).toISOString() : null },
        badges: asked.map((one, n) => {
          const known = candidates[n]!
            .map(candidate => ({ ...candidate, history: histories.get(formatPurl(candidate.subject))! }))
          return badgeOf(one, known.find(({ history }) => history.version ?? history.isPending))
        }),
      }
    },
    async latest(name) {
      const packages = authoritiesOf(name).map(authority => packageSubject(name, authority, log.defaultNamespace))
      await log.head()
      for (const subject of packages) {
        const tagged = (await log.tagsOf(subject))?.record.tags.find(tag => tag.name === 'latest')
        if (tagged) return tagged.version
      }
      for (const subject of packages) {
        const { entries: [newest] } = await log.list({ limit: 1, kind: 'version', package: subject })
        if (newest) return versionIn(newest.text)
      }
      return undefined
    },
  }
}

function badgeOf({ name, version }: Asked, found: Candidate & { history: VersionHistory } | undefined): VersionBadge {
  const { version: entry, withdrawn, conflicts = [], isPending } = found?.history ?? {}
  const mismatch = conflicts.find(({ record }) => record.source === found?.authority)
  return {
    name, version,
    namespace: found?.subject.namespace ?? null,
    state: verificationStateOf({
      evidence: entry?.record.evidence, isMismatch: mismatch !== undefined, isWithdrawn: withdrawn !== undefined, isPending,
    }),
    index: entry?.index ?? null,
    evidence: entry?.record.evidence ?? null,
    recorded: entry?.record.recorded ?? null,
    integrity: entry?.record.integrity ?? null,
    mismatch: mismatch?.index ?? null,
    withdrawn: withdrawn?.index ?? null,
    disagreeing: [...new Set(conflicts.map(({ record }) => record.source).filter(source => source !== found?.authority))],
  }
}

function versionIn(text: string): string | undefined {
  const record = parseRecord(text)
  return record.kind === 'version' ? record.subject.version : undefined
}
