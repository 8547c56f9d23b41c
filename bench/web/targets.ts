import { decimal, line, type Line } from '../common/line.ts'
import { median, percentile } from '../common/statistics.ts'
import type { Part, Results } from './results.ts'

/** Bytes of gzipped JavaScript on the first load: of the start page, and of the others. */
const BUDGET = { home: 200_000, others: 260_000 }

/** A tab holds as much after many rows as after some, but for where their pages begin. */
const GROWTH = 1.1

/** Compares what was measured with what we promise. */
export function linesOf(results: Results): Line[] {
  return results.parts.flatMap(part => LINES[part](results))
}

const LINES: Record<Part, (results: Results) => Line[]> = {
  pages: ({ pages, records }) => pages
    ? Object.entries(pages).map(([title, times]) => line(`${title}, p95`, 100, percentile(times, 0.95), {
        unit: ' ms', digits: 1, detail: `p50 ${median(times).toFixed(1)} ms, slowest ${Math.max(...times).toFixed(1)} ms, ${times.length} requests, ${decimal(records)} records`,
      }))
    : [line('pages, p95', 100, undefined, { unit: ' ms' })],
  scroll: ({ scroll }) => [
    line('memory of a tab far down the log / near its top', GROWTH, scroll && scroll.late.heap / scroll.early.heap, {
      detail: scroll && `${decimal(scroll.early.heap)} bytes after ${decimal(scroll.early.rows)} rows, ${decimal(scroll.late.heap)} after ${decimal(scroll.late.rows)}; elements ${scroll.early.nodes}, then ${scroll.late.nodes}`,
    }),
  ],
  weight: ({ weights }) => weights
    ? Object.entries(weights).map(([title, bytes]) => line(`JavaScript of ${title}`, title === 'home' ? BUDGET.home : BUDGET.others, bytes, {
        unit: ' bytes', detail: 'gzipped, first load',
      }))
    : [line('JavaScript', BUDGET.others, undefined, { unit: ' bytes' })],
  lighthouse: ({ audits }) => audits
    ? Object.entries(audits).flatMap(([title, devices]) => Object.entries(devices).flatMap(([device, audit]) => {
        const { performance, accessibility, bestPractices, metrics, lacking, index, slowdown } = audit
        const of = `${title} on a ${device}`
        const isPromised = device !== 'phone, uncalibrated'
        return [
          line(`Lighthouse performance of ${of}`, isPromised ? 90 : undefined, performance, {
            least: true, digits: 0,
            detail: `LCP ${decimal(metrics.lcp)} ms, TBT ${decimal(metrics.tbt)} ms, CLS ${metrics.cls.toFixed(3)}, ${slowdown} × slower than BenchmarkIndex ${index}${lacking.length ? `; ${lacking.join(', ')}` : ''}`,
          }),
          ...isPromised
            ? [
                line(`accessibility of ${of}`, 100, accessibility, { least: true, digits: 0 }),
                line(`best practices of ${of}`, 95, bestPractices, { least: true, digits: 0 }),
              ]
            : [],
        ]
      }))
    : [line('Lighthouse', 90, undefined, { least: true })],
}
