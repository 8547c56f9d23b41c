import { beforeAll, describe, expect, it } from 'vitest'
import { LogError, type LogClient, type LogErrorCode } from '../../../shared/sumdb/index.ts'
import {
  checkConsistency, createVerifier, decodeBase64, encodeBase64, equalHashes, openCheckpoint, verifyEd25519,
} from '../../../shared/tlog/index.ts'
import { versionDraft } from '../sumdb/memory-log.ts'
import { createHeads, createTestLog, flip, textsOf, type Tamper, type TestLog } from './fixture.ts'

const OLD_SIZE = 200
const SIZE = 600

/** All that a client can do: go on from an older tree, look something up, read everything. */
async function session(client: LogClient): Promise<void> {
  await client.checkpoint()
  await client.lookup('fx', '1.0.300')
  await textsOf(client, 0, SIZE)
}

async function lieOf(work: Promise<unknown>): Promise<LogError> {
  const error = await work.then(() => new Error('It was believed'), (error: unknown) => error)
  if (!(error instanceof LogError)) throw error
  return error
}

const about = (wanted: RegExp, change: (honest: Uint8Array) => Uint8Array | string | number): Tamper =>
  async (path, honest) => wanted.test(path) ? change(await honest()) : undefined
const edit = (change: (text: string) => string) => (bytes: Uint8Array) => change(new TextDecoder().decode(bytes))

describe('a changed bit', () => {
  let log: TestLog
  let old: string
  const lengths = new Map<string, number>()
  beforeAll(async () => {
    log = createTestLog(OLD_SIZE)
    old = (await log.sumdb.log.head()).checkpoint
    log.grow(SIZE - OLD_SIZE)
    log.tamper(async (path, honest) => {
      const bytes = await honest()
      lengths.set(path, bytes.length)
      return bytes
    })
    await session(log.client({ heads: createHeads(old) }))
  })

  it.each<[string, LogErrorCode[]]>([
    ['checkpoint', ['UNTRUSTED', 'MALFORMED']],
    ['lookup/npm/fx@1.0.300', ['UNTRUSTED', 'MALFORMED', 'BAD_LOOKUP']],
    ['tile/0/000', ['BAD_TILE']],
    ['tile/0/001', ['BAD_TILE']],
    ['tile/0/002.p/88', ['BAD_TILE']],
    ['tile/1/000.p/2', ['BAD_TILE']],
    ['tile/entries/000', ['BAD_BUNDLE']],
    ['tile/entries/001', ['BAD_BUNDLE']],
    ['tile/entries/002.p/88', ['BAD_BUNDLE']],
  ])('of %s is seen, and nothing of it remembered', async (path, codes) => {
    const length = lengths.get(path)!
    const step = Math.ceil(length / (path.startsWith('tile/') ? 30 : 120))
    for (let at = 0; at < length; at += step) {
      log.tamper(about(new RegExp(`^${RegExp.escape(path)}$`), bytes => flip(bytes, at)))
      const heads = createHeads(old)
      const { code } = await lieOf(session(log.client({ heads })))
      expect(codes, `byte ${at}`).toContain(code)
      const believed = [old, ...path === 'checkpoint' ? [] : [(await log.sumdb.log.head()).checkpoint]]
      expect(believed).toContain(heads.note)
    }
    log.tamper(undefined)
    await session(log.client({ heads: createHeads(old) }))
  })

  it('was tried in everything that is read', () => {
    expect([...lengths.keys()].toSorted()).toEqual([
      'checkpoint', 'lookup/npm/fx@1.0.300', 'tile/0/000', 'tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2',
      'tile/entries/000', 'tile/entries/001', 'tile/entries/002.p/88',
    ])
  })
})

describe('a lie about', () => {
  it.each<[string, RegExp, (honest: Uint8Array) => Uint8Array | string | number, LogErrorCode, RegExp]>([
    ['a tile, too short', /^tile\/0\/001/, bytes => bytes.slice(32), 'BAD_TILE', /^tile\/0\/001 has 8160 bytes instead of 8192\./],
    ['a tile, another one', /^tile\/0\/000/, () => new Uint8Array(8192).fill(7), 'BAD_TILE', /^tile\/0\/000 does not belong to the tree/],
    ['a tile, gone', /^tile\/0\/002/, () => 404, 'MISSING', /^The log signed a tree of size 600 and does not have tile\/0\/002\.p\/88/],
    ['a bundle, gone', /^tile\/entries\/001/, () => 410, 'MISSING', /does not have tile\/entries\/001/],
    ['a bundle, one entry short', /^tile\/entries\/002/, bytes => bytes.slice(0, -1), 'BAD_BUNDLE', /^tile\/entries\/002\.p\/88: .* ends within entry 87/],
    ['a bundle, longer', /^tile\/entries\/002/, bytes => Buffer.concat([bytes, bytes]), 'BAD_BUNDLE', /bytes after the 88 entries/],
    ['a record\'s index', /^lookup/, edit(text => text.replace('300', '301')), 'BAD_LOOKUP', /is not entry 301 of the log/],
    ['a record beyond the tree', /^lookup/, edit(text => text.replace('300', '600')), 'BAD_LOOKUP', /is said to have index 600, beyond the tree of size 600/],
    ['a record, another package\'s', /^lookup/, edit(text => text.replace('/fx@', '/other@')), 'BAD_LOOKUP', /answered with another record, "version pkg:npm\/other@1\.0\.300"/],
    ['a record, another version\'s', /^lookup/, edit(text => text.replace('@1.0.300', '@1.0.3')), 'BAD_LOOKUP', /answered with another record/],
    ['a record, another kind', /^lookup/, edit(text => text.replace(/version (.*)\n(?:[^r].*\n)*(recorded.*\n)(?:.+\n)*/, 'withdrawn $1\n$2')), 'BAD_LOOKUP', /"withdrawn pkg/],
    ['a record\'s digest', /^lookup/, edit(text => text.replace('sha512-', 'sha512-AAAA').replace('AA==', '==')), 'BAD_LOOKUP', /./],
    ['a record, no text', /^lookup/, bytes => bytes.map(byte => byte === 0x0A ? 0xFF : byte), 'MALFORMED', /is not UTF-8/],
    ['everything, a page', /./, () => '<html>Hello</html>', 'MALFORMED', /A signed note is malformed/],
  ])('%s', async (_, path, change, code, sentence) => {
    const log = createTestLog(SIZE)
    log.tamper(about(path, change))
    const error = await lieOf(session(log.client()))
    expect(error.message).toMatch(sentence)
    expect(error.code).toBe(code)
  })

  it('who signed', async () => {
    const log = createTestLog(3)
    const { vkey } = log.sumdb.log
    const key = vkey.replace(/\+.*/, '')
    const { checkpoint } = await log.sumdb.log.head()
    log.tamper(about(/^checkpoint$/, () => checkpoint.replaceAll(key, 'sum.other.example')))
    expect(await lieOf(log.client().checkpoint())).toMatchObject({
      code: 'UNTRUSTED', message: expect.stringContaining('no signature of a trusted key'), evidence: { checkpoints: [expect.any(String)] },
    })
  })
})

describe('another history', () => {
  /** Signed by the same key; its first records are others. */
  function createFork(size: number): TestLog {
    return createTestLog(size, 'other')
  }

  /** Verifies evidence as somebody who was not there: with nothing but the log's key. */
  function expectEvidence({ code, evidence }: LogError, vkey: string): void {
    expect(code).toBe('FORK')
    const verifier = createVerifier(vkey, verifyEd25519)
    const [older, newer] = evidence!.checkpoints.map(note => openCheckpoint(note, verifier))
    const { size, root, proof } = evidence!.beginning!
    expect(size).toBe(older!.size)
    checkConsistency({
      oldSize: size, oldRoot: decodeBase64(root), newSize: newer!.size, newRoot: newer!.root, hashes: proof.map(decodeBase64),
    })
    expect(equalHashes(decodeBase64(root), older!.root)).toBe(false)
  }

  it.each([[1, 2], [4, 8], [7, 300], [256, 300], [300, 600], [255, 256], [20, 20]])('is proven, size %d and then %d', async (first, second) => {
    const log = createTestLog(first)
    const fork = createFork(second)
    const heads = createHeads()
    await log.client({ heads }).checkpoint()
    const remembered = heads.note

    const error = await lieOf(fork.client({ heads }).checkpoint())
    expect(error.message).toMatch(/: it has two histories\.$/)
    expect(error.message).toContain(`a tree of size ${first} with root ${encodeBase64((await log.sumdb.log.head()).root)}`)
    expectEvidence(error, log.sumdb.log.vkey)
    expect(heads.note).toBe(remembered)

    expectEvidence(await lieOf(fork.client({ heads }).lookup('other', '1.0.0')), log.sumdb.log.vkey)
    expect(heads.note).toBe(remembered)
  })

  it('is proven although tiles of the first one are cached', async () => {
    const [log, fork] = [createTestLog(300), createFork(600)]
    const heads = createHeads()
    const cache = new Map<string, Uint8Array>()
    const client = log.client({ heads, cache })
    await client.checkpoint()
    await textsOf(client, 0, 300)
    expect(cache.has('tile/0/000')).toBe(true)
    expectEvidence(await lieOf(fork.client({ heads, cache }).checkpoint()), log.sumdb.log.vkey)
  })

  it('is proven if it is shorter, as long as tiles of the longer one are there', async () => {
    const [log, fork] = [createTestLog(300), createFork(100)]
    const heads = createHeads()
    const cache = new Map<string, Uint8Array>()
    const client = log.client({ heads, cache })
    await client.checkpoint()
    await textsOf(client, 0, 300)
    expectEvidence(await lieOf(fork.client({ heads, cache }).checkpoint()), log.sumdb.log.vkey)

    const bare = await lieOf(fork.client({ heads }).checkpoint())
    expect(bare.code).toBe('ROLLBACK')
    expect(bare.message).toMatch(/Whether it has others instead cannot be seen/)
    expect(bare.evidence?.checkpoints).toHaveLength(2)

    const lookup = await lieOf(fork.client({ heads }).lookup('other', '1.0.1'))
    expect(lookup.code).toMatch(/MISSING|BAD_TILE/)
    expect(lookup.message).toMatch(/So the tree of size 100 cannot be seen to be its beginning\.$/)
    expect(lookup.evidence?.checkpoints).toHaveLength(2)
  })

  it('is no history at all: records are gone', async () => {
    const log = createTestLog(100)
    const old = (await log.sumdb.log.head()).checkpoint
    log.grow(200)
    const heads = createHeads()
    const client = log.client({ heads })
    await client.checkpoint()
    const remembered = heads.note
    log.tamper(about(/^checkpoint$/, () => old))

    const error = await lieOf(client.checkpoint())
    expect(error).toMatchObject({
      code: 'ROLLBACK', message: 'The log shows a tree of size 100 and had shown one of size 300 before: records are gone.',
    })
    const verifier = createVerifier(log.sumdb.log.vkey, verifyEd25519)
    expect(error.evidence!.checkpoints.map(note => openCheckpoint(note, verifier).size)).toEqual([100, 300])
    expect(error.evidence!.beginning!.size).toBe(100)
    expect(heads.note).toBe(remembered)
  })

  it('is not begun by a log that grows honestly, at any size', async () => {
    const log = createTestLog(1)
    const client = log.client()
    for (let size = 1; size < 70; size++) {
      await client.checkpoint()
      log.sumdb.log.append(versionDraft('more', `1.0.${size}`))
    }
    expect((await client.checkpoint()).size).toBe(70)
  })
})
