import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startLog, type TestLog } from './log.ts'
import { changeLetter, flipBit, startProxy, type Tamper, type TamperingProxy } from './proxy.ts'
import { buildVerifier, type Verifier } from './verifier.ts'

const ORIGIN = 'sum.fixture.example'
const SIZE = 300
const FORK_SIZE = 20

let verifier: Verifier
let log: TestLog
/** Signs with the same key, and remembers other things. */
let fork: TestLog
let proxy: TamperingProxy
let scratch: string

beforeAll(async () => {
  verifier = await buildVerifier()
  scratch = await mkdtemp(join(tmpdir(), 'interop-tampering-'))
  const signerKey = await verifier.createKey(ORIGIN)
  log = await startLog({ signerKey })
  fork = await startLog({ signerKey, prefix: 'other' })
  expect(fork.goVkey).toBe(log.goVkey)
  for (const [of, name, size] of [[log, 'target', SIZE], [fork, 'forked', FORK_SIZE]] as const) {
    await of.growTo(7)
    await of.registry.publish({ name, version: '1.0.0' })
    await verifier.lookUp(of.sumdb, of.goVkey, join(scratch, `setup-${name}`), name, '1.0.0')
    await of.growTo(size)
  }
  proxy = await startProxy(log.sumdb)
})

beforeEach(() => {
  proxy.tamper(undefined)
  proxy.redirect(log.sumdb)
})

afterAll(async () => {
  proxy?.close()
  await log?.close()
  await fork?.close()
  await verifier?.remove()
  if (scratch) await rm(scratch, { recursive: true, force: true })
})

/** Lies about the paths that match. */
const about = (path: RegExp, change: (body: Buffer) => Buffer | string): Tamper =>
  (asked, body) => path.test(asked) ? change(body) : undefined
const withSize = (size: number) => (body: Buffer) => String(body).replace(/^\d+$/m, String(size))
/** A note whose last signature is another one. */
const resigned = (body: Buffer) => changeLetter(body, -20)

describe('a check of the whole log', () => {
  it('passes through an honest proxy', async () => {
    const { code, stderr } = await verifier.checkLog(proxy.url)
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  it.each<[string, RegExp, (body: Buffer) => Buffer | string, RegExp]>([
    ['a bit of a full tile', /^tile\/0\/000$/, flipBit, /^tile\/0\/000 differs/],
    ['a bit of a partial tile', /^tile\/0\/001\.p\/44$/, flipBit, /^tile\/0\/001\.p\/44 differs/],
    ['a bit of a partial tile that is outgrown', /^tile\/0\/001\.p\/7$/, flipBit, /^tile\/0\/001\.p\/7 differs/],
    ['a bit of the second level', /^tile\/1\/000\.p\/1$/, flipBit, /^tile\/1\/000\.p\/1 differs/],
    ['a tile that is too long', /^tile\/0\/000$/, body => Buffer.concat([body, body.subarray(0, 32)]), /^tile\/0\/000 differs/],
    ['a bit of an entry', /^tile\/entries\/000$/, body => changeLetter(body, 100), /^the entries make root/],
    ['a bundle without its last byte', /^tile\/entries\/001\.p\/44$/, body => body.subarray(0, -1), /ends inside entry 43/],
    ['an outgrown bundle', /^tile\/entries\/000\.p\/255$/, flipBit, /^tile\/entries\/000\.p\/255 differs/],
    ['another size in the checkpoint', /^checkpoint$/, withSize(SIZE - 1), /invalid signature/],
    ['another signature on the checkpoint', /^checkpoint$/, resigned, /invalid signature/],
    ['another key', /^vkey$/, () => 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n', /no verifiable signatures/],
    ['a bit of Go\'s tile', /^go\/tile\/8\/0\/000$/, flipBit, /^go\/tile\/8\/0\/000 differs/],
    ['a bit of Go\'s records', /^go\/tile\/8\/data\/000$/, flipBit, /^go\/tile\/8\/data\/000 differs/],
    ['another size in Go\'s note', /^go\/latest$/, withSize(SIZE + 1), /invalid signature/],
    ['a bit of a looked-up record', /^lookup\/npm\/target@/, body => changeLetter(body, 80), /lookup of target@1\.0\.0 does not answer/],
    ['a bit of a proof', /^proof\/npm\/target@/, body => changeLetter(body, 60), /proof of target@1\.0\.0/],
  ])('sees %s', async (_, path, change, complaint) => {
    let lies = 0
    proxy.tamper(about(path, (body) => {
      lies++
      return change(body)
    }))
    const { code, stderr } = await verifier.checkLog(proxy.url)
    expect(stderr).toMatch(complaint)
    expect(code).toBe(1)
    expect(lies).toBeGreaterThan(0)
  })

  it('sees that a log is not the one it was', async () => {
    const older = join(scratch, 'fork')
    await writeFile(older, await fork.checkpoint())
    const { code, stderr } = await verifier.checkLog(log.sumdb, older)
    expect(stderr).toMatch(/^size 20 with root \S+ is not the beginning of size 300/)
    expect(code).toBe(1)
  })
})

describe('a stock client', () => {
  let clients = 0

  it.each<[string, RegExp, (body: Buffer) => Buffer | string, RegExp]>([
    ['a bit of the record', /^go\/lookup\//, body => changeLetter(body, 120), /cannot authenticate record data in server response/],
    ['the record of another index', /^go\/lookup\//, body => String(body).replace(/^\d+/, '1'), /cannot authenticate record data/],
    ['an index beyond the tree', /^go\/lookup\//, body => String(body).replace(/^\d+/, '5000'), /cannot validate record 5000 in tree of size/],
    ['a bit of a tile', /^go\/tile\/8\/0\//, flipBit, /downloaded inconsistent tile/],
    ['a bit of the upper tile', /^go\/tile\/8\/1\//, flipBit, /downloaded inconsistent tile/],
    ['a tile without its last hash', /^go\/tile\/8\/0\//, body => body.subarray(0, -32), /downloaded inconsistent tile|TileReader returned bad result/],
    ['another size in the note', /^go\/lookup\//, body => String(body).replace(/^(go\.sum database tree\n)\d+/m, '$1301'), /invalid signature/],
    ['another signature', /^go\/lookup\//, resigned, /invalid signature/],
    ['no signature', /^go\/lookup\//, body => String(body).replace(/\n— [^\n]*\n$/, '\n'), /malformed note/],
  ])('refuses %s, and keeps nothing of it', async (_, path, change, complaint) => {
    const directory = join(scratch, `client-${clients++}`)
    proxy.tamper(about(path, change))
    const { answer, code } = await verifier.lookUp(proxy.url, log.goVkey, directory, 'target', '1.0.0')
    expect(answer?.error).toMatch(complaint)
    expect(answer?.record).toBe('')
    expect(code).toBe(0)

    proxy.tamper(undefined)
    const honest = await verifier.lookUp(proxy.url, log.goVkey, directory, 'target', '1.0.0')
    expect(honest.answer?.error).toBeUndefined()
    expect(honest.answer?.record).toContain('version pkg:npm/target@1.0.0\n')
  })

  it('refuses the checkpoint in place of Go\'s note, and another log\'s key', async () => {
    const checkpoint = await log.checkpoint()
    proxy.tamper(about(/^go\/lookup\//, body => String(body).replace(/go\.sum database tree[^]*$/, checkpoint)))
    const confused = await verifier.lookUp(proxy.url, log.goVkey, join(scratch, 'confused'), 'target', '1.0.0')
    expect(confused.answer?.error).toContain('note has no verifiable signatures')

    proxy.tamper(undefined)
    const stranger = await verifier.lookUp(proxy.url, log.vkey, join(scratch, 'stranger'), 'target', '1.0.0')
    expect(stranger.answer?.error).toContain('note has no verifiable signatures')
  })

  it('has the proof when the log was replaced by another one', async () => {
    const directory = join(scratch, 'forked')
    proxy.redirect(fork.sumdb)
    const before = await verifier.lookUp(proxy.url, log.goVkey, directory, 'forked', '1.0.0')
    expect(before.answer?.error).toBeUndefined()

    proxy.redirect(log.sumdb)
    const after = await verifier.lookUp(proxy.url, log.goVkey, directory, 'target', '1.0.0')
    expectProof(after)

    // Without the tiles that it had verified, it still refuses, but cannot show why.
    await rm(join(directory, 'cache'), { recursive: true })
    const bare = await verifier.lookUp(proxy.url, log.goVkey, directory, 'target', '1.0.0')
    expect(bare.answer?.error).toContain('downloaded inconsistent tile')
  })

  it('has the proof when it is shown a shorter one than it saw', async () => {
    const directory = join(scratch, 'shorter')
    expect((await verifier.lookUp(proxy.url, log.goVkey, directory, 'target', '1.0.0')).answer?.error).toBeUndefined()

    proxy.redirect(fork.sumdb)
    const after = await verifier.lookUp(proxy.url, log.goVkey, directory, 'forked', '1.0.0')
    expectProof(after)
  })

  /** Both heads as they were signed, and the hashes that show the contradiction. */
  function expectProof({ code, stdout, stderr }: { code: number, stdout: string, stderr: string }) {
    expect(stderr).toContain('SECURITY ERROR')
    expect(stderr).toContain(`old database:\n\tgo.sum database tree\n\t${FORK_SIZE}\n`)
    expect(stderr).toContain(`new database:\n\tgo.sum database tree\n\t${SIZE}\n`)
    expect(stderr).toMatch(/proof of misbehavior:\n(?:\t[\w+/]{43}=\n?)+/)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  }
})
