/** Pings a URL every 5 ms, whether or not the last one was answered, and sends the latencies when told to stop. */
import { ask } from '../common/ask.ts'

const url = process.argv[2]
if (!url) throw new Error('usage: node pinger.ts <url>')

const latencies: number[] = []
const pending = new Set<Promise<void>>()
let timer: NodeJS.Timeout | undefined

async function ping(target: string): Promise<void> {
  const { status, milliseconds } = await ask(target)
  if (status !== 200) throw new Error(`${target} answered ${status}`)
  latencies.push(milliseconds)
}

process.on('message', async (message) => {
  if (message === 'start') {
    timer = setInterval(() => {
      const one = ping(url).finally(() => pending.delete(one))
      pending.add(one)
    }, 5)
    return
  }
  clearInterval(timer)
  await Promise.all(pending)
  process.send?.(latencies)
})
process.on('disconnect', () => process.exit())

await ping(url)
latencies.length = 0
process.send?.('ready')
