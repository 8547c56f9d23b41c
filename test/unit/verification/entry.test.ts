import { describe, expect, it } from 'vitest'
import { pendingSteps, verifyEntry, type EntryStep, type ShownEntry } from '../../../app/verification/entry.ts'
import { openLog } from '../../../app/verification/log.ts'
import { createMemory, rememberKey, type Memory } from '../../../app/verification/memory.ts'
import { verdictOf } from '../../../app/verification/steps.ts'
import { createSigner, generateSignerKey } from '../../../server/log/signer.ts'
import { showEntry } from '../../../server/log-api/index.ts'
import { encodeBase64, leafHash, parseCheckpoint, parseTilePath } from '../../../shared/tlog/index.ts'
import { parseNote } from '../../../shared/tlog/note.ts'
import { createTestLog, flip, type TestLog } from '../sumdb-client/fixture.ts'

const OTHER = createSigner(generateSignerKey('sum.example'))
const hashOf = (text: string) => encodeBase64(leafHash(new TextEncoder().encode(text)))

async function go(log: TestLog, shown: ShownEntry, memory: Memory = createMemory()): Promise<EntryStep[]> {
  let steps = pendingSteps()
  for await (steps of verifyEntry(() => openLog('', memory, log.read), shown));
  return steps
}

const states = (steps: readonly EntryStep[]) => steps.map(({ state }) => state)
const factsOf = (steps: readonly EntryStep[]) =>
  Object.fromEntries(steps.flatMap(({ facts }) => facts.map(({ label, value }) => [label, value])))

/** The step that failed; those before it held, those behind it were not reached. */
function broken(steps: readonly EntryStep[]) {
  const at = steps.findIndex(({ state }) => state === 'failed' || state === 'unavailable')
  expect(states(steps.slice(0, at)).every(state => state === 'passed' || state === 'assumed')).toBe(true)
  expect(states(steps.slice(at + 1)).every(state => state === 'skipped')).toBe(true)
  expect(verdictOf(steps)).toBe(steps[at]!.state)
  return [steps[at]!.id, steps[at]!.state, steps[at]!.failure!.code]
}

describe('an honest log', () => {
  it.each([[1, 0], [2, 1], [7, 6], [256, 255], [257, 256], [300, 5], [700, 511]])('of %i records: record %i is verified', async (size, index) => {
    const log = createTestLog(size)
    const shown = await showEntry(log.sumdb.log, String(index))
    const steps = await go(log, shown)
    expect(states(steps)).toEqual(['assumed', ...Array(6).fill('passed')])
    expect(verdictOf(steps)).toBe('verified')
    const facts = factsOf(steps)
    expect(facts).toMatchObject({
      vkey: log.sumdb.log.vkey, size: String(size), root: shown.proof.root, rememberedSize: null, rememberedRoot: null,
      currentSize: String(size),
      leafHash: shown.leafHash, treeLeaf: shown.leafHash, computedRoot: shown.proof.root, signedRoot: shown.proof.root,
      siblings: String(shown.proof.hashes.length), bundle: expect.stringMatching(/^tile\/entries\//) as string,
    })
    expect(facts.signer).toMatch(/^sum\.example\+[0-9a-f]{8}$/)
    const { paths } = steps.find(({ id }) => id === 'tiles')!
    expect(paths).toHaveLength(Number(facts.tiles))
    for (const path of paths!) expect(parseTilePath(path)).toBeDefined()
    const { fold } = steps.find(({ id }) => id === 'inclusion')!
    expect(fold!.map(({ sibling }) => sibling)).toEqual(shown.proof.hashes)
    expect(fold!.at(-1)?.result ?? shown.leafHash).toBe(shown.proof.root)
  })

  it('that grew since is the same one, and is remembered', async () => {
    const log = createTestLog(300)
    const memory = createMemory()
    const shown = await showEntry(log.sumdb.log, '17')
    await go(log, shown, memory)
    log.grow(500)
    const steps = await go(log, shown, memory)
    expect(states(steps)).toEqual(Array(7).fill('passed'))
    expect(factsOf(steps)).toMatchObject({ rememberedSize: '300', rememberedRoot: shown.proof.root, currentSize: '800', size: '300' })
  })

  it('may show a page that is newer than the checkpoint that a cache keeps', async () => {
    const log = createTestLog(300)
    const old = await log.read('checkpoint')
    log.grow(3)
    log.tamper(async path => path === 'checkpoint' ? old : undefined)
    expect(verdictOf(await go(log, await showEntry(log.sumdb.log, '301')))).toBe('verified')
  })

  it('is gone through step by step', async () => {
    const log = createTestLog(3)
    const seen: string[] = []
    for await (const steps of verifyEntry(() => openLog('', createMemory(), log.read), await showEntry(log.sumdb.log, '1'))) {
      seen.push(steps.map(({ state }) => ({ pending: '.', running: '>', passed: '+', assumed: '~' } as Record<string, string>)[state]).join(''))
    }
    expect(seen).toEqual([
      '>......', '~......', '~>.....', '~+.....', '~+>....', '~++....', '~++>...', '~+++...', '~+++>..', '~++++..', '~++++>.', '~+++++.',
      '~+++++>', '~++++++',
    ])
  })
})

describe('whoever lies is noticed', () => {
  it('with another key than the one that is remembered', async () => {
    const log = createTestLog(10)
    const memory = createMemory()
    rememberKey(memory, OTHER.vkey)
    const steps = await go(log, await showEntry(log.sumdb.log, '1'), memory)
    expect(broken(steps)).toEqual(['key', 'failed', 'OTHER_KEY'])
    expect(steps[0]!.failure).toMatchObject({ expected: OTHER.vkey, found: log.sumdb.log.vkey })
  })

  it.each<[what: string, change: (note: string) => string, code: string]>([
    ['a broken signature', note => note.replace(/.{8}(.{4}\n)$/, 'AAAAAAAA$1'), 'UNTRUSTED'],
    ['a changed size', note => note.replace('\n300\n', '\n301\n'), 'UNTRUSTED'],
    ['a signature by another key', note => OTHER.sign(300, parseCheckpoint(parseNote(note).text).root), 'UNTRUSTED'],
    ['no form', () => 'nothing\n', 'MALFORMED'],
  ])('with a checkpoint that has %s, on the page or in the log', async (_, change, code) => {
    const log = createTestLog(300)
    const shown = await showEntry(log.sumdb.log, '7')
    expect(broken(await go(log, { ...shown, checkpoint: change(shown.checkpoint) }))).toEqual(['signature', 'failed', code])
    const changed = change(new TextDecoder().decode(await log.read('checkpoint')))
    log.tamper(async path => path === 'checkpoint' ? changed : undefined)
    expect(broken(await go(log, shown))).toEqual(['signature', 'failed', code])
  })

  it('with an older checkpoint than was seen', async () => {
    const log = createTestLog(300)
    const memory = createMemory()
    const [shown, old] = [await showEntry(log.sumdb.log, '7'), await log.read('checkpoint')]
    log.grow(10)
    await go(log, shown, memory)
    log.tamper(async path => path === 'checkpoint' ? old : undefined)
    const steps = await go(log, shown, memory)
    expect(broken(steps)).toEqual(['consistency', 'failed', 'ROLLBACK'])
    expect(steps[2]!.failure!.sentence).toContain('records are gone')
  })

  it('with another history', async () => {
    const log = createTestLog(300)
    const memory = createMemory()
    await go(log, await showEntry(log.sumdb.log, '7'), memory)
    const fork = createTestLog(301, 'another')
    expect(broken(await go(fork, await showEntry(fork.sumdb.log, '7'), memory))).toEqual(['consistency', 'failed', 'FORK'])
    // The page has one history and the log another.
    expect(broken(await go(fork, await showEntry(log.sumdb.log, '7')))).toEqual(['consistency', 'failed', 'FORK'])
  })

  it('with another text', async () => {
    const log = createTestLog(300)
    const shown = await showEntry(log.sumdb.log, '7')
    const text = shown.text.replace(/^manifest .*$/m, `manifest sha256-${Buffer.alloc(32, 9).toString('base64')}`)
    const steps = await go(log, { ...shown, text })
    expect(broken(steps)).toEqual(['record', 'failed', 'OTHER_HASH'])
    expect(steps[3]!.failure).toMatchObject({ expected: hashOf(text), found: shown.leafHash })
    expect(broken(await go(log, { ...shown, text, leafHash: hashOf(text) }))).toEqual(['record', 'failed', 'OTHER_RECORD'])
    expect(broken(await go(log, { ...shown, text: 'nonsense' }))).toEqual(['record', 'failed', 'NO_RECORD'])
    // Whoever changes the bundle as well fails at the tree.
    log.tamper(async (path, honest) => path.startsWith('tile/entries/')
      ? Buffer.from(Buffer.from(await honest()).toString('latin1').replace(shown.text, text), 'latin1')
      : undefined)
    const changed = await go(log, { ...shown, text, leafHash: hashOf(text) })
    expect(broken(changed)).toEqual(['tiles', 'failed', 'NOT_IN_TREE'])
    expect(changed[4]!.failure).toEqual({ code: 'NOT_IN_TREE', expected: shown.leafHash, found: hashOf(text) })
  })

  it('with a bundle that has another record', async () => {
    const log = createTestLog(300)
    log.tamper(async (path, honest) => path.startsWith('tile/entries/') ? flip(await honest(), 40) : undefined)
    expect(broken(await go(log, await showEntry(log.sumdb.log, '0')))).toEqual(['record', 'failed', 'OTHER_RECORD'])
  })

  it('with a flipped bit in any tile', async () => {
    for (const tile of ['tile/0/000', 'tile/0/001.p/44', 'tile/1/000.p/1']) {
      const log = createTestLog(300)
      const shown = await showEntry(log.sumdb.log, '7')
      log.tamper(async (path, honest) => path === tile ? flip(await honest(), 3) : undefined)
      const steps = await go(log, shown)
      expect(broken(steps)[2]).toBe('BAD_TILE')
      expect(steps.find(({ state }) => state === 'failed')!.failure!.sentence).toContain(tile)
    }
  })

  it('without a tile', async () => {
    const log = createTestLog(300)
    const shown = await showEntry(log.sumdb.log, '7')
    log.tamper(async path => path === 'tile/0/000' ? 404 : undefined)
    expect(broken(await go(log, shown))).toEqual(['tiles', 'failed', 'MISSING'])
  })

  it('with a wrong proof', async () => {
    const log = createTestLog(300)
    const shown = await showEntry(log.sumdb.log, '7')
    const wrong = encodeBase64(new Uint8Array(32))
    const hashes = shown.proof.hashes.with(2, wrong)
    const steps = await go(log, { ...shown, proof: { ...shown.proof, hashes } })
    expect(broken(steps)).toEqual(['inclusion', 'failed', 'BAD_PROOF'])
    expect(steps[5]!.failure).toEqual({ code: 'BAD_PROOF', expected: shown.proof.hashes[2], found: wrong })
    for (const proof of [shown.proof.hashes.slice(1), [...shown.proof.hashes, wrong]]) {
      expect(broken(await go(log, { ...shown, proof: { ...shown.proof, hashes: proof } }))).toEqual(['inclusion', 'failed', 'BAD_PROOF'])
    }
    expect(broken(await go(log, { ...shown, proof: { ...shown.proof, root: wrong } }))).toEqual(['signature', 'failed', 'OTHER_TREE'])
    expect(broken(await go(log, { ...shown, proof: { ...shown.proof, size: 299 } }))).toEqual(['signature', 'failed', 'OTHER_TREE'])
    expect(broken(await go(log, { ...shown, proof: { ...shown.proof, hashes: ['?'] } }))[1]).toBe('failed')
    expect(broken(await go(log, { ...shown, index: 300 }))).toEqual(['signature', 'failed', 'OTHER_TREE'])
  })

  it('and damage of what is remembered is no lie of the log', async () => {
    const log = createTestLog(3)
    const memory = createMemory()
    const shown = await showEntry(log.sumdb.log, '1')
    await go(log, shown, memory)
    memory.setItem(`registry-log-head ${log.sumdb.log.vkey}`, 'damaged')
    expect(broken(await go(log, shown, memory))).toEqual(['consistency', 'failed', 'STATE'])
  })
})

it.each(['vkey', 'checkpoint', 'tile/entries/000.p/3', 'tile/0/000.p/3'])('no answer for %s is no lie', async (missing) => {
  const log = createTestLog(3)
  const shown = await showEntry(log.sumdb.log, '1')
  log.tamper(async path => path === missing ? 503 : undefined)
  const steps = await go(log, shown)
  expect(broken(steps).slice(1)).toEqual(['unavailable', 'NO_ANSWER'])
})
