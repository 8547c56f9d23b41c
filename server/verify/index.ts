import type { RegistryConfig } from '../config/types.ts'
import type { Database } from '../database/index.ts'
import type { Incidents } from '../incidents/index.ts'
import type { Log } from '../log/index.ts'
import type { Copies, Judge } from '../packument/index.ts'
import type { Routes, Upstream } from '../registry/index.ts'
import type { Tarballs } from '../tarball/index.ts'
import { createClaimBook } from './claims.ts'
import { createConflicts } from './conflicts.ts'
import { createDigests } from './digests.ts'
import { createDisputes } from './disputes.ts'
import { createJudge } from './judge.ts'
import { createPins } from './pins.ts'
import { createThresholds } from './threshold.ts'
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
  upstream(registry: RegistryConfig): Upstream
  /** What mirrors say. */
  copies: Copies
  observer: VerifyObserver
}

/** Log before serve: every version is recorded, and compared with what is recorded, before anything of it reaches a client. */
export function createVerification(options: VerificationOptions): Judge {
  const { log, database, routes, tarballs, incidents, upstream, copies, observer } = options
  const conflicts = createConflicts({ log, incidents })
  const disputes = createDisputes({ conflicts, incidents, observer })
  return createJudge({
    log, routes, observer,
    pins: createPins(database, log.defaultNamespace),
    digests: createDigests({ downloads: tarballs.downloads, trouble: observer.trouble }),
    thresholds: createThresholds({ routes, upstream, copies, book: createClaimBook(database), disputes, observer }),
    signatures: { check: async (_, digests) => new Map([...digests.keys()].map(version => [version, 'unsigned'])) },
    conflicts,
    rules: [disputes.rule],
    chronicles: [],
  })
}
