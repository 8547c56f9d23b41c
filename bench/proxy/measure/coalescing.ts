import { ask } from '../../common/ask.ts'
import { ACCEPT } from '../cases.ts'
import type { Peer } from '../../common/peer.ts'

const CLIENTS = 100

/** How many requests reach the upstream when 100 clients ask for one unknown name at once, half of them for the corgi form. */
export async function measureCoalescing(us: Peer, upstream: string): Promise<number> {
  await ask(`${upstream}bench-medium-shared`)
  await ask(`${upstream}__delay/100`)
  await ask(`${upstream}__reset`)
  const answers = await Promise.all(Array.from({ length: CLIENTS }, (_, index) =>
    ask(`${us.url}bench-medium-shared`, { 'accept': index % 2 ? ACCEPT.full : ACCEPT.corgi, 'accept-encoding': 'gzip' })))
  await ask(`${upstream}__delay/0`)
  const refused = answers.filter(({ status }) => status !== 200)
  if (refused.length) throw new Error(`${refused.length} of ${CLIENTS} concurrent requests were answered with ${refused[0]?.status}`)
  const counts = JSON.parse((await ask(`${upstream}__count`)).body.toString()) as Record<string, number>
  return counts['/bench-medium-shared'] ?? 0
}
