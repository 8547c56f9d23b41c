/**
 * How fast the pages are made over a large log, what a tab holds that scrolls through it, what they weigh, and what
 * Lighthouse says of them.
 *
 *     node bench/web/main.ts [--quick] [--json <file>] [--only <part>] [--build <.output/server/index.mjs>]
 *
 * Parts: pages, scroll, weight, lighthouse.
 *
 * Ends with 1 when something could not be measured. A missed target is a result, not a failure.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { environment, introductionOf } from '../common/environment.ts'
import { missing } from '../common/requirements.ts'
import { beginRun } from '../common/run.ts'
import { startUpstream } from '../common/upstream/start.ts'
import { DEFAULT_BUILD, startUs } from '../common/us.ts'
import { seedLog } from '../log/seed.ts'
import { addressesOf } from './addresses.ts'
import { auditPages, LIGHTHOUSE } from './lighthouse/measure.ts'
import { measurePages } from './pages/measure.ts'
import { PARTS, type Part, type Results } from './results.ts'
import { linesOf } from './targets.ts'
import { measureScroll } from './scroll/measure.ts'
import { measureWeights } from './weight/measure.ts'

/** Those that Lighthouse looks at. */
const AUDITED = ['home', 'log', 'entry', 'package', 'registries']

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    only: { type: 'string' },
    build: { type: 'string', default: DEFAULT_BUILD },
  },
})
const build = resolve(options.build)
const effort = options.quick ? { records: 50_000, rounds: 30 } : { records: 1_000_000, rounds: 200 }

const sentences = missing(build)
const { only } = options
if (only !== undefined && !PARTS.includes(only as Part)) sentences.push(`--only takes one of ${PARTS.join(', ')}.`)
if (!existsSync(LIGHTHOUSE)) sentences.push('Lighthouse is missing: run node scripts/prepare.js --lighthouse.')
if (sentences.length) {
  for (const sentence of sentences) console.error(sentence)
  process.exit(1)
}

const parts = only === undefined ? PARTS : [only as Part]
const run = beginRun(900)
const upstream = await startUpstream()
const seeded = await run.step(`a log of ${effort.records} records`, () => seedLog(effort.records))
const results: Results = { environment: environment(options.quick), parts, records: effort.records, failures: run.failures }

if (seeded) {
  const us = await startUs(build, upstream.origin, seeded.dataDir)
  const root = new URL('..', us.url).href
  const addresses = addressesOf(seeded.subjects)
  const firsts = Object.fromEntries(addresses.filter(({ title }) => title !== 'badge').map(({ title, paths }) => [title, paths[0]!]))
  if (parts.includes('pages')) results.pages = await run.step('Pages', () => measurePages(us, addresses, effort.rounds))
  if (parts.includes('scroll')) results.scroll = await run.step('Scrolling through the log', () => measureScroll(root))
  if (parts.includes('weight')) results.weights = await run.step('Their weight', () => measureWeights(root, firsts))
  if (parts.includes('lighthouse')) {
    const audited = Object.fromEntries(Object.entries(firsts).filter(([title]) => AUDITED.includes(title)))
    results.audits = await run.step('Lighthouse', () => auditPages(root, audited))
  }
  await us.stop()
}
await upstream.stop()
run.finish(introductionOf(results.environment), linesOf(results), results, options.json)
