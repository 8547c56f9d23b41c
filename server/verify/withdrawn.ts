import type { PackageSubject, RecordDraft } from '../../shared/record/index.ts'
import type { Log } from '../log/index.ts'
import type { Routes, Upstream } from '../registry/index.ts'
import { packageSubject } from './subject.ts'
import type { Chronicle } from './types.ts'

/** Has the log say which recorded versions their authority no longer has. Said once, whatever happens to them later. */
export interface Withdrawals {
  /** For a document of the authority: what it no longer lists. */
  chronicle: Chronicle
  /**
   * For a package that the authority says it does not have: all of its versions. One look at the log where nothing is recorded.
   * @throws RegistryError `LOG_UNAVAILABLE`, or what the database throws; then it is noted the next time
   */
  gone(name: string, upstream: Upstream): Promise<void>
}

interface WithdrawalsOptions {
  log: Pick<Log, 'versionsOf' | 'withdrawnOf' | 'record' | 'defaultNamespace'>
  routes: Pick<Routes, 'isPrivate'>
}

export function createWithdrawals({ log, routes }: WithdrawalsOptions): Withdrawals {
  /** Most packages lack nothing, so that most looks read nothing. */
  async function draftsOf(subject: PackageSubject, missing: readonly string[]): Promise<RecordDraft[]> {
    if (missing.length === 0) return []
    const known = await log.withdrawnOf(subject)
    return missing.filter(version => !known.has(version)).map(version => ({ kind: 'withdrawn', subject: { ...subject, version } }))
  }

  return {
    async chronicle({ subject, standing, summary: { versions, unusable } }) {
      const listed = new Set(unusable)
      const missing = [...standing.keys()].filter(version => !versions.has(version) && !listed.has(version))
      return { drafts: await draftsOf(subject, missing) }
    },
    async gone(name, { registry }) {
      if (routes.isPrivate(name)) return
      const subject = packageSubject(name, registry, log.defaultNamespace)
      const drafts = await draftsOf(subject, [...(await log.versionsOf(subject)).keys()])
      if (drafts.length > 0) await log.record(drafts)
    },
  }
}
