import type { Database } from '../database/index.ts'
import type { Incidents } from '../incidents/index.ts'
import type { Log } from '../log/index.ts'
import type { Judge } from '../packument/index.ts'
import type { Routes } from '../registry/index.ts'
import type { Tarballs } from '../tarball/index.ts'
import { createConflicts } from './conflicts.ts'
import { createDigests } from './digests.ts'
import { createJudge } from './judge.ts'
import { createPins } from './pins.ts'
import type { VerifyObserver } from './types.ts'

export { createRecordVersion } from './record-version.ts'
export { tarballSource } from './source.ts'
export { packageSubject } from './subject.ts'

interface VerificationOptions {
  log: Log
  database: Database
  routes: Routes
  tarballs: Tarballs
  incidents: Incidents
  observer: VerifyObserver
}

/** Log before serve: every version is recorded, and compared with what is recorded, before anything of it reaches a client. */
export function createVerification({ log, database, routes, tarballs, incidents, observer }: VerificationOptions): Judge {
  return createJudge({
    log, routes, observer,
    pins: createPins(database, log.defaultNamespace),
    digests: createDigests({ downloads: tarballs.downloads, trouble: observer.trouble }),
    thresholds: { check: () => new Map() },
    signatures: { check: async (_, digests) => new Map([...digests.keys()].map(version => [version, 'unsigned'])) },
    conflicts: createConflicts({ log, incidents }),
    rules: [],
    chronicles: [],
  })
}
