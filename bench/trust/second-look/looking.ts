/** Has documents of signed versions judged in this process: `node looking.ts <data directory> <count>`; sends `SecondLooks`. */
import { createPublicKey } from 'node:crypto'
import { openDatabaseIn, openLogIn } from '../../common/data-directory.ts'
import type { Packument } from '../../common/upstream/documents.ts'
import { NAMESPACE } from '../../common/us.ts'
import type { RegistryConfig } from '../../../server/config/types.ts'
import { createCryptoPool } from '../../../server/crypto-pool.ts'
import type { Incidents } from '../../../server/incidents/index.ts'
import { createFindings } from '../../../server/inspect/index.ts'
import type { Copies, Judged } from '../../../server/packument/index.ts'
import { parsePackument } from '../../../server/packument/parse.ts'
import { createRoutes, type Keyring, type SigningKey, type Upstream } from '../../../server/registry/index.ts'
import type { Tarballs } from '../../../server/tarball/index.ts'
import { createVerification, createWithdrawals } from '../../../server/verify/index.ts'
import { VERSIONS } from '../first-sight/measure.ts'
import { createKey, signedPackument } from '../signed.ts'

/** Milliseconds of each look at a document all of whose versions are recorded. */
export interface SecondLooks {
  /** The same document. */
  same: number[]
  /** The document has changed; the last verdict is in memory. */
  changed: number[]
  /** Nothing of it is in memory, as after a restart. */
  forgotten: number[]
}

const [dataDir, count] = process.argv.slice(2)
if (!dataDir || !count) throw new Error('usage: node looking.ts <data directory> <count>')
/** Looks that are not counted. */
const WARM_UP = 5

const database = await openDatabaseIn(dataDir)
const log = await openLogIn(dataDir, database)
const registry: RegistryConfig = {
  id: 'bench', namespace: NAMESPACE, role: 'authority', url: 'http://upstream.example/', origin: 'bench', tls: { rejectUnauthorized: true },
}
const upstream = { registry } as Upstream
const key = createKey()
const object = createPublicKey({ key: Buffer.from(key.served.key, 'base64'), format: 'der', type: 'spki' })
const known: SigningKey = { keyid: key.served.keyid, key: key.served.key, object }
const routes = createRoutes({ registries: [registry], routes: [{ match: ['*'], registry: 'bench' }], private: [] })
const never = () => {
  throw new Error('nothing is wrong here, and nothing is downloaded')
}
const judge = createVerification({
  log, database, routes, registries: [registry],
  tarballs: { downloads: { fetch: never } } as unknown as Tarballs,
  incidents: { report: never } as unknown as Incidents,
  upstream: () => upstream,
  copies: {} as Copies,
  keyring: { of: async () => ({ state: 'known', byId: new Map([[known.keyid, known]]), isConfirmed: true }) } as unknown as Keyring,
  pool: createCryptoPool(),
  findings: createFindings(database),
  policy: { links: 'warn', manifests: 'warn' },
  arrived() {},
  appeared() {},
  withdrawals: createWithdrawals({ log, routes }),
  takedowns: { rule: () => new Map() },
  conflicts: {
    async note(found) {
      if (found.length > 0) never()
    },
  },
  observer: {
    recorded() {},
    withheld() {},
    noted() {},
    mirrorOnly() {},
    trouble(what, error) {
      throw new Error(what, { cause: error })
    },
  },
})

const summaryOf = (document: Packument) => parsePackument(Buffer.from(JSON.stringify(document)), document.name).summary

async function timed(list: number[] | undefined, work: () => Promise<unknown>): Promise<void> {
  const started = performance.now()
  await work()
  list?.push(performance.now() - started)
}

const looks: SecondLooks = { same: [], changed: [], forgotten: [] }
for (let n = 0; n < WARM_UP + Number(count); n++) {
  const document = signedPackument(`signed-${n}`, VERSIONS, registry.url, key)
  const summary = summaryOf(document)
  const verdict = await judge(upstream, summary)
  if (verdict.withheld.size > 0) throw new Error(`${verdict.withheld.size} versions are withheld`)
  const before: Judged = { summary, verdict, checkedAt: Date.now() }
  const again = summaryOf(document)
  await timed(n < WARM_UP ? undefined : looks.same, () => judge(upstream, again, before))
  const next = summaryOf({ ...document, 'dist-tags': { ...document['dist-tags'], next: '1.0.0' } })
  await timed(n < WARM_UP ? undefined : looks.changed, () => judge(upstream, next, before))
  await timed(n < WARM_UP ? undefined : looks.forgotten, () => judge(upstream, next))
}
await log.close()
await database.close()
process.send!(looks)
