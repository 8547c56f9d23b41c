import { describe, expect, it } from 'vitest'
import { RecordError } from '../../../shared/record/index.ts'
import { StateError } from '../../../shared/sumdb/index.ts'
import { createVerifier, verifyEd25519, verifyTlogProof } from '../../../shared/tlog/index.ts'
import { versionDraft } from '../sumdb/memory-log.ts'
import { createHeads, createTestLog, textsOf } from './fixture.ts'

describe('an honest log', () => {
  it('is followed from nothing through full and partial tiles', async () => {
    const log = createTestLog()
    const heads = createHeads()
    const client = log.client({ heads })
    const sizes = [0, 1, 2, 3, 255, 256, 257, 511, 512, 700]
    for (const [i, size] of sizes.entries()) {
      if (i > 0) log.grow(size - sizes[i - 1]!)
      expect((await client.checkpoint()).size).toBe(size)
      expect(heads.note).toBe((await log.sumdb.log.head()).checkpoint)
      expect(await textsOf(client, 0, size)).toEqual(log.sumdb.log.allTexts)
    }
    expect(await textsOf(client, 250, 530)).toEqual(log.sumdb.log.allTexts.slice(250, 530))
  })

  it('is read in one pass, thousands of records at a time', async () => {
    const log = createTestLog(5_000)
    const client = log.client()
    await client.checkpoint()
    const runs = []
    for await (const run of client.entries(100, 5_000)) runs.push([run.from, run.entries.length, run.leaves.length])
    expect(runs).toEqual([[100, 1948, 1948], [2048, 2048, 2048], [4096, 904, 904]])
    expect(log.asked.filter(path => path.startsWith('tile/entries/'))).toHaveLength(20)
    expect(new Set(log.asked).size).toBe(log.asked.length)
  })

  it('proves a version that it has', async () => {
    const log = createTestLog(300)
    const { index, record, text, head } = await log.client().lookup('fx', '1.0.270')
    expect(index).toBe(270)
    expect(record.integrity).toBe(versionDraft('fx', '1.0.270').integrity)
    expect(text).toBe(log.sumdb.log.allTexts[270])
    expect(head.size).toBe(300)
  })

  it('proves a version that it records because it is asked', async () => {
    const log = createTestLog(300)
    log.sumdb.upstream.set('@s/new@1.0.0+build', versionDraft('@s/new', '1.0.0+build'))
    const { index, head } = await log.client().lookup('@s/new', '1.0.0+build')
    expect([index, head.size]).toEqual([300, 301])
  })

  it('proves an authority\'s version to whoever means that authority', async () => {
    const log = createTestLog(3)
    const subject = { name: '@acme/tool', version: '1.0.0', namespace: 'acme.example/npm' }
    log.sumdb.log.append(versionDraft('@acme/tool', '1.0.0', { subject }))
    const found = await log.client().lookup('@acme/tool', '1.0.0', ['other.example', 'acme.example/npm'])
    expect(found.record.subject).toEqual(subject)
    await expect(log.client().lookup('@acme/tool', '1.0.0')).rejects.toMatchObject({
      code: 'OTHER_AUTHORITY',
      message: 'The log has @acme/tool@1.0.0 as a package of acme.example/npm, which is another package than one of that name elsewhere.',
    })
    await expect(log.client().lookup('fx', '1.0.0', ['acme.example/npm'])).rejects.toMatchObject({
      code: 'OTHER_AUTHORITY', message: expect.stringContaining('of its default registry'),
    })
  })

  it('may answer a lookup with an older tree', async () => {
    const log = createTestLog(10)
    let old: Uint8Array | undefined
    log.tamper(async (path, honest) => path.startsWith('lookup/') ? old ??= await honest() : undefined)
    const client = log.client()
    await client.lookup('fx', '1.0.3')
    log.grow(300)
    await client.checkpoint()
    expect(await client.lookup('fx', '1.0.3')).toMatchObject({ index: 3, head: { size: 310 } })
  })

  it('need not keep partial tiles and bundles that became full', async () => {
    const log = createTestLog(100)
    const client = log.client({ heads: createHeads((await log.sumdb.log.head()).checkpoint) })
    log.grow(300)
    log.tamper(async path => path.includes('.p/') ? 404 : undefined)
    expect(await textsOf(client, 0, 100)).toEqual(log.sumdb.log.allTexts.slice(0, 100))
    expect(log.asked).toContain('tile/0/000')
  })

  it('says itself what it does not have', async () => {
    const error = createTestLog(3).client().lookup('fx', '2.0.0')
    await expect(error).rejects.toMatchObject({
      name: 'ReadError', status: 404, code: 'VERSION_NOT_FOUND', message: 'fx has no version 2.0.0.',
    })
  })

  it('gives proofs that hold without it', async () => {
    const log = createTestLog(300)
    const client = log.client()
    await client.checkpoint()
    const proof = await client.prove(200)
    const entry = Buffer.from(log.sumdb.log.allTexts[200]!)
    const verifier = createVerifier(log.sumdb.log.vkey, verifyEd25519)
    expect(verifyTlogProof(proof, entry, verifier)).toMatchObject({ index: 200, size: 300 })
  })
})

describe('the client', () => {
  it('asks for each tile once, however many wait for it', async () => {
    const log = createTestLog(600)
    const client = log.client()
    await Promise.all(Array.from({ length: 50 }, (_, i) => client.lookup('fx', `1.0.${i * 10}`)))
    const tiles = log.asked.filter(path => path.startsWith('tile/'))
    expect(tiles.toSorted()).toEqual(['tile/0/000', 'tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2'])
  })

  it('puts only verified tiles into the cache, and survives a damaged one', async () => {
    const log = createTestLog(300)
    const cache = new Map<string, Uint8Array>()
    log.tamper(async (path, honest) => path === 'tile/0/000' ? Buffer.alloc(8192) : honest())
    await expect(log.client({ cache }).lookup('fx', '1.0.1')).rejects.toMatchObject({ code: 'BAD_TILE' })
    expect([...cache.keys()].toSorted()).toEqual(['tile/0/001.p/44', 'tile/1/000.p/1'])

    log.tamper(undefined)
    const tiles = await log.read('tile/0/000')
    cache.set('tile/0/000', Buffer.alloc(8192))
    expect(await log.client({ cache }).lookup('fx', '1.0.1')).toMatchObject({ index: 1 })
    expect(cache.get('tile/0/000')).toEqual(tiles)
  })

  it('uses what another program remembered meanwhile', async () => {
    const log = createTestLog(10)
    const heads = createHeads()
    const [one, other] = [log.client({ heads }), log.client({ heads })]
    await one.checkpoint()
    await other.checkpoint()
    log.grow(10)
    await other.checkpoint()
    log.grow(10)
    expect((await one.checkpoint()).size).toBe(30)
    expect(heads.note).toBe((await log.sumdb.log.head()).checkpoint)
  })

  it('does not begin anew when what it remembered is damaged', async () => {
    const log = createTestLog(10)
    await expect(log.client({ heads: createHeads('sum.example\n10\n') }).checkpoint()).rejects.toBeInstanceOf(StateError)
  })

  it.each([['../x', '1.0.0'], ['fx', '1.0.0/../../vkey'], ['fx', ''], ['', '1.0.0'], ['fx?x', '1.0.0']])('asks nobody about %j@%j', async (name, version) => {
    const log = createTestLog(1)
    await expect(log.client().lookup(name, version)).rejects.toBeInstanceOf(RecordError)
    expect(log.asked).toEqual([])
  })

  it.each([[-1, 2], [0, 11], [0.5, 2]])('has no entries %d to %d of 10', async (from, to) => {
    const client = createTestLog(10).client()
    await client.checkpoint()
    await expect(textsOf(client, from, to)).rejects.toMatchObject({ code: 'OUT_OF_RANGE' })
  })
})
