import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { goLookupPath } from '../../shared/record/index.ts'
import { parseGoLookup } from '../../shared/tlog/index.ts'
import { createFixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer } from '../fixtures/server.ts'
import { scratch } from './harness.ts'
import { createWitness } from './witness.ts'

const KILLS = 4
const CLIENTS = 6
const PACKAGES = 400
const TIMEOUT = 180_000

it(`a server that is killed ${KILLS} times among lookups keeps what it answered`, async () => {
  const dataDir = scratch()
  const witness = createWitness(dataDir)
  const registry = await createFixtureRegistry({ sign: true })
  try {
    for (let n = 0; n < PACKAGES; n++) {
      for (const version of ['1.0.0', '1.0.1', '2.0.0']) await registry.publish({ name: `p${n}`, version })
    }
    for (let round = 0; round < KILLS; round++) {
      const server = await startServer({ config: { registries: [{ id: 'npm', url: registry.url, role: 'authority' }] }, dataDir })
      let isUp = true
      const get = async (path: string) => {
        const response = await fetch(`${server.url}sumdb/${path}`)
        const text = await response.text()
        if (isUp && !response.ok) throw new Error(`${path} answers ${response.status}: ${text}`)
        return text
      }
      const client = async (who: number) => {
        for (let n = who; n < PACKAGES; n += CLIENTS) {
          const { index, record } = parseGoLookup(await get(`go/lookup/${goLookupPath(`p${(n + round * 90) % PACKAGES}`, '1.0.1')}`))
          witness.hear({ acks: [{ index, hash: createHash('sha256').update(record).digest('hex') }], checkpoints: [await get('checkpoint')] })
        }
      }
      const clients = Promise.allSettled(Array.from({ length: CLIENTS }, (_, who) => client(who)))
      await sleep(300 + Math.random() * 500)
      while (witness.figures().acks <= round * 5) await sleep(20)
      isUp = false
      await server.kill()
      for (const result of await clients) expect(result).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/^(fetch failed|terminated)$/) } })
      const { acks } = witness.figures()
      expect(acks).toBeGreaterThan(round * 5)
      await witness.check()
    }
  } finally {
    await registry.close()
  }
  const { records, acks, checkpoints } = witness.figures()
  console.info(`${KILLS} kills, ${records} records, ${acks} lookups, ${checkpoints} checkpoints`)
}, TIMEOUT)
