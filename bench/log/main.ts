/**
 * How fast the log appends and serves, beside a bare table, a bare Node server and nginx on the same machine.
 *
 *     node bench/log/main.ts [--quick] [--json <file>] [--only <part>] [--build <.output/server/index.mjs>]
 *
 * Parts: append, growth, tiles, lookup, packument, judge, verify.
 *
 * Ends with 1 when something could not be measured. A missed target is a result, not a failure.
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { resultOf } from '../common/children.ts'
import { missing } from '../common/requirements.ts'
import { beginRun } from '../common/run.ts'
import { startUpstream } from '../common/upstream/start.ts'
import { DEFAULT_BUILD, startUs } from '../common/us.ts'
import { measureGrowth } from './append/growth.ts'
import { measureAppends, measurePaced, rateOf, startWriter } from './append/measure.ts'
import { environment, introductionOf } from '../common/environment.ts'
import type { Judgings } from './judge/judging.ts'
import { measureLookups } from './lookup/measure.ts'
import { measureFirstRequests } from './packument/measure.ts'
import { PARTS, type Part, type Results } from './results.ts'
import { seedLog } from './seed.ts'
import { linesOf } from './targets.ts'
import { measureTiles } from './tiles/measure.ts'
import type { Verifications } from './verification/verifying.ts'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    only: { type: 'string' },
    build: { type: 'string', default: DEFAULT_BUILD },
  },
})
const build = resolve(options.build)
const effort = options.quick
  ? {
      records: 50_000, rounds: 5, pacedSeconds: 4, seeded: 30_000, tileRounds: 1, lookupSeconds: 4,
      firstRequests: 10, judgings: 20, verifications: 50,
    }
  : {
      records: 500_000, rounds: 10, pacedSeconds: 10, seeded: 100_000, tileRounds: 5, lookupSeconds: 10,
      firstRequests: 60, judgings: 100, verifications: 400,
    }
const GROWN = 1_000_000

const sentences = missing(build)
const { only } = options
if (only !== undefined && !PARTS.includes(only as Part)) sentences.push(`--only takes one of ${PARTS.join(', ')}.`)
if (sentences.length) {
  for (const sentence of sentences) console.error(sentence)
  process.exit(1)
}

const parts = only === undefined ? PARTS : [only as Part]
const run = beginRun(600)
const results: Results = { environment: environment(options.quick), parts, failures: run.failures }

/** One step, if it belongs to the part that was asked for. */
async function step<T>(part: Part, title: string, measure: () => Promise<T>): Promise<T | undefined> {
  return parts.includes(part) ? run.step(title, measure) : undefined
}

const writer = parts.includes('append') ? await startWriter('ours') : undefined
results.appends = await step('append', `${effort.records} appends, and bare insertions`, () => measureAppends(writer!, effort.records, effort.rounds))
results.environment.settings = results.appends?.settings
if (results.appends) {
  const half = rateOf(results.appends.ours) / 2
  results.paced = await step('append', 'appends at half that rate', () => measurePaced(writer!, half, effort.pacedSeconds))
}
await writer?.stop()

if (!options.quick) results.growth = await step('growth', `${GROWN} appends to one log`, () => measureGrowth(GROWN))

const upstream = await startUpstream()
const needsLog = parts.some(part => ['tiles', 'lookup', 'judge'].includes(part))
const seeded = needsLog ? await run.step(`a log of ${effort.seeded} records for the rest`, () => seedLog(effort.seeded)) : undefined

if (seeded) {
  results.tiles = await step('tiles', 'warm tiles', async () => {
    const us = await startUs(build, upstream.origin, seeded.dataDir)
    const measured = await measureTiles(us, effort.tileRounds)
    await us.stop()
    return measured
  })
  results.environment.nginx = results.tiles?.nginx
  results.lookups = await step('lookup', 'lookups', async () => {
    const us = await startUs(build, upstream.origin, seeded.dataDir)
    const measured = await measureLookups(us, upstream.origin, seeded.subjects, effort.lookupSeconds)
    await us.stop()
    return measured
  })
}
results.firstRequests = await step('packument', 'first packuments', () => measureFirstRequests(build, upstream.origin, effort.firstRequests))
await upstream.stop()
if (seeded) {
  results.judgings = await step('judge', 'judgements', async () =>
    await resultOf('judging', new URL('./judge/judging.ts', import.meta.url), [seeded.dataDir, String(effort.judgings)]) as Judgings)
}
results.verifications = await step('verify', 'verification of records', async () =>
  await resultOf('verifying', new URL('./verification/verifying.ts', import.meta.url), [String(GROWN), String(effort.verifications)]) as Verifications)

run.finish(introductionOf(results.environment), linesOf(results), results, options.json)
