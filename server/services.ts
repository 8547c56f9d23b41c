import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { formatPurl, type VersionSubject } from '../shared/record/index.ts'
import type { RegistryKeysOverview } from '../shared/types/registries.ts'
import { createBadges, createBadgeSurface, type Badges, type BadgeSurface } from './badges/index.ts'
import { createCompare, type Compare } from './compare/index.ts'
import { createObservers } from './composition/observers.ts'
import { createUpstreams } from './composition/upstreams.ts'
import { createViews } from './composition/views.ts'
import type { Config, RegistryConfig } from './config/types.ts'
import { createCryptoPool } from './crypto-pool.ts'
import { openDatabase } from './database/index.ts'
import { RegistryError } from './errors.ts'
import { createIncidents, createReceiverRoutes, createWebhooks, receiverId, type Incidents } from './incidents/index.ts'
import { createBundles, fullIncident, type Bundles } from './incidents-api/index.ts'
import { createFindings, createInspections, createInspector } from './inspect/index.ts'
import { openLog, type Log } from './log/index.ts'
import { createNpmSurface, type NpmSurface, type View } from './npm/index.ts'
import type { Metrics, RequestLog } from './observe/index.ts'
import { createPackagePages, type PackagePages } from './package-api/index.ts'
import {
  createCopies, createDocuments, createPackuments, createReadingOf, createSnapshots, type Packuments, type WorkerSource,
} from './packument/index.ts'
import { createPreferences, type Preferences } from './preferences/index.ts'
import {
  createKeyring, createKeyStore, createOwners, createPresence, createQuarantine, createRedirects, createRoutes, createSources,
  isOnlyPrivate, keysOverview, label, onChain, type HealthBook, type Quarantine, type Routes,
} from './registry/index.ts'
import { createSearch, type Search } from './search/index.ts'
import { openCacheStorage } from './storage.ts'
import { createSumdbSurface, type SumdbSurface } from './sumdb/index.ts'
import { canonicalTarballUrl, createTarballs, IntegrityError, type Tarballs } from './tarball/index.ts'
import {
  createConflicts, createLies, createPinned, createRecordVersion, createTakedowns, createVerification, createWithdrawals,
  openOwnKey, packageSubject, rememberLies, type KeysOf, type Takedowns,
} from './verify/index.ts'

/** Everything that one running server is made of, put together once. */
export interface Services {
  config: Config
  routes: Routes
  health: HealthBook
  /** Sources that are not asked for a version again. */
  quarantine: Quarantine
  packuments: Packuments
  tarballs: Tarballs
  log: Log
  incidents: Incidents
  bundles: Bundles
  takedowns: Takedowns
  /** What a version is called at every authority that may own its name. */
  subjectsOf(name: string, version: string): VersionSubject[]
  npm: NpmSurface
  sumdb: SumdbSurface
  compare: Compare
  badges: Badges
  /** Pictures of them. */
  badge: BadgeSurface
  search: Search
  /** Which registry signs with which key. @param withHidden also registries that only private names lead to */
  signingKeys(withHidden: boolean): Promise<RegistryKeysOverview>
  packagePages: PackagePages
  /** What a client without preferences sees. */
  view: View
  /** The same under the name by which a client reached us, if that is one of ours. */
  viewAt(host: string | undefined): View
  preferences: Preferences
  /** Asks every upstream for a sign of life that was not heard of lately. */
  probe(): Promise<void>
  /** Finishes running downloads, then lets go of connections and files. */
  close(): Promise<void>
}

interface ServicesOptions {
  config: Config
  version: string
  worker: WorkerSource
  inspectWorker: WorkerSource
  requestLog: RequestLog
  metrics: Metrics
  /** Path of the npm surface: `/npm/`. */
  surfacePath: string
}

/** Running downloads may take this long to finish after the last request was answered. */
const DRAIN = 25_000

export async function createServices(options: ServicesOptions): Promise<Services> {
  const { config, version, worker, inspectWorker, requestLog, metrics, surfacePath } = options
  const { limits, cache, dataDir } = config
  await mkdir(dataDir, { recursive: true })
  const routes = createRoutes(config)
  const observers = createObservers(routes, metrics, requestLog)
  const { trouble } = observers

  const database = await openDatabase(config.databaseUrl)
  const log = await openLog({
    database, dataDir, ...config.sumdb,
    namespace: routes.default.namespace,
    observer: {
      committed(records, milliseconds) {
        metrics.recorded.inc(records)
        metrics.commitDuration.observe(milliseconds / 1000)
      },
      trouble,
    },
  })

  const upstreams = createUpstreams({ config, version, requestLog, metrics })
  const { health, connections, identity, via, of: upstream } = upstreams

  const storage = openCacheStorage(config)
  const documents = createDocuments(worker, limits.maxPackumentSize)
  const snapshots = createSnapshots(storage)
  const tarballs = createTarballs({
    dir: join(dataDir, 'tarballs'), maxBytes: cache.disk, limits,
    onError: error => trouble('keeping tarballs', error),
  })
  const isMirror = (id: string) => config.registries.some(registry => registry.id === id && registry.role === 'mirror')
  const quarantine = createQuarantine()
  await rememberLies(database, quarantine, config.registries)
  const incidents = createIncidents(database, (report) => {
    const { kind, subject, source } = report
    if (kind === 'conflict' && subject && isMirror(source)) quarantine.add(source, subject)
    observers.incident(report)
    webhooks.wake()
  }, config.webhooks.map(receiverId))
  const webhooks = createWebhooks({
    database, incidents, webhooks: config.webhooks, trouble,
    routeTo: createReceiverRoutes({ registries: config.registries, connections }),
    bodyOf: incident => ({
      event: 'incident',
      incident: fullIncident(incident),
      bundle: new URL(`api/incidents/${incident.id}/bundle`, config.publicUrl).href,
    }),
  })
  const copies = createCopies({ limits, documents })
  const pool = createCryptoPool()
  const ownKey = config.signVersions ? await openOwnKey(dataDir, config.registryKey) : undefined
  const keyring = createKeyring({
    authorities: routes.authorities, mirrorsOf: routes.mirrorsOf, own: ownKey && [ownKey.published],
    defaultNamespace: log.defaultNamespace, isPrivate: registry => isOnlyPrivate(registry, config),
    upstream, timeout: limits.totalTimeout, pool, store: createKeyStore(database),
    record: drafts => log.record(drafts), report: found => incidents.report(found), trouble,
  })
  const findings = createFindings(database)
  const subjectAt = (name: string, version: string, authority: RegistryConfig): VersionSubject =>
    ({ ...packageSubject(name, authority, log.defaultNamespace), version })
  const withdrawals = createWithdrawals({ log, routes })
  const takedowns = await createTakedowns({ database, trouble, changed(packages) {
    for (const { name, namespace = log.defaultNamespace } of packages) {
      const authority = routes.authorities.find(one => one.namespace === namespace)
      if (authority) packuments.forget(name, upstream(authority))
    }
  } })
  const keys: KeysOf = source => keyring.all(new Set([source.of ?? source.id]))
  const { refusalOf } = takedowns
  const pinned = createPinned({ log, database, routes, refusalOf, findings, policy: config.policy.manifests })
  const conflicts = createConflicts({ log, incidents, keys })
  const judge = createVerification({
    takedowns,
    log, database, registries: config.registries, routes, tarballs, incidents, upstream, copies,
    keyring, pool, ownKey, findings, policy: config.policy, withdrawals, conflicts,
    appeared: (authority, versions) => compare.arrived(authority, versions),
    arrived(name, version, integrity, upstream) {
      const subject = subjectAt(name, version, upstream.registry)
      inspections.passed({ subject, integrity, upstream, isPrivate: routes.isPrivate(name) })
    },
    observer: observers.verify,
  })
  const packuments = createPackuments({
    cache, limits, snapshots, documents, judge, readingOf: createReadingOf(config.registries),
    mirrorsOf: ({ registry, chain }) => routes.mirrorsOf(registry).map(mirror => onChain(upstream(mirror), chain)),
    gone: withdrawals.gone,
    observer: observers.packuments,
  })

  const inspections = createInspections({
    findings, inspector: createInspector(inspectWorker), incidents, store: tarballs.store, packuments,
    policy: config.policy.manifests, trouble,
  })
  metrics.gauge('registry_inspections_waiting', 'Tarballs that wait to be looked into', () => inspections.stats().waiting)
  metrics.gauge('registry_inspections_dropped', 'Tarballs that were not looked into because the queue was full', () => inspections.stats().dropped)

  const owners = createOwners({ routes, upstream, find: (name, upstream) => packuments.contents(name, upstream) })
  const subjectOf = async (name: string, version: string): Promise<VersionSubject> =>
    subjectAt(name, version, await owners.of(name))
  const sumdb = createSumdbSurface({
    log, subjectOf, isOpen: owners.isOpen, isPrivate: routes.isPrivate, trouble,
    verifySignature: keyring.verify,
    recordVersion: createRecordVersion({ log, routes, owners, packuments, upstream }),
  })

  const presence = createPresence({
    upstream, trouble, urlOf: (registry, name, version) => canonicalTarballUrl(registry.url, name, version),
  })
  const sources = createSources({
    registries: config.registries, health, quarantine, knock: presence.ask,
    subjectOf: (authority, name, version) => formatPurl(subjectAt(name, version, authority)),
  })
  const lies = createLies({ log, database, routes, conflicts, quarantine, store: tarballs.store, trouble })
  metrics.gauge('registry_ready_bytes', 'Bytes of ready answers in memory', () => packuments.stats().readyBytes)
  metrics.gauge('registry_packuments', 'Packuments in the disk cache', () => packuments.stats().known)
  metrics.gauge('registry_tarball_bytes', 'Bytes of tarballs on disk', () => tarballs.store.stats().bytes)

  metrics.gauge('registry_log_read_only', '1 when nothing can be appended to the log', () => log.status().state === 'ok' ? 0 : 1)

  const views = createViews(config, routes, surfacePath)
  const preferences = createPreferences({
    config, database, usual: views.at, trouble, wrongToken: surface => metrics.wrongTokens.inc({ surface }),
  })
  metrics.gauge('registry_profiles', 'Profiles of preferences', preferences.count)
  const redirects = createRedirects()
  const compare = createCompare({
    config, routes, log, database, health, redirects, incidents, connections, identity, worker, trouble,
    verifySignature: keyring.verify,
    conflict: disagreement => conflicts.note([disagreement], false),
    observer: {
      answered: ({ id }, status, latency) => metrics.upstreamDuration.observe({ registry: id, status }, latency / 1000),
      failed: (registry, { code }) => metrics.upstreamErrors.inc({ registry: registry.id, code }),
    },
  })
  const badges = createBadges({ log, routes })
  webhooks.wake()
  return {
    packagePages: createPackagePages({ log, routes, incidents, conflicts, trouble, sideBySide: compare.sideBySide }),
    incidents, takedowns,
    bundles: createBundles({ incidents, log, store: tarballs.store, isTakenDown: takedowns.has }),
    async signingKeys(withHidden) {
      // Has those asked that were not lately.
      await keyring.all()
      return keysOverview(config.registries.filter(one => withHidden || !isOnlyPrivate(one, config)), keyring)
    },
    subjectsOf: (name, version) => routes.authoritiesOf(name).map(authority => subjectAt(name, version, authority)),
    config, routes, health, quarantine, packuments, tarballs, log, sumdb, compare, preferences,
    badges, badge: createBadgeSurface({ badges, isPrivate: routes.isPrivate, trouble }),
    search: createSearch({ log, incidents, routes }),
    view: views.usual, viewAt: views.at,
    probe: upstreams.probe,
    npm: createNpmSurface({
      packuments, tarballs, owners, upstream, limits, via, trouble, incidents, inspections, sources, presence, lies, pinned,
      keys: keyring.all, subjectOf: subjectAt,
      redirected(registry) {
        redirects.note(registry)
        metrics.redirects.add(registry.id)
      },
      brokeOff: registry => health.failed(registry, brokenOff(registry)),
      gaveUp(registry, error) {
        metrics.failovers.inc({ registry: registry.id, code: error.code })
        if (error instanceof IntegrityError) metrics.lies.inc({ registry: registry.id })
      },
    }, {
      usual: views.at, of: preferences.of,
    }),
    async close() {
      await compare.close()
      takedowns.close()
      await webhooks.close()
      await tarballs.close(DRAIN)
      await lies.settled()
      await inspections.close()
      await packuments.written()
      await documents.close()
      await connections.close()
      await keyring.settled()
      await storage.dispose()
      await log.close()
      await database.close()
    },
  }
}

/** Names nothing of what was on its way: whoever asks how a registry does gets to see it. */
function brokenOff(registry: RegistryConfig): RegistryError {
  return new RegistryError('UPSTREAM_UNAVAILABLE', `Registry ${label(registry)} broke off while it sent a tarball.`)
}
