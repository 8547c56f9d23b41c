import type { VersionSubject } from '../../shared/record/index.ts'
import type { PolicyConfig, RegistryConfig } from '../config/types.ts'
import type { CryptoPool } from '../crypto-pool.ts'
import type { Database } from '../database/index.ts'
import type { Incidents } from '../incidents/index.ts'
import type { Findings } from '../inspect/index.ts'
import type { Log } from '../log/index.ts'
import type { Copies, Judge } from '../packument/index.ts'
import type { Keyring, Routes, Upstream } from '../registry/index.ts'
import type { Tarballs } from '../tarball/index.ts'
import { createArrivals } from './arrivals.ts'
import { createBackdatedRule } from './backdated.ts'
import { createClaimBook } from './claims.ts'
import type { Conflicts } from './conflicts.ts'
import { createDigests } from './digests.ts'
import { createDisputes } from './disputes.ts'
import { createForeignHosts } from './foreign-hosts.ts'
import { createJudge } from './judge.ts'
import { createLinks } from './links.ts'
import { createManifests } from './manifests.ts'
import { createMirrorJudge } from './mirror.ts'
import type { OwnKey } from './own-key.ts'
import { createOwnSignatures } from './own-signatures.ts'
import { createPins } from './pins.ts'
import { createSignatures } from './signatures.ts'
import { createTagsChronicle } from './tags.ts'
import type { Takedowns } from './takedowns.ts'
import { createThresholds, thresholdRule } from './threshold.ts'
import type { Rule, VerifyObserver } from './types.ts'
import type { Withdrawals } from './withdrawn.ts'

export { claimedOf, createConflicts, type Conflict, type Conflicts, type KeysOf } from './conflicts.ts'
export { rememberLies } from './known-lies.ts'
export { createLies, type Lies } from './lies.ts'
export { openOwnKey } from './own-key.ts'
export { createPinned, type Pinned } from './pinned.ts'
export { misattested, type Misattested } from './attested.ts'
export { createRecordVersion } from './record-version.ts'
export { tarballSource } from './source.ts'
export { packageSubject } from './subject.ts'
export { createTakedowns, type Takedowns } from './takedowns.ts'
export type { KnownVersion, VerifyObserver } from './types.ts'
export { createWithdrawals } from './withdrawn.ts'

interface VerificationOptions {
  log: Log
  database: Database
  /** All that are configured. */
  registries: readonly RegistryConfig[]
  routes: Routes
  tarballs: Tarballs
  incidents: Pick<Incidents, 'report'>
  upstream(registry: RegistryConfig): Upstream
  /** What mirrors say. */
  copies: Copies
  keyring: Keyring
  pool: CryptoPool
  /** Absent: we sign nothing. */
  ownKey?: OwnKey
  /** What was found inside tarballs. */
  findings: Findings
  policy: PolicyConfig
  /** Told of every version whose bytes came to be hashed, with their sha512. */
  arrived(name: string, version: string, integrity: string, upstream: Upstream): void
  /** Told of versions that an authority has now and did not have before. */
  appeared(authority: string, versions: readonly VersionSubject[]): void
  withdrawals: Withdrawals
  takedowns: Pick<Takedowns, 'rule'>
  conflicts: Conflicts
  observer: VerifyObserver
}

/** Log before serve: every version is recorded, and compared with what is recorded, before anything of it reaches a client. */
export function createVerification(options: VerificationOptions): Judge {
  const { log, database, routes, tarballs, incidents, upstream, copies, keyring, pool, ownKey, withdrawals, observer } = options
  const { findings, policy, arrived, takedowns, conflicts } = options
  const disputes = createDisputes({ conflicts, incidents, observer })
  const pins = createPins(database, log.defaultNamespace)
  const ownSignatures = ownKey && createOwnSignatures({ database, keyring, key: ownKey, pool })
  const thresholds = createThresholds({ routes, upstream, copies, book: createClaimBook(database), disputes, observer })
  const rules: Rule[] = [
    takedowns.rule, createManifests({ findings, incidents, policy: policy.manifests, trouble: observer.trouble }), disputes.rule,
    createLinks({ routes, policy: policy.links, observer }),
    createForeignHosts({ registries: options.registries, incidents, observer }),
  ]
  const ofAuthority = createJudge({
    log, pins, routes, observer,
    digests: createDigests({ downloads: tarballs.downloads, trouble: observer.trouble, arrived }),
    thresholds,
    signatures: createSignatures({ keyring, pool, incidents, trouble: observer.trouble }),
    ownSignatures,
    conflicts,
    rules: [...rules, createBackdatedRule({ incidents, observer })],
    chronicles: [withdrawals.chronicle, createTagsChronicle({ log, incidents }), createArrivals(options.appeared)],
  })
  const ofMirror = createMirrorJudge({
    log, pins, routes, upstream, conflicts, incidents, ownSignatures, observer,
    rules: [...rules, thresholdRule(thresholds)],
  })
  return (source, ...about) => source.registry.role === 'mirror' ? ofMirror(source, ...about) : ofAuthority(source, ...about)
}
