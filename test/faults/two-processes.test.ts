import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { loadWriter, scratch, type Told } from './harness.ts'
import { createWitness } from './witness.ts'

const ROUNDS = 3
const TOGETHER = 1_500
const ALONE = 500
const ENOUGH = 150
const TIMEOUT = 300_000

it('two processes on one database never contradict each other, also when one is killed', async () => {
  const dir = scratch()
  const witness = createWitness(dir)
  const started = performance.now()
  let refusals = 0
  for (let round = 0; round < ROUNDS; round++) {
    const load = (who: number) => loadWriter(dir, join(dir, `told-${round}-${who}`), round * 10 + who)
    const loaded = await Promise.all([load(0), load(1)])
    // The first round begins the log: both at once.
    const [one, other] = await Promise.all(loaded.map(writer => writer.start()))
    await Promise.all([sleep(TOGETHER), one!.untilTold(ENOUGH), other!.untilTold(ENOUGH)])
    const killed = await one!.kill()
    await sleep(ALONE)
    const ended = await other!.end()
    for (const told of [killed, ended]) {
      witness.hear(told)
      // Only that the other was faster; nothing was broken, and nobody lost his way.
      for (const refusal of told.refusals) expect(refusal).toMatch(/append to the log faster than this one|cannot take records at the moment/)
      for (const trouble of told.troubles) expect(trouble).toMatch(/append to the log faster than this one|SQLITE_BUSY/)
      refusals += told.refusals.length
      expect(told.acks.length).toBeGreaterThan(100)
    }
    expect(sameIndexes(killed, ended)).toBeGreaterThan(10)
    await witness.check()
  }
  const { records, acks, checkpoints } = witness.figures()
  console.info(`${ROUNDS} pairs of processes, ${records} records, ${acks} acknowledgements (${refusals} refused), ${checkpoints} checkpoints in ${Math.round(performance.now() - started)} ms`)
}, TIMEOUT)

/** How many records both were told of; the witness holds that they are the same records. */
function sameIndexes(one: Told, other: Told): number {
  const indexes = new Set(one.acks.map(({ index }) => index))
  return new Set(other.acks.map(({ index }) => index).filter(index => indexes.has(index))).size
}
