/**
 * Compares us with a bare Node server, nginx and Verdaccio in front of one local upstream, and with no proxy at all.
 *
 *     node bench/proxy/main.ts [--quick] [--json <file>] [--build <.output/server/index.mjs>]
 *
 * Ends with 1 when something could not be measured. A missed target is a result, not a failure.
 */
import { availableParallelism, loadavg } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { memoryOf } from '../common/process.ts'
import { missing } from '../common/requirements.ts'
import { beginRun } from '../common/run.ts'
import { startUpstream } from '../common/upstream/start.ts'
import { DEFAULT_BUILD, startUs } from '../common/us.ts'
import { introductionOf } from './introduction.ts'
import { measureCoalescing } from './measure/coalescing.ts'
import { measureCold } from './measure/cold.ts'
import { comparePeers } from './measure/comparison.ts'
import { measureInstalls } from './measure/install.ts'
import { pingDuring } from './measure/ping.ts'
import type { Results } from './results.ts'
import { linesOf } from './targets.ts'

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' }, build: { type: 'string', default: DEFAULT_BUILD } },
})
const build = resolve(options.build)
const effort = options.quick
  ? { rounds: 1, slowRounds: 1, slowSeconds: 3, cold: 3, installs: 3 }
  : { rounds: 5, slowRounds: 2, slowSeconds: 10, cold: 9, installs: 5 }

const sentences = missing(build)
if (sentences.length) {
  for (const sentence of sentences) console.error(sentence)
  process.exit(1)
}

const run = beginRun(600)
const { step } = run
const results: Results = {
  environment: {
    node: process.version,
    cpus: availableParallelism(),
    load: loadavg()[0] ?? NaN,
    peers: {},
    rounds: effort.rounds,
    quick: options.quick,
  },
  failures: run.failures,
}

const { origin: upstream, root, stop: stopUpstream } = await startUpstream()
const us = await startUs(build, upstream)

results.warm = await step('warm requests', async () => {
  const { samples, versions } = await comparePeers(us, upstream, effort)
  results.environment.peers = versions
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
await stopUpstream()

run.finish(introductionOf(results.environment), linesOf(results), results, options.json)
