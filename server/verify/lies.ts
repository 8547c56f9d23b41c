import { Readable } from 'node:stream'
import { formatPurl } from '../../shared/record/index.ts'
import type { RegistryConfig } from '../config/types.ts'
import type { Database } from '../database/index.ts'
import type { Log } from '../log/index.ts'
import type { Quarantine, Routes } from '../registry/index.ts'
import type { IntegrityError, Tarballs } from '../tarball/index.ts'
import type { Conflicts } from './conflicts.ts'
import { createPins } from './pins.ts'
import { packageSubject } from './subject.ts'

/** Other bytes than the recorded ones, from a source of a version. */
interface Lie {
  name: string
  version: string
  authority: RegistryConfig
  /** Who sent them. */
  source: RegistryConfig
  /** What they are. */
  error: IntegrityError
  /** Themselves, unless they are too many. */
  sent?: Buffer
}

/** Makes known that a source sent other bytes than the recorded ones. */
export interface Lies {
  /**
   * The source is not asked for this version again, from now on. The rest is done behind the request: the bytes are kept as
   * evidence, and the conflict becomes an incident and, unless the name is private, a record.
   */
  bytes(lie: Lie): void
  /** Resolves when everything that was told is written down. */
  settled(): Promise<void>
}

interface LiesOptions {
  log: Pick<Log, 'versionsOf' | 'defaultNamespace'>
  database: Database
  routes: Pick<Routes, 'isPrivate'>
  conflicts: Conflicts
  quarantine: Quarantine
  store: Pick<Tarballs['store'], 'put'>
  trouble(what: string, error: unknown, name: string): void
}

export function createLies({ log, database, routes, conflicts, quarantine, store, trouble }: LiesOptions): Lies {
  const pins = createPins(database, log.defaultNamespace)
  const running = new Set<Promise<void>>()

  async function keep({ error: { got, size }, sent, name }: Lie): Promise<void> {
    if (!sent) return
    await store.put(() => Readable.from([sent]), { size, integrity: got })
      .catch((error: unknown) => trouble('keeping other bytes as evidence', error, name))
  }

  async function note({ name, version, authority, source, error: { got, size } }: Lie): Promise<void> {
    const isPrivate = routes.isPrivate(name)
    const ledger = isPrivate ? pins : log
    const standing = (await ledger.versionsOf(packageSubject(name, authority, log.defaultNamespace))).get(version)
    // Nothing is served that is not recorded; if it were, nothing would be there to contradict.
    if (!standing || standing.integrity === got) return
    const claimed = { integrity: standing.integrity, sha512: got, size }
    await conflicts.note([{ standing, other: got, source, claimed }], isPrivate)
  }

  return {
    bytes(lie) {
      const { name, version, authority, source } = lie
      quarantine.add(source.id, formatPurl({ ...packageSubject(name, authority, log.defaultNamespace), version }))
      const work = Promise.all([keep(lie), note(lie)])
        .then(() => {}, (error: unknown) => trouble('noting other bytes', error, name))
        .finally(() => running.delete(work))
      running.add(work)
    },
    async settled() {
      await Promise.all(running)
    },
  }
}
