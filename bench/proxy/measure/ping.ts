import { startModule } from '../../common/children.ts'
import type { Peer } from '../../common/peer.ts'
import { once } from 'node:events'

/** Pings every 5 ms from a process of its own while `work` runs; returns the latencies in milliseconds. */
export async function pingDuring(us: Peer, work: () => Promise<unknown>): Promise<number[]> {
  const child = startModule('pinger', new URL('../pinger.ts', import.meta.url), [`${us.url}-/ping`])
  await once(child.process, 'message')
  child.process.send('start')
  await work()
  child.process.send('stop')
  const [latencies] = await once(child.process, 'message') as [number[]]
  await child.stop()
  return latencies
}
