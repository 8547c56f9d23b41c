import { describe, expect, it } from 'vitest'
import { createMonitor } from '../../../cli/monitor.ts'
import { LogError, ReadError, type LogClient } from '../../../shared/sumdb/index.ts'
import { createVerifier, decodeBase64, leafHash, rootOf, verifyEd25519, verifyTlogProof } from '../../../shared/tlog/index.ts'
import { createSigner, generateSignerKey } from '../../../server/log/signer.ts'
import { versionDraft } from '../sumdb/memory-log.ts'
import { createTestLog, type TestLog } from '../sumdb-client/fixture.ts'

const ignore = () => {}

/** Reads everything up to the current tree. */
async function verify(client: LogClient, monitor = createMonitor(client, 0)) {
  await monitor.advance(await client.checkpoint(), ignore)
  return monitor
}

/** A log of 600 honest records, whose operator signs these texts behind them, whatever they are. */
function createLiar(...lies: string[]): TestLog {
  const texts = [...createTestLog(600).sumdb.log.allTexts, ...lies]
  const leaves = texts.map(text => leafHash(Buffer.from(text)))
  const signer = createSigner(generateSignerKey('sum.example'))
  const liar = createTestLog()
  liar.sumdb.log.allTexts.push(...texts)
  Object.assign(liar.sumdb.log, {
    vkey: signer.vkey,
    head: async () => ({ size: texts.length, root: rootOf(leaves), checkpoint: signer.sign(texts.length, rootOf(leaves)) }),
    async tile(level: number, index: number) {
      const span = 256 ** level
      const width = Math.min(256, Math.floor(texts.length / span) - index * 256)
      const starts = Array.from({ length: width }, (_, i) => (index * 256 + i) * span)
      return Buffer.concat(starts.map(start => rootOf(leaves.slice(start, start + span))))
    },
  })
  return liar
}

const { integrity, manifest } = versionDraft('x', '1.0.0')
const text = (name: string, recorded: string) => [
  `version pkg:npm/${name}`, `integrity ${integrity}`, `manifest ${manifest}`, `recorded ${recorded}`, 'evidence claimed', '',
].join('\n')
const LATE = '2027-01-01T00:00:00.000Z'

describe('a monitor', () => {
  it('reads an honest log as it grows, and tells how far it is', async () => {
    const log = createTestLog(300)
    const client = log.client()
    const monitor = createMonitor(client, 0)
    const done: number[] = []
    await monitor.advance(await client.checkpoint(), at => done.push(at))
    expect(done).toEqual([300])
    log.grow(3_000)
    await monitor.advance(await client.checkpoint(), at => done.push(at))
    expect(done).toEqual([300, 2304, 3300])
    expect(monitor).toMatchObject({ from: 0, next: 3300, versions: 3300, recorded: '2026-01-01T00:54:59.000Z' })
    await verify(client, monitor)
    expect(monitor.versions).toBe(3300)
  })

  it('has nothing to say of an empty log', async () => {
    expect(await verify(createTestLog().client())).toMatchObject({ next: 0, versions: 0, recorded: undefined })
  })

  it('goes on where it was left', async () => {
    const log = createTestLog(300)
    const client = log.client()
    await verify(client)
    log.grow(300)
    log.asked.length = 0
    expect(await verify(client, createMonitor(client, 300))).toMatchObject({ versions: 300 })
    expect(log.asked).not.toContain('tile/entries/000')
  })

  it('survives an answer that is missing, and counts nothing twice', async () => {
    const log = createTestLog(3_000)
    const client = log.client()
    const monitor = createMonitor(client, 0)
    log.tamper(async path => path === 'tile/entries/010' ? 503 : undefined)
    await expect(verify(client, monitor)).rejects.toBeInstanceOf(ReadError)
    expect(monitor.next).toBe(2048)
    log.tamper(undefined)
    await verify(client, monitor)
    expect(monitor).toMatchObject({ next: 3000, versions: 3000 })
  })

  it.each<[string, string[], RegExp, number[]]>([
    ['a version twice', [text('a@1.0.0', LATE), text('b@1.0.0', LATE), text('a@1.0.0', LATE)], /^The log has pkg:npm\/a@1\.0\.0 twice, as entries 600 and 602\.$/, [600, 602]],
    ['time running backwards', [text('a@1.0.0', LATE), text('b@1.0.0', '2026-12-31T23:59:59.999Z')], /^Entry 601 says that it was recorded 2026-12-31T23:59:59\.999Z, before the one above it: 2027/, [600, 601]],
    ['what is no record', ['version pkg:npm/a@1.0.0\n'], /^Entry 600 of the log is not a record: /, [600]],
    ['another spelling of a record', [text('a@1.0.0', LATE).replace('pkg:npm/a', 'pkg:npm/%61')], /^Entry 600 of the log is not a record: /, [600]],
  ])('proves %s', async (_, texts, sentence, indexes) => {
    const { client, sumdb } = createLiar(...texts)
    const error = await verify(client()).catch((thrown: unknown) => thrown) as LogError
    expect(error).toBeInstanceOf(LogError)
    expect(error).toMatchObject({ code: 'BROKEN_RULE', message: expect.stringMatching(sentence) })
    const verifier = createVerifier(sumdb.log.vkey, verifyEd25519)
    const proven = error.evidence!.entries!.map(({ entry, proof }) => verifyTlogProof(proof, decodeBase64(entry), verifier).index)
    expect(proven).toEqual(indexes)
  })

  it('sees time run backwards where it was left', async () => {
    const { client } = createLiar(text('a@1.0.0', LATE), text('b@1.0.0', '2026-12-31T23:59:59.999Z'))
    const one = client()
    await expect(verify(one, createMonitor(one, 601))).rejects.toMatchObject({ code: 'BROKEN_RULE' })
  })
})
