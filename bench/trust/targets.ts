import { decimal, known, line, type Line } from '../common/line.ts'
import { median, percentile } from '../common/statistics.ts'
import { VERSIONS } from './first-sight/measure.ts'
import type { Part, Results } from './results.ts'

/** Compares what was measured with what we promise. */
export function linesOf(results: Results): Line[] {
  return results.parts.flatMap(part => LINES[part](results))
}

const LINES: Record<Part, (results: Results) => Line[]> = {
  check({ checks }) {
    const rates = checks?.rounds.map(({ ours, bare }) => bare / ours)
    const pace = (way: 'ours' | 'bare') => decimal(checks!.signatures / median(checks!.rounds.map(round => round[way])) * 1000)
    return [
      line('verifying signatures / crypto.verify alone', 0.8, rates && known(median(rates)), {
        least: true,
        detail: checks && `${pace('ours')} signatures/s beside ${pace('bare')}/s, both in the thread pool; ${checks.rounds.length} rounds of ${checks.signatures}`,
      }),
      line('event loop p99 delay meanwhile', 50, checks && checks.delay.p99, {
        unit: ' ms', digits: 1, detail: checks && `p50 ${checks.delay.p50.toFixed(1)} ms, at most ${checks.delay.max.toFixed(1)} ms`,
      }),
    ]
  },
  first({ firstSights }) {
    return [line(`first sight of ${decimal(VERSIONS)} signed versions`, 400, firstSights && median(firstSights), {
      unit: ' ms', detail: firstSights && `${Math.min(...firstSights).toFixed(0)} to ${Math.max(...firstSights).toFixed(0)} ms, ${firstSights.length} packages: fetched, parsed, verified, recorded, rendered`,
    })]
  },
  second({ secondLooks }) {
    const detail = (list: readonly number[]) => `p99 ${percentile(list, 0.99).toFixed(2)} ms of ${list.length}`
    return [
      line('a second look at them, added to serving', 3, secondLooks && median(secondLooks.same), {
        unit: ' ms', digits: 2, detail: secondLooks && `${detail(secondLooks.same)}; the last verdict in memory`,
      }),
      line('a look at them with another dist-tag', undefined, secondLooks && median(secondLooks.changed), {
        unit: ' ms', digits: 2, detail: secondLooks && `${detail(secondLooks.changed)}; what stands is read for what else is to be recorded`,
      }),
      line('the same, nothing of it in memory', undefined, secondLooks && median(secondLooks.forgotten), {
        unit: ' ms', digits: 2, detail: secondLooks && `${detail(secondLooks.forgotten)}; all ${decimal(VERSIONS)} records read and compared`,
      }),
    ]
  },
  choose({ choices }) {
    return (['priority', 'fastest', 'spread'] as const).map(strategy =>
      line(`choosing a source by "${strategy}"`, 20, choices?.[strategy], { unit: ' µs', digits: 2, detail: 'of an authority and three mirrors' }))
  },
  dead({ redirects }) {
    const p99 = (list: readonly number[]) => percentile(list, 0.99)
    return [line('warm redirect p99, one mirror dead / all alive', 1.1, redirects && p99(redirects.dead) / p99(redirects.alive), {
      detail: redirects && `${p99(redirects.alive).toFixed(2)} ms, then ${p99(redirects.dead).toFixed(2)} ms; shares ${redirects.shares.map(share => `${Math.round(share * 100)} %`).join(', ')}`,
    })]
  },
}
