/** Checks signatures, beside the same work by `crypto.verify` alone: `node checking.ts <rounds>`; sends `Checks`. */
import { createPublicKey, verify } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createCryptoPool } from '../../../server/crypto-pool.ts'
import type { Incidents } from '../../../server/incidents/index.ts'
import type { VersionSummary } from '../../../server/packument/index.ts'
import { parsePackument } from '../../../server/packument/parse.ts'
import type { SigningKey } from '../../../server/registry/index.ts'
import { createSignatures } from '../../../server/verify/signatures.ts'
import type { Look } from '../../../server/verify/types.ts'
import { median } from '../../common/statistics.ts'
import { createKey, signedPackument } from '../signed.ts'
import { VERSIONS } from './measure.ts'

/** Milliseconds of each round, ours and bare directly after each other. */
export interface Checks {
  rounds: { ours: number, bare: number }[]
  /** Of one round. */
  signatures: number
  /** Milliseconds by which the event loop was late while ours ran. */
  delay: { p50: number, p99: number, max: number }
}

const rounds = Number(process.argv[2])
/** Rounds that are not counted. */
const WARM_UP = 3

const registry = { id: 'bench', namespace: 'npm.example', role: 'authority', url: 'http://upstream.example/' }
const key = createKey()
const object = createPublicKey({ key: Buffer.from(key.served.key, 'base64'), format: 'der', type: 'spki' })
const known: SigningKey = { keyid: key.served.keyid, key: key.served.key, object }
const signatures = createSignatures({
  keyring: { of: async () => ({ state: 'known', byId: new Map([[known.keyid, known]]), isConfirmed: true }) },
  pool: createCryptoPool(),
  incidents: { report: () => Promise.reject(new Error('nothing is wrong here')) } as unknown as Incidents,
  trouble(what, error) {
    throw new Error(what, { cause: error })
  },
})

function lookAt(name: string): Look {
  const document = signedPackument(name, VERSIONS, registry.url, key)
  const { summary } = parsePackument(Buffer.from(JSON.stringify(document)), name)
  const { versions: open } = summary
  const look = { name, subject: { name }, isPrivate: false, upstream: { registry }, summary, open, standing: new Map() }
  return look as unknown as Look
}

/** The same messages under the same key, with nothing around it. */
async function verifyBare({ name, summary }: Look): Promise<void> {
  const one = (version: string, { integrity, signatures }: VersionSummary) => new Promise<void>((resolve, reject) => {
    const signature = signatures[0]!.signature
    const message = Buffer.from(`${name}@${version}:${integrity}`)
    verify('sha256', message, object, Buffer.from(signature, 'base64'), (error, isGood) => {
      if (error || !isGood) reject(error ?? new Error('a signature does not verify'))
      else resolve()
    })
  })
  await Promise.all([...summary.versions].map(entry => one(...entry)))
}

async function verifyOurs(look: Look): Promise<void> {
  const digests = new Map([...look.summary.versions].map(([version, { integrity }]) => [version, integrity]))
  const signed = await signatures.check(look, digests)
  for (const result of signed.values()) {
    if (typeof result !== 'object' || !('keyid' in result)) throw new Error(`a version is ${JSON.stringify(result)}`)
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

const checks: Checks = { rounds: [], signatures: VERSIONS, delay: { p50: NaN, p99: NaN, max: NaN } }
const delays: Checks['delay'][] = []
for (let n = 0; n < WARM_UP + rounds; n++) {
  const look = lookAt(`signed-${n}`)
  const ways = { ours: NaN, bare: NaN }
  for (const way of n % 2 ? ['bare', 'ours'] as const : ['ours', 'bare'] as const) {
    // One for each round: it would count the time between two rounds as a delay.
    const loop = monitorEventLoopDelay({ resolution: 1 })
    loop.enable()
    ways[way] = await timed(() => way === 'ours' ? verifyOurs(look) : verifyBare(look))
    loop.disable()
    if (way === 'ours' && n >= WARM_UP) {
      const [p50, p99] = [50, 99].map(share => loop.percentile(share) / 1e6) as [number, number]
      delays.push({ p50, p99, max: loop.max / 1e6 })
    }
  }
  if (n >= WARM_UP) checks.rounds.push(ways)
}
checks.delay = {
  p50: median(delays.map(({ p50 }) => p50)),
  p99: median(delays.map(({ p99 }) => p99)),
  max: Math.max(...delays.map(({ max }) => max)),
}
process.send!(checks)
