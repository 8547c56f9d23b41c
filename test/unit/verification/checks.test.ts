import { describe, expect, it } from 'vitest'
import { compareCheckpoints, type Comparison } from '../../../app/verification/consistency.ts'
import { checkProof, readRecord } from '../../../app/verification/proof.ts'
import { checkTile, type TileCheck } from '../../../app/verification/tile.ts'
import { createVerifier, verifyEd25519 } from '../../../shared/tlog/index.ts'
import { createTestLog, flip, textsOf, type TestLog } from '../sumdb-client/fixture.ts'

const believed = (log: TestLog) => ({ verifier: createVerifier(log.sumdb.log.vkey, verifyEd25519), read: log.read })
const checkpoint = async (log: TestLog) => Buffer.from(await log.read('checkpoint')).toString()

/** A log that grew, and its two checkpoints. */
async function grown(): Promise<{ log: TestLog, older: string, newer: string }> {
  const log = createTestLog(300)
  const older = await checkpoint(log)
  log.grow(250)
  return { log, older, newer: await checkpoint(log) }
}

describe('two checkpoints', () => {
  const compare = (first: string, second: string, log: TestLog, isOrdered = false) =>
    compareCheckpoints(first, second, believed(log), () => {}, isOrdered)
  const states = ({ older, newer, tiles, proof, roots }: Comparison) =>
    [older, newer, tiles, proof, roots].map(({ state }) => state)

  it('continue each other, whichever comes first, and every step is told', async () => {
    const { log, older, newer } = await grown()
    const told: string[] = []
    const result = await compareCheckpoints(newer, older, believed(log), one => told.push(states(one).join(' ')))
    expect(result).toMatchObject({ outcome: 'consistent', older: { head: { size: 300 } }, newer: { head: { size: 550 } } })
    expect(result.roots.computed).toBe(result.roots.signed)
    expect(told[0]).toBe('passed pending pending pending pending')
    expect(told.at(-1)).toBe('passed passed passed passed passed')
    expect(result.tiles.paths).toContain('tile/0/002.p/38')
  })

  it('of which the later one is smaller are a rollback, with whatever else is wrong', async () => {
    const { log, older, newer } = await grown()
    expect(await compare(newer, older, log, true)).toMatchObject({ outcome: 'rollback', evidence: { checkpoints: [older, newer] } })
    log.tamper(async path => path.startsWith('tile/') ? 404 : undefined)
    expect(await compare(newer, older, log, true)).toMatchObject({ outcome: 'rollback', tiles: { state: 'failed' } })
  })

  it('of two histories are a fork, with the proof of it', async () => {
    const { log, newer } = await grown()
    const other = await checkpoint(createTestLog(300, 'other'))
    const result = await compare(other, newer, log)
    expect(result).toMatchObject({ outcome: 'fork', evidence: { checkpoints: [other, newer], beginning: { size: 300 } } })
    expect(states(result)).toEqual(['passed', 'passed', 'passed', 'passed', 'failed'])
    expect(result.roots.computed).not.toBe(result.roots.signed)
  })

  it('that the log did not sign are nobody\'s', async () => {
    const { log, older, newer } = await grown()
    const result = await compare(older.replace('\n300\n', '\n301\n'), newer, log)
    expect(result).toMatchObject({ outcome: 'invalid', older: { state: 'failed' } })
    expect(states(result).slice(2)).toEqual(['pending', 'pending', 'pending'])
  })

  it('cannot be compared without an answer, and are not with a wrong one', async () => {
    const { log, older, newer } = await grown()
    log.tamper(async path => path.startsWith('tile/') ? 503 : undefined)
    expect(await compare(older, newer, log)).toMatchObject({ outcome: 'unanswered', tiles: { state: 'unavailable' } })
    log.tamper(async (path, honest) => path === 'tile/0/001' ? flip(await honest(), 100) : undefined)
    expect(await compare(older, newer, log)).toMatchObject({ outcome: 'invalid', tiles: { state: 'failed' } })
  })
})

describe('a tile', () => {
  async function check(log: TestLog, tile: Parameters<typeof checkTile>[0]): Promise<TileCheck> {
    let last!: TileCheck
    await checkTile(tile, await checkpoint(log), believed(log), next => (last = next))
    return last
  }
  const states = ({ checkpoint, tile, parent, bundle }: TileCheck) => [checkpoint, tile, parent, bundle].map(step => step?.state)

  it.each([
    [{ level: 0, index: 0, width: 256 }, ['passed', 'passed', 'passed', 'passed']],
    [{ level: 0, index: 2, width: 38 }, ['passed', 'passed', 'passed', 'passed']],
    [{ level: 1, index: 0, width: 2 }, ['passed', 'passed', 'passed', undefined]],
    [{ level: 0, index: 0, width: 255 }, ['passed', 'failed', 'pending', 'pending']],
  ])('%j: %j', async (tile, expected) => {
    const { log } = await grown()
    expect(states(await check(log, tile))).toEqual(expected)
  })

  it.each([
    ['tile/0/000', ['passed', 'passed', 'failed', 'pending']],
    ['tile/1/000.p/2', ['passed', 'passed', 'failed', 'pending']],
    ['tile/entries/000', ['passed', 'passed', 'passed', 'failed']],
  ])('with another %s: %j', async (tampered, expected) => {
    const { log } = await grown()
    log.tamper(async (path, honest) => path === tampered ? flip(await honest(), 50) : undefined)
    expect(states(await check(log, { level: 0, index: 0, width: 256 }))).toEqual(expected)
  })

  it('without an answer is not wrong', async () => {
    const { log } = await grown()
    log.tamper(async path => path === 'tile/0/000' ? 503 : undefined)
    expect(states(await check(log, { level: 0, index: 0, width: 256 }))).toEqual(['passed', 'unavailable', 'pending', 'pending'])
  })
})

describe('a proof', () => {
  it('holds for its record, which can be read from the log', async () => {
    const { log } = await grown()
    const client = log.client()
    await client.checkpoint()
    const proof = await client.prove(299)
    const [text] = await textsOf(client, 299, 300)
    const { verifier } = believed(log)
    // Also when the log has grown since.
    log.grow(300)
    expect(await readRecord(proof, log.read)).toBe(text)
    expect(checkProof(proof, text!, verifier)).toMatchObject({ signature: { state: 'passed', size: 550 }, path: { state: 'passed' } })
    expect(checkProof(proof, `${text}x`, verifier)).toMatchObject({ signature: { state: 'passed' }, path: { state: 'failed' } })
    const changed = checkProof(proof.replace('\n550\n', '\n551\n'), text!, verifier)
    expect(changed).toMatchObject({ signature: { state: 'failed' }, path: { state: 'pending' } })
    await expect(readRecord(proof.replace('index 299', 'index 5500'), log.read)).rejects.toMatchObject({ code: 'OUT_OF_RANGE' })
    expect(() => checkProof('c2sp.org/tlog-proof@v1\n', text!, verifier)).toThrow('malformed')
  })
})
