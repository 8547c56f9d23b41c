import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RegistryConfig } from '../../../../server/config/types.ts'
import { createCryptoPool } from '../../../../server/crypto-pool.ts'
import { openDatabase, type Database } from '../../../../server/database/index.ts'
import {
  createConnections, createKeyring, createKeyStore, createUpstream, type KeyIncident, type Keyring,
} from '../../../../server/registry/index.ts'
import type { RegistryKey } from '../../../../shared/record/index.ts'
import { createFixtureRegistry, type FixtureRegistry } from '../../../fixtures/registry/index.ts'
import type { SigningKey } from '../../../fixtures/registry/signing.ts'

export const HOUR = 3_600_000
const LIMITS = {
  connectTimeout: 1_000, headersTimeout: 1_000, bodyTimeout: 1_000, totalTimeout: 2_000, retries: 0,
  maxPackumentSize: 1e6, maxTarballSize: 1e6, maxRequestBody: 1e6, maxRedirects: 1, connections: 4, proxy: {},
}

export interface KeysBench {
  /** Authorities `a` (the default) and `b`, and mirror `m` of `a`. */
  fixtures: Record<'a' | 'b' | 'm', FixtureRegistry>
  registries: Record<'a' | 'b' | 'm', RegistryConfig>
  database: Database
  keyring: Keyring
  /** `keys` records in their order: namespace and key ids. */
  records: { namespace: string, keys: readonly RegistryKey[] }[]
  incidents: KeyIncident[]
  troubles: string[]
  /** Milliseconds since the epoch. */
  now: number
  /** What the log answers instead of recording. */
  failure?: Error
  /** Ids of registries that only private names lead to. */
  isPrivate: Set<string>
  /** The same server after a restart. */
  restart(own?: readonly RegistryKey[]): Keyring
  close(): Promise<void>
}

export async function createKeysBench(): Promise<KeysBench> {
  const dir = await mkdtemp(join(tmpdir(), 'keys-'))
  const database = await openDatabase(`file:${join(dir, 'registry.db')}`)
  const [a, b, m] = await Promise.all([createFixtureRegistry(), createFixtureRegistry(), createFixtureRegistry()])
  const configOf = (id: string, { url }: FixtureRegistry): RegistryConfig => ({
    id, url, namespace: `${id}.example`, role: 'authority', origin: 'test', tls: { rejectUnauthorized: true },
  })
  const registries = { a: configOf('a', a), b: configOf('b', b), m: { ...configOf('m', m), role: 'mirror' as const, of: 'a' } }
  const all = Object.values(registries)
  const connections = createConnections(all, LIMITS)

  const bench: KeysBench = {
    fixtures: { a, b, m }, registries, database, records: [], incidents: [], troubles: [], isPrivate: new Set(),
    now: Date.parse('2026-01-01T00:00:00.000Z'),
    keyring: undefined as unknown as Keyring,
    restart(own) {
      bench.keyring = createKeyring({
        authorities: [registries.a, registries.b],
        mirrorsOf: ({ id }) => id === 'a' ? [registries.m] : [],
        defaultNamespace: 'a.example',
        own,
        upstream: registry => createUpstream({
          registry, registries: all, connections, limits: LIMITS, identity: {}, observer: { answered() {}, failed() {} },
        }),
        pool: createCryptoPool(),
        store: createKeyStore(database, () => bench.now),
        isPrivate: ({ id }) => bench.isPrivate.has(id),
        record: async (drafts) => {
          if (bench.failure) throw bench.failure
          bench.records.push(...drafts)
        },
        report: async (found) => {
          const known = new Set(bench.incidents.map(({ cause }) => cause))
          bench.incidents.push(...found.filter(({ cause }) => !known.has(cause)))
        },
        trouble: what => bench.troubles.push(what),
        timeout: 2_000,
        now: () => bench.now,
      })
      return bench.keyring
    },
    async close() {
      await bench.keyring.settled()
      await Promise.all([connections.close(), a.close(), b.close(), m.close()])
      await database.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
  bench.restart()
  return bench
}

/** Serves these keys, whoever has their private halves. */
export function serve(fixture: FixtureRegistry, ...keys: (SigningKey | SigningKey['served'])[]): void {
  fixture.keys.splice(0, Infinity, ...keys.map(key => 'served' in key ? key : { served: key, sign: () => ({ keyid: '', sig: '' }) }))
}

/** Another key that claims to have this id. */
export function withId(key: SigningKey, keyid: string): SigningKey {
  return { served: { ...key.served, keyid }, sign: message => ({ ...key.sign(message), keyid }) }
}
