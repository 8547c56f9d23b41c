import { ask } from '../../common/ask.ts'
import { ACCEPT, PATHS } from '../cases.ts'
import type { Peer } from '../../common/peer.ts'

/** Milliseconds for one name: directly from the upstream, and as the first request through us. */
export interface ColdSample {
  upstream: number
  us: number
}

const headers = { 'accept': ACCEPT.full, 'accept-encoding': 'gzip' }
let copies = 0

/** First requests: every sample is a name of its own, which the upstream has ready. */
export async function measureCold(size: 'medium' | 'large', us: Peer, upstream: string, count: number): Promise<ColdSample[]> {
  const samples: ColdSample[] = []
  while (samples.length < count) {
    copies += 1
    const path = `${PATHS[size]}-${copies}`
    await ask(upstream + path, headers)
    const direct = await ask(upstream + path, headers)
    const through = await ask(us.url + path, headers)
    if (through.status !== 200) throw new Error(`we answer ${path} with ${through.status}: ${through.body.toString().slice(0, 300)}`)
    samples.push({ upstream: direct.milliseconds, us: through.milliseconds })
  }
  return samples
}
