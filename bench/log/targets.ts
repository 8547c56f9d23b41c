import { decimal, known, line } from '../common/line.ts'
import type { Line } from '../common/line.ts'
import type { Peer } from '../common/peer.ts'
import { ratioTo } from '../common/rounds.ts'
import { median, percentile } from '../common/statistics.ts'
import { rateOf, sum } from './append/measure.ts'
import type { Chunk } from './append/commands.ts'
import type { Part, Results } from './results.ts'
import { TILE_CASES } from './tiles/measure.ts'

/** Compares what was measured with what we promise. */
export function linesOf(results: Results): Line[] {
  return results.parts.flatMap(part => LINES[part](results))
}

const LINES: Record<Part, (results: Results) => Line[]> = {
  append: appendLines,
  growth: growthLines,
  tiles: tileLines,
  lookup: lookupLines,
  packument: packumentLines,
  judge: judgeLines,
  verify: verifyLines,
}

const cpuOf = (chunks: readonly Chunk[]) => `${(sum(chunks, 'cpuSeconds') / sum(chunks, 'records') * 1e6).toFixed(0)} µs CPU`

function appendLines({ appends, paced }: Results): Line[] {
  const rates = appends?.ours.map(chunk => chunk.records / chunk.seconds) ?? []
  // The two chunks of a round ran directly after each other.
  const ratios = appends?.ours.map((chunk, round) => rateOf([chunk]) / rateOf(appends.bare.slice(round, round + 1))) ?? []
  return [
    line('durable appends, sustained', 15_000, appends && rateOf(appends.ours), {
      least: true, unit: ' records/s',
      detail: appends && `${decimal(sum(appends.ours, 'records'))} records in ${rates.length} rounds of ${decimal(Math.min(...rates))} to ${decimal(Math.max(...rates))}/s, ${cpuOf(appends.ours)} each`,
    }),
    line('durable appends / bare insertion', 0.5, known(median(ratios)), {
      least: true,
      detail: appends && `bare ${decimal(rateOf(appends.bare))} rows/s by ${appends.bareWay}, ${cpuOf(appends.bare)} each`,
    }),
    line('acknowledgement p99 at half that rate', 250, paced && percentile(paced.latencies, 0.99), {
      unit: ' ms', digits: 1,
      detail: paced && `${decimal(paced.rate)} records/s arriving at random, p50 ${percentile(paced.latencies, 0.5).toFixed(1)} ms, slowest ${Math.max(...paced.latencies).toFixed(0)} ms; `
      + `event loop late by p50 ${paced.loopDelay.p50.toFixed(1)}, p99 ${paced.loopDelay.p99.toFixed(1)}, at most ${paced.loopDelay.max.toFixed(1)} ms`,
    }),
  ]
}

function growthLines({ growth, environment }: Results): Line[] {
  if (environment.quick) return [{ what: 'cost of an append as the log grows', target: '', measured: '–', verdict: '', detail: 'skipped by --quick' }]
  const cost = (chunks: readonly Chunk[], field: 'seconds' | 'cpuSeconds') => sum(chunks, field) / sum(chunks, 'records') * 1e6
  return ([['time', 'seconds'], ['CPU time', 'cpuSeconds']] as const).map(([name, field]) =>
    line(`${name} of an append, last tenth / first tenth`, 1.15, growth && cost(growth.last, field) / cost(growth.first, field), {
      detail: growth && `${decimal(growth.total)} records, ${cost(growth.first, field).toFixed(1)} µs each at first, ${cost(growth.last, field).toFixed(1)} µs at last`,
    }))
}

function tileLines({ tiles }: Results): Line[] {
  return TILE_CASES.flatMap((title) => {
    const ofCase = tiles?.samples.filter(sample => sample.case === title) ?? []
    const of = (peer: Peer['name']) => ofCase.filter(sample => sample.peer === peer)
    const rate = (peer: Peer['name']) => `${decimal(median(of(peer).map(sample => sample.requestsPerSecond)))} req/s, ${median(of(peer).map(sample => sample.cpu)).toFixed(0)} µs CPU`
    const failures = of('us').reduce((total, sample) => total + sample.failures, 0)
    return [
      line(`${title} / bare`, 0.8, known(ratioTo('bare', ofCase)), {
        least: true,
        spoilt: failures > 0,
        detail: tiles && `${rate('us')}, p99 ${median(of('us').map(sample => sample.p99)).toFixed(1)} ms, ${decimal(tiles.sizes[title] ?? 0)} bytes; bare ${rate('bare')}`
        + (failures ? `; ${failures} requests failed` : ''),
      }),
      line(`${title} / nginx`, undefined, known(ratioTo('nginx', ofCase)), { detail: `from files: ${rate('nginx')}` }),
    ]
  })
}

function lookupLines({ lookups }: Results): Line[] {
  const detail = (latencies: readonly number[]) => `p50 ${percentile(latencies, 0.5).toFixed(1)} ms, slowest ${Math.max(...latencies).toFixed(0)} ms, ${decimal(latencies.length)} requests`
  return [
    line('lookup p99 at 500 req/s', 20, lookups && percentile(lookups.lookup.latencies, 0.99), {
      unit: ' ms', digits: 1,
      detail: lookups && `${detail(lookups.lookup.latencies)}, each for another version; ${lookups.appended.toFixed(0)} records/s appended meanwhile`,
    }),
    line('checkpoint p99 beside it', undefined, lookups && percentile(lookups.checkpoint.latencies, 0.99), {
      unit: ' ms', digits: 1, detail: lookups && detail(lookups.checkpoint.latencies),
    }),
  ]
}

function packumentLines({ firstRequests }: Results): Line[] {
  const recording = firstRequests?.map(({ unseen, recorded }) => unseen - recorded)
  return [line('recording 240 versions, in a first request', 60, recording && median(recording), {
    unit: ' ms', digits: 1,
    detail: firstRequests && `first request ${median(firstRequests.map(({ unseen }) => unseen)).toFixed(1)} ms, where all are recorded ${median(firstRequests.map(({ recorded }) => recorded)).toFixed(1)} ms; ${firstRequests.length} pairs`,
  })]
}

function judgeLines({ judgings }: Results): Line[] {
  const detail = (list: readonly number[]) => `p99 ${percentile(list, 0.99).toFixed(2)} ms of ${list.length}`
  return [
    line('judging a changed document, 240 recorded versions', 2, judgings && median(judgings.changed), {
      unit: ' ms', digits: 2,
      detail: judgings && `${detail(judgings.changed)}; a new dist-tag, the last verdict in memory; no fetching, parsing or rendering`,
    }),
    line('the same, nothing of it in memory', 2, judgings && median(judgings.forgotten), {
      unit: ' ms', digits: 2,
      detail: judgings && `${detail(judgings.forgotten)}; read from a log of ${decimal(judgings.size)} records and compared`,
    }),
    line('judging 240 unseen versions', undefined, judgings && median(judgings.unseen), {
      unit: ' ms', digits: 1, detail: judgings && `${detail(judgings.unseen)}; looked up, recorded, signed`,
    }),
  ]
}

function verifyLines({ verifications }: Results): Line[] {
  return ([['openSsl', 'node:crypto'], ['javaScript', 'noble']] as const).map(([list, name]) =>
    line(`verifying a record, Ed25519 by ${name}`, undefined, verifications && median(verifications[list]), {
      unit: ' µs',
      detail: verifications && `p99 ${decimal(percentile(verifications[list], 0.99))} µs; log of ${decimal(verifications.size)}: checkpoint, ${verifications.tiles} tiles (${decimal(verifications.bytes)} bytes) up to the root, inclusion`,
    }))
}
