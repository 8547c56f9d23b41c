/** Asks for many URLs on a schedule, in a process of its own: send it streams, and it answers with their results. */
import { ask } from '../../common/ask.ts'
import { openLoop } from '../../common/open-loop.ts'
import { serveCommands } from '../serve-commands.ts'
import type { Stream, StreamResult } from './streams.ts'

async function run({ name, rate, urls }: Stream): Promise<StreamResult> {
  const failures: string[] = []
  const latencies = await openLoop(urls.length, rate, async (n) => {
    const url = urls[n] ?? ''
    try {
      const { status } = await ask(url, { 'accept-encoding': 'gzip' })
      if (status !== 200) failures.push(`${url}: ${status}`)
    } catch (error) {
      failures.push(`${url}: ${String(error)}`)
    }
  })
  return { name, latencies, failures }
}

serveCommands(({ streams }: { streams: Stream[] }) => Promise.all(streams.map(run)))
