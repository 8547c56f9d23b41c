/** Has documents judged in this process, with nothing around it: `node judging.ts <data directory> <count>`; sends `Judgings`. */
import { createJudge } from '../../../server/verify/judge.ts'
import { createConflicts } from '../../../server/verify/conflicts.ts'
import { createIncidents } from '../../../server/incidents/index.ts'
import { createPins } from '../../../server/verify/pins.ts'
import type { VerifyObserver } from '../../../server/verify/types.ts'
import type { Summary, Verdict } from '../../../server/packument/index.ts'
import { parsePackument } from '../../../server/packument/parse.ts'
import type { Upstream } from '../../../server/registry/index.ts'
import { packumentOf, SHAPES } from '../../common/upstream/documents.ts'
import type { Packument } from '../../common/upstream/documents.ts'
import { NAMESPACE } from '../../common/us.ts'
import { openDatabaseIn, openLogIn } from '../../common/data-directory.ts'

/** Milliseconds of each judgement. */
export interface Judgings {
  /** None of the versions is recorded. */
  unseen: number[]
  /** A changed document, its predecessor's verdict in memory. */
  changed: number[]
  /** A changed document of which memory knows nothing, as after a restart: what is recorded is read and compared. */
  forgotten: number[]
  /** Records in the log at the end. */
  size: number
}

const [dataDir, count] = process.argv.slice(2)
if (!dataDir || !count) throw new Error('usage: node judging.ts <data directory> <count>')
/** Judgements that are not counted. */
const WARM_UP = 20

const database = await openDatabaseIn(dataDir)
const log = await openLogIn(dataDir, database)
const observer: VerifyObserver = {
  recorded() {},
  withheld() {},
  mirrorOnly() {},
  noted() {},
  trouble(what, error) {
    throw new Error(what, { cause: error })
  },
}
const judge = createJudge({
  log, observer,
  pins: createPins(database, log.defaultNamespace),
  routes: { isPrivate: () => false },
  // Every version has a sha512: there is nothing to download.
  digests: { find: async () => new Map() },
  conflicts: createConflicts({ log, incidents: createIncidents(database, () => {}) }),
  thresholds: { check: () => new Map() },
  signatures: { check: async (_, digests) => new Map([...digests.keys()].map(version => [version, 'unsigned'])) },
  rules: [],
  chronicles: [],
})
// A judge asks an upstream for nothing but who it is.
const upstream = { registry: { id: 'bench', namespace: NAMESPACE, role: 'authority', url: 'http://upstream.example/' } } as unknown as Upstream

function summaryOf(document: Packument): Summary {
  return parsePackument(Buffer.from(JSON.stringify(document)), document.name).summary
}

async function timed(list: number[], judging: () => Promise<Verdict>): Promise<Verdict> {
  const started = performance.now()
  const verdict = await judging()
  list.push(performance.now() - started)
  if (verdict.withheld.size > 0) throw new Error('a version was withheld')
  return verdict
}

const result: Judgings = { unseen: [], changed: [], forgotten: [], size: 0 }
for (let n = 0; n < WARM_UP + Number(count); n += 1) {
  const document = packumentOf(`bench-judged-${n}`, 'http://upstream.example/', SHAPES['bench-medium'])
  const summary = summaryOf(document)
  const { size } = await log.head()
  const verdict = await timed(result.unseen, () => judge(upstream, summary))
  const grown = (await log.head()).size
  if (grown !== size + summary.versions.size) throw new Error(`${grown - size} records were made of ${summary.versions.size} versions`)

  document['dist-tags'].next = Object.keys(document.versions)[0] ?? ''
  const changed = summaryOf(document)
  await timed(result.changed, () => judge(upstream, changed, { summary, verdict }))
  await timed(result.forgotten, () => judge(upstream, changed))
  result.size = (await log.head()).size
  if (result.size !== grown) throw new Error('what is recorded was recorded again')
}
for (const list of [result.unseen, result.changed, result.forgotten]) list.splice(0, WARM_UP)
await log.close()
await database.close()
process.send?.(result)
