/**
 * Compares us with a bare Node server, nginx and Verdaccio in front of one local upstream, and with no proxy at all.
 *
 *     node bench/proxy/main.ts [--quick] [--json <file>] [--build <.output/server/index.mjs>]
 *
 * Ends with 1 when something could not be measured. A missed target is a result, not a failure.
 */
import { writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CASES } from './cases.ts'
import { firstMessage, startModule } from './children.ts'
import { measureCoalescing } from './measure/coalescing.ts'
import { measureCold } from './measure/cold.ts'
import { measureInstalls } from './measure/install.ts'
import { memoryOf } from './measure/process.ts'
import { pingDuring } from './measure/ping.ts'
import { measureWarm, warmUp } from './measure/warm.ts'
import type { Sample } from './measure/warm.ts'
import { CONNECTIONS } from './measure/wrk.ts'
import { startBare } from './peers/bare.ts'
import { startNginx } from './peers/nginx.ts'
import { DEFAULT_BUILD, startUs } from './peers/us.ts'
import { startVerdaccio } from './peers/verdaccio.ts'
import { missing } from './requirements.ts'
import type { Results } from './results.ts'
import { tableOf } from './table.ts'
import { linesOf } from './targets.ts'

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' }, build: { type: 'string', default: DEFAULT_BUILD } },
})
/** Many short rounds rather than few long ones: a disturbance then spoils one of them. */
const ROUND_SECONDS = 1

const build = resolve(options.build)
const effort = options.quick
  ? { rounds: 1, slowRounds: 1, slowSeconds: 3, cold: 3, installs: 3 }
  : { rounds: 5, slowRounds: 2, slowSeconds: 10, cold: 9, installs: 5 }

const sentences = missing(build)
if (sentences.length) {
  for (const sentence of sentences) console.error(sentence)
  process.exit(1)
}

const began = performance.now()
const results: Results = {
  environment: {
    node: process.version,
    cpus: availableParallelism(),
    load: loadavg()[0] ?? NaN,
    peers: {},
    seconds: ROUND_SECONDS,
    rounds: effort.rounds,
    quick: options.quick,
  },
  failures: [],
}

const LIMIT = 600
setTimeout(() => {
  console.error(`The bench gives up after ${LIMIT} s: the machine is too busy.`)
  process.exit(1)
}, LIMIT * 1000).unref()

async function step<T>(title: string, measure: () => Promise<T>): Promise<T | undefined> {
  console.error(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${title}`)
  try {
    return await measure()
  } catch (error) {
    results.failures.push(`${title}: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

const upstreamProcess = startModule('upstream', new URL('./upstream.ts', import.meta.url))
const { origin: upstream, root } = await firstMessage(upstreamProcess) as { origin: string, root: Record<string, string> }
const us = await startUs(build, upstream)

results.warm = await step('warm requests', async () => {
  const [bare, nginx] = [await startBare(us), await startNginx(upstream)]
  const fast = [us, bare, nginx]
  await warmUp(CASES, fast)
  let verdaccio = await startVerdaccio(upstream)
  for (const { name, version } of [...fast, verdaccio]) results.environment.peers[name] = version
  const samples: Sample[] = []
  for (const one of CASES) {
    samples.push(...await measureWarm(one, fast, effort.rounds, ROUND_SECONDS))
    const bearable = one.size !== 'large' && !one.conditional
    if (bearable) samples.push(...await measureWarm(one, [verdaccio], effort.slowRounds, 2 * ROUND_SECONDS))
  }
  await Promise.all([bare.stop(), nginx.stop()])
  // Verdaccio needs longer than a round for its first large answer, and works on long after wrk has gone.
  for (const one of CASES.filter(({ size, conditional }) => size === 'large' && !conditional)) {
    samples.push(...await measureWarm(one, [verdaccio], 1, effort.slowSeconds))
    await verdaccio.stop()
    verdaccio = await startVerdaccio(upstream)
  }
  await verdaccio.stop()
  return samples
})

results.coalescing = await step('100 first requests at once', () => measureCoalescing(us, upstream))
results.cold = await step('first requests', async () => ({
  medium: await measureCold('medium', us, upstream, effort.cold),
  large: await measureCold('large', us, upstream, effort.cold),
}))
results.ping = await step('pings during first requests', async () => ({
  idle: await pingDuring(us, () => new Promise(done => setTimeout(done, 2_000))),
  busy: await pingDuring(us, () => measureCold('large', us, upstream, effort.cold)),
}))
results.memory = await step('memory', async () => memoryOf(us.pid))
await us.stop()
results.install = await step('npm install', () => measureInstalls(build, upstream, root, effort.installs))
await upstreamProcess.stop()

const lines = linesOf(results)
const { node, cpus, load, peers, rounds, seconds } = results.environment
console.log(`Node ${node}, ${cpus} CPUs, nginx ${peers.nginx}, Verdaccio ${peers.verdaccio}; warm: gzip, ${CONNECTIONS} connections, median of ${rounds} × ${seconds} s; `
  + `a ratio is the median of the rounds' ratios; µs: CPU time of one request`)
if (load > 0.5) console.log(`The machine was busy before it began (load ${load.toFixed(1)}): compare the CPU times rather than the rates.`)
console.log()
console.log(tableOf(lines))
console.log(`\n${lines.filter(({ verdict }) => verdict === 'ok').length} ok, ${lines.filter(({ verdict }) => verdict === 'missed').length} missed, `
  + `${((performance.now() - began) / 1000).toFixed(0)} s`)
for (const failure of results.failures) console.error(`Not measured: ${failure}`)
if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`)
process.exit(results.failures.length || lines.some(({ verdict }) => verdict === 'not measured') ? 1 : 0)
