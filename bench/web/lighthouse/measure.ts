import { mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { scratch, start } from '../../common/children.ts'
import { CHROMIUM, CHROMIUM_FLAGS } from '../../../test/fixtures/chromium.ts'

/** Where `scripts/prepare.js --lighthouse` puts it. */
export const LIGHTHOUSE = join(fileURLToPath(new URL('../tools/', import.meta.url)), 'node_modules', 'lighthouse', 'cli', 'index.js')

/** What Lighthouse says of one page: 0 to 100, and the audits that are not all right. */
interface Audit {
  performance: number
  accessibility: number
  bestPractices: number
  /** Total blocking time, largest contentful paint (ms), cumulative layout shift. */
  metrics: { tbt: number, lcp: number, cls: number }
  lacking: string[]
  /** How fast the machine was meanwhile, and by how much less the device is. */
  index: number
  slowdown: number
}

/** A phone of the middle, on a slow line; `uncalibrated`: as Lighthouse has it on every machine, however slow that is. */
type Device = 'computer' | 'phone' | 'phone, uncalibrated'

/**
 * What makes a phone of this machine: Lighthouse's documentation of throttling has four for a computer of the upper end
 * (BenchmarkIndex from 1,500), and two for one of the lower.
 */
const slowdownOf = (index: number) => index >= 1500 ? 4 : 2

/** Of each page, on each device. */
export type Audits = Record<string, Record<Device, Audit>>

interface Report {
  environment: { benchmarkIndex: number }
  configSettings: { throttling: { cpuSlowdownMultiplier: number } }
  categories: Record<'performance' | 'accessibility' | 'best-practices', { score: number | null, auditRefs: { id: string, weight: number }[] }>
  audits: Record<string, { title: string, score: number | null, numericValue?: number }>
}

/** Seconds for one page. */
const PATIENCE = 120

/** @param root the server's URL with a trailing slash */
export async function auditPages(root: string, pages: Readonly<Record<string, string>>): Promise<Audits> {
  const audits: Audits = {}
  for (const [title, path] of Object.entries(pages)) {
    const url = root + path
    const computer = await audit(url, ['--preset=desktop'])
    const phone = await audit(url, [`--throttling.cpuSlowdownMultiplier=${slowdownOf(computer.index)}`])
    audits[title] = { computer, phone, 'phone, uncalibrated': phone.slowdown === 4 ? phone : await audit(url, []) }
  }
  return audits
}

async function audit(url: string, device: readonly string[]): Promise<Audit> {
  const file = join(await mkdtemp(join(scratch, 'lighthouse-')), 'report.json')
  const child = start('lighthouse', process.execPath, [
    LIGHTHOUSE, url, ...device, '--quiet', '--output=json', `--output-path=${file}`, '--only-categories=performance,accessibility,best-practices',
    '--no-enable-error-reporting', `--chrome-flags=${['--headless=new', ...CHROMIUM_FLAGS].join(' ')}`,
  ], { env: { CHROME_PATH: CHROMIUM } })
  const timer = setTimeout(() => void child.stop(), PATIENCE * 1000)
  const code = await new Promise(resolve => child.process.once('exit', resolve))
  clearTimeout(timer)
  if (code !== 0) throw new Error(`Lighthouse ended with ${String(code)} at ${url}:\n${child.log()}`)
  const { environment, configSettings, categories, audits } = JSON.parse(await readFile(file, 'utf8')) as Report
  const score = (name: keyof Report['categories']) => Math.round((categories[name].score ?? NaN) * 100)
  const metric = (id: string) => audits[id]?.numericValue ?? NaN
  return {
    performance: score('performance'),
    accessibility: score('accessibility'),
    bestPractices: score('best-practices'),
    metrics: { tbt: metric('total-blocking-time'), lcp: metric('largest-contentful-paint'), cls: metric('cumulative-layout-shift') },
    lacking: [...new Set(Object.values(categories).flatMap(({ auditRefs }) => auditRefs))]
      .filter(({ id, weight }) => weight > 0 && (audits[id]?.score ?? 1) < 0.9)
      .map(({ id }) => id),
    index: Math.round(environment.benchmarkIndex),
    slowdown: configSettings.throttling.cpuSlowdownMultiplier,
  }
}
