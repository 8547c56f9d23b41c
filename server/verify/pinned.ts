import type { VersionSubject } from '../../shared/record/index.ts'
import type { RegistryConfig, Severity } from '../config/types.ts'
import type { Database } from '../database/index.ts'
import { RegistryError } from '../errors.ts'
import { mismatch, type Findings } from '../inspect/index.ts'
import type { Log } from '../log/index.ts'
import type { Routes } from '../registry/index.ts'
import { createPins } from './pins.ts'
import { unreadable } from './sentences.ts'
import { packageSubject } from './subject.ts'
import type { KnownVersion } from './types.ts'

/** What is recorded of versions, for whoever asks for one that no document lists. */
export interface Pinned {
  /**
   * The one version of this name that is recorded for one of these authorities; undefined: none is, or more than one.
   * @throws RegistryError `TAKEN_DOWN`, `MANIFEST_MISMATCH`: what is refused in a document is refused here too; `LOG_UNAVAILABLE`
   */
  find(name: string, version: string, authorities: readonly RegistryConfig[]): Promise<KnownVersion | undefined>
}

interface PinnedOptions {
  log: Pick<Log, 'findVersion' | 'defaultNamespace'>
  database: Database
  routes: Pick<Routes, 'isPrivate'>
  /** Why a version is served to nobody. */
  refusalOf(subject: VersionSubject): RegistryError | undefined
  findings: Pick<Findings, 'of'>
  /** What happens to tarballs that differ from their manifests. */
  policy: Severity
}

export function createPinned({ log, database, routes, refusalOf, findings, policy }: PinnedOptions): Pinned {
  const pins = createPins(database, log.defaultNamespace)

  async function read(name: string, version: string, authority: RegistryConfig): Promise<KnownVersion | undefined> {
    const subject = packageSubject(name, authority, log.defaultNamespace)
    if (routes.isPrivate(name)) return (await pins.versionsOf(subject)).get(version)
    return log.findVersion({ ...subject, version })
  }

  /** Where differences are refused, bytes are served that somebody looked into. */
  async function differing({ record: { subject }, integrity }: KnownVersion): Promise<RegistryError | undefined> {
    if (policy !== 'deny') return undefined
    const what = `${subject.name}@${subject.version}`
    const found = await findings.of(subject, integrity)
    return found
      ? mismatch(what, found)
      : new RegistryError('UPSTREAM_UNAVAILABLE', `${what} is withheld: nobody has looked into its bytes yet, and its registry does not say `
      + 'what should be in them.', { retryAfter: 5 })
  }

  return {
    async find(name, version, authorities) {
      try {
        const all = await Promise.all(authorities.map(authority => read(name, version, authority)))
        const [known, another] = all.filter(one => one !== undefined)
        if (!known || another) return undefined
        const refusal = refusalOf(known.record.subject) ?? await differing(known)
        if (refusal) throw refusal
        return known
      } catch (error) {
        throw error instanceof RegistryError ? error : unreadable(name, error)
      }
    },
  }
}
