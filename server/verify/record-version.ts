import { RegistryError } from '../errors.ts'
import type { Log, RecordedVersion } from '../log/index.ts'
import type { Packuments } from '../packument/index.ts'
import type { RegistryConfig } from '../config/types.ts'
import type { Owners, Routes, Upstream } from '../registry/index.ts'
import { packageSubject } from './subject.ts'

interface RecordVersionOptions {
  log: Pick<Log, 'findVersion' | 'defaultNamespace'>
  routes: Pick<Routes, 'isPrivate'>
  owners: Pick<Owners, 'of'>
  packuments: Pick<Packuments, 'contents'>
  upstream(registry: RegistryConfig): Upstream
}

/** Records a version as its authority has it now, if it is not recorded yet. */
export type RecordVersion = (name: string, version: string) => Promise<RecordedVersion>

export function createRecordVersion({ log, routes, owners, packuments, upstream }: RecordVersionOptions): RecordVersion {
  /**
   * @throws RegistryError `NOT_FOUND`, `AMBIGUOUS_NAME`, `VERSION_NOT_FOUND`, `LOG_UNAVAILABLE`, `UPSTREAM_…`, or why the version
   * is withheld
   */
  return async (name, version) => {
    if (routes.isPrivate(name)) throw new RegistryError('NOT_FOUND', 'This name is private to the operator of this server: it is in no public log.')
    const authority = await owners.of(name)
    const { summary, judgement } = await packuments.contents(name, upstream(authority), { latest: true })
    if (!summary.versions.has(version)) {
      throw new RegistryError('VERSION_NOT_FOUND', `${name} has no version ${JSON.stringify(version.slice(0, 100))}.`)
    }
    const recorded = await log.findVersion({ ...packageSubject(name, authority, log.defaultNamespace), version })
    // Also for a version that is in conflict now: the first digest stands.
    if (recorded) return recorded
    throw judgement.verdict.withheld.get(version)
      ?? new RegistryError('LOG_UNAVAILABLE', `${name}@${version} is recorded, but not public yet; ask again in a moment.`, { retryAfter: 1 })
  }
}
