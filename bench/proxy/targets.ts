import { known, line } from '../common/line.ts'
import type { Line } from '../common/line.ts'
import type { Peer } from '../common/peer.ts'
import { ratioTo } from '../common/rounds.ts'
import type { Sample } from '../common/rounds.ts'
import { median, percentile } from '../common/statistics.ts'
import { CASES, titleOf } from './cases.ts'
import type { Case } from './cases.ts'
import type { Results } from './results.ts'

/** Compares what was measured with what we promise. */
export function linesOf(results: Results): Line[] {
  return [
    ...CASES.flatMap(one => warmLines(one, results.warm ?? [])),
    ...coldLines(results),
    line('upstream requests for 100 first requests at once', 1, results.coalescing, { digits: 0 }),
    line('ping p99 during large misses', 50, results.ping && percentile(results.ping.busy, 0.99), {
      unit: ' ms',
      detail: results.ping && `idle ${percentile(results.ping.idle, 0.99).toFixed(1)} ms, slowest ${Math.max(...results.ping.busy).toFixed(0)} ms, ${results.ping.busy.length} pings`,
    }),
    line('memory after all of this', 350, results.memory?.resident, { unit: ' MB', detail: results.memory && `peak ${results.memory.peak.toFixed(0)} MB` }),
    ...installLines(results),
  ]
}

function warmLines(one: Case, samples: readonly Sample[]): Line[] {
  const title = titleOf(one)
  const ofCase = samples.filter(sample => sample.case === title)
  const of = (peer: Peer['name']) => ofCase.filter(sample => sample.peer === peer)
  const rate = (peer: Peer['name']) => median(of(peer).map(sample => sample.requestsPerSecond))
  const cpu = (peer: Peer['name']) => median(of(peer).map(sample => sample.cpu)).toFixed(0)
  const us = rate('us')
  const failures = of('us').reduce((sum, sample) => sum + sample.failures, 0)
  const p99 = median(of('us').map(sample => sample.p99))
  const ratio = (peer: Peer['name']) => known(ratioTo(peer, ofCase))
  const perSecond = (value: number) => `${value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1)} req/s`

  const lines = [line(`${title} / bare`, one.conditional ? 0.7 : 0.8, ratio('bare'), {
    least: true,
    detail: `${perSecond(us)}, p99 ${p99.toFixed(1)} ms, ${cpu('us')} µs CPU; bare ${perSecond(rate('bare'))}, ${cpu('bare')} µs`
      + (failures ? `; ${failures} requests failed` : ''),
    spoilt: failures > 0,
  })]
  lines.push(line(`${title} / nginx`, one.size === 'small' || one.conditional ? undefined : 0.5, ratio('nginx'), {
    least: true,
    detail: `nginx ${perSecond(rate('nginx'))}, ${cpu('nginx')} µs`,
  }))
  if (!one.conditional && of('verdaccio').length) {
    const verdaccio = rate('verdaccio')
    const measured = us / verdaccio
    lines.push(line(`${title} / verdaccio`, 50, known(measured), {
      least: true,
      detail: verdaccio ? `verdaccio ${perSecond(verdaccio)}` : 'verdaccio answers none of 32 clients in time',
    }))
  }
  return lines
}

function coldLines({ cold }: Results): Line[] {
  return ([['medium', 50], ['large', 700]] as const).map(([size, target]) => {
    const samples = cold?.[size]
    return line(`${size} first request, beyond upstream`, target, samples && median(samples.map(({ us, upstream }) => us - upstream)), {
      unit: ' ms',
      detail: samples && `upstream ${median(samples.map(({ upstream }) => upstream)).toFixed(1)} ms, us ${median(samples.map(({ us }) => us)).toFixed(1)} ms`,
    })
  })
}

function installLines({ install }: Results): Line[] {
  return ([['warm', 1.05], ['cold', 1.25]] as const).map(([way, target]) =>
    line(`npm install, ${way} / direct`, target, install && median(install[way]) / median(install.direct), {
      digits: 2,
      detail: install && `${median(install[way]).toFixed(2)} s, direct ${median(install.direct).toFixed(2)} s, ${install.packages} packages, npm ${install.npm}`,
    }))
}
