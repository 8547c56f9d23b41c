/**
 * What trust costs: signatures verified, documents looked at again, sources chosen.
 *
 *     node bench/trust/main.ts [--quick] [--json <file>] [--only <part>] [--build <.output/server/index.mjs>]
 *
 * Parts: check, first, second, choose, dead.
 *
 * Ends with 1 when something could not be measured. A missed target is a result, not a failure.
 */
import { mkdtempSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { resultOf, scratch } from '../common/children.ts'
import { missing } from '../common/requirements.ts'
import { beginRun } from '../common/run.ts'
import { DEFAULT_BUILD } from '../common/us.ts'
import { environment, introductionOf } from '../common/environment.ts'
import type { Choices } from './choose.ts'
import { measureRedirects } from './dead-mirror/measure.ts'
import type { Checks } from './first-sight/checking.ts'
import { measureFirstSights } from './first-sight/measure.ts'
import { PARTS, type Part, type Results } from './results.ts'
import type { SecondLooks } from './second-look/looking.ts'
import { linesOf } from './targets.ts'

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
  ? { checks: 5, sights: 5, looks: 10, seconds: 3 }
  : { checks: 20, sights: 20, looks: 60, seconds: 10 }

const sentences = missing(build)
const { only } = options
if (only !== undefined && !PARTS.includes(only as Part)) sentences.push(`--only takes one of ${PARTS.join(', ')}.`)
if (sentences.length) {
  for (const sentence of sentences) console.error(sentence)
  process.exit(1)
}

const parts = only === undefined ? PARTS : [only as Part]
const run = beginRun(300)
const results: Results = { environment: environment(options.quick), parts, failures: run.failures }
const module = (path: string) => new URL(path, import.meta.url)

if (parts.includes('check')) {
  results.checks = await run.step('Verifying a thousand signatures, beside crypto.verify alone', async () =>
    await resultOf('checking', module('first-sight/checking.ts'), [String(effort.checks)]) as Checks)
}
if (parts.includes('first')) {
  results.firstSights = await run.step('First requests for a thousand signed versions', () => measureFirstSights(build, effort.sights))
}
if (parts.includes('second')) {
  results.secondLooks = await run.step('Second looks at them', async () =>
    await resultOf('looking', module('second-look/looking.ts'), [mkdtempSync(join(scratch, 'second-looks-')), String(effort.looks)]) as SecondLooks)
}
if (parts.includes('choose')) {
  results.choices = await run.step('Choosing sources', async () => await resultOf('choosing', module('choose.ts'), []) as Choices)
}
if (parts.includes('dead')) {
  results.redirects = await run.step('Redirects while a mirror dies', () => measureRedirects(build, effort.seconds))
}
run.finish(introductionOf(results.environment), linesOf(results), results, options.json)
