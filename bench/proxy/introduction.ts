import { busySentence } from '../common/run.ts'
import { CONNECTIONS } from '../common/wrk.ts'
import { ROUND_SECONDS } from './measure/comparison.ts'
import type { Environment } from './results.ts'

/** What a reader must know to judge the figures. */
export function introductionOf({ node, cpus, load, peers, rounds }: Environment): string {
  return [
    `Node ${node}, ${cpus} CPUs, nginx ${peers.nginx}, Verdaccio ${peers.verdaccio}.`,
    `Warm requests: gzip, ${CONNECTIONS} connections, medians of ${rounds} × ${ROUND_SECONDS} s in turns; µs is the CPU time of one request.`,
    ...busySentence(load),
  ].join('\n')
}
