import { startBare } from '../../common/bare.ts'
import type { Peer } from '../../common/peer.ts'
import type { Sample } from '../../common/rounds.ts'
import { CASES } from '../cases.ts'
import { startCachingNginx } from '../peers/nginx.ts'
import { startVerdaccio } from '../peers/verdaccio.ts'
import { measureWarm, warmUp } from './warm.ts'

/** Many short rounds rather than few long ones: a disturbance then spoils one of them. */
export const ROUND_SECONDS = 1

export interface Effort {
  rounds: number
  /** Rounds of Verdaccio, whose figures are far from everyone else's. */
  slowRounds: number
  /** How long Verdaccio may take for a large document. */
  slowSeconds: number
}

/** All cases for us and all our peers, each from a warm cache. */
export async function comparePeers(
  us: Peer,
  upstream: string,
  effort: Effort,
): Promise<{ samples: Sample[], versions: Record<string, string> }> {
  const [bare, nginx] = [await startBare(us, CASES.filter(({ conditional }) => !conditional)), await startCachingNginx(upstream)]
  const fast = [us, bare, nginx]
  await warmUp(CASES, fast)
  let verdaccio = await startVerdaccio(upstream)
  const versions = Object.fromEntries([...fast, verdaccio].map(({ name, version }) => [name, version]))
  const samples: Sample[] = []
  for (const one of CASES) {
    samples.push(...await measureWarm(one, fast, effort.rounds, ROUND_SECONDS))
    const bearable = one.size !== 'large' && !one.conditional
    if (bearable) samples.push(...await measureWarm(one, [verdaccio], effort.slowRounds, 2 * ROUND_SECONDS))
  }
  await Promise.all([bare.stop(), nginx.stop()])
  // Verdaccio needs longer than a round for its first large answer, and works on long after wrk has gone.
  for (const one of CASES.filter(({ size, conditional }) => size === 'large' && !conditional)) {
    samples.push(...await measureWarm(one, [verdaccio], 1, effort.slowSeconds))
    await verdaccio.stop()
    verdaccio = await startVerdaccio(upstream)
  }
  await verdaccio.stop()
  return { samples, versions }
}
