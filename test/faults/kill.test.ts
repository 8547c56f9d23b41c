import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { loadWriter, scratch } from './harness.ts'
import { createWitness } from './witness.ts'

const ROUNDS = 30
/** For machines that are busy otherwise: half a minute is enough for an idle one. */
const TIMEOUT = 400_000

it('begins a log once, however many processes do so at once and are killed while they do', async () => {
  const figures = []
  for (let round = 0; round < 5; round++) {
    const dir = scratch()
    const witness = createWitness(dir)
    const loaded = await Promise.all([0, 1, 2].map(who => loadWriter(dir, join(dir, `told-${who}`), who)))
    const all = await Promise.all(loaded.map(writer => writer.startAndKill(Math.random() * 60 * (round + 1))))
    for (const told of all) {
      expect(told.troubles).toEqual([])
      witness.hear(told)
    }
    await witness.check()
    figures.push(witness.figures().records)
  }
  console.info(`${figures.length} logs begun by three processes: ${figures.join(', ')} records`)
}, TIMEOUT)

it(`loses nothing and contradicts nothing when its process is killed, ${ROUNDS} times`, async () => {
  const dir = scratch()
  const witness = createWitness(dir)
  const load = (round: number) => {
    const loaded = loadWriter(dir, join(dir, `told-${round}`), round)
    // Nobody waits for the one that a failure leaves behind.
    loaded.catch(() => {})
    return loaded
  }
  const started = performance.now()
  let loading = load(0)
  for (let round = 0; round < ROUNDS; round++) {
    const before = witness.figures().records
    const writer = await (await loading).start()
    await sleep(20 + Math.random() * 380)
    const told = await writer.kill()
    loading = load(round + 1)
    expect(told.troubles).toEqual([])
    expect(told.refusals).toEqual([])
    witness.hear(told)
    await witness.check()
    expect(witness.figures().records).toBeGreaterThanOrEqual(before)
  }
  const { records, acks, checkpoints, opened } = witness.figures()
  expect(records).toBeGreaterThan(ROUNDS * 50)
  expect(acks).toBeGreaterThan(ROUNDS * 50)
  expect(checkpoints).toBeGreaterThan(ROUNDS * 2)
  console.info(`${opened} restarts, ${records} records, ${acks} acknowledgements, ${checkpoints} checkpoints in ${Math.round(performance.now() - started)} ms`)
}, TIMEOUT)
