import { setTimeout as sleep } from 'node:timers/promises'
import { randomFrom } from './random.ts'

/**
 * Begins work at random times, on average `rate` times a second, whether or not earlier work is done: so come requests of people
 * who do not know of each other. Latencies count from the time at which work was due, so that waiting counts.
 * @returns milliseconds, in the order of the work
 */
export async function openLoop(count: number, rate: number, work: (n: number) => Promise<unknown>): Promise<number[]> {
  const random = randomFrom('arrivals')
  const started: Promise<number>[] = []
  const first = performance.now()
  let due = first
  for (let n = 0; n < count; n += 1) {
    // A Poisson process, seeded: the same arrivals in every run.
    due += -Math.log(random.between(1, 1_000_000) / 1_000_000) * 1000 / rate
    const wait = due - performance.now()
    if (wait > 0) await sleep(wait)
    started.push(latencyOf(due, work(n)))
  }
  return Promise.all(started)
}

async function latencyOf(due: number, work: Promise<unknown>): Promise<number> {
  await work
  return performance.now() - due
}
