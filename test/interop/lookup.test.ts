import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Manifest } from '../fixtures/registry/index.ts'
import { decodeBundle } from '../../shared/tlog/index.ts'
import { startLog, sizeOf, type TestLog } from './log.ts'
import { buildVerifier, type Answer, type LookupClient, type Verifier } from './verifier.ts'

/** Names and versions that Go's rules for paths refuse, escape or could take for something else. */
const SUBJECTS: [name: string, version: string][] = [
  ['is-plain', '1.0.0'], ['0', '0.0.0'], ['a..b', '1.0.0'], ['dot.', '1.0.0'],
  ['JSONStream', '1.3.5'], ['jsonstream', '1.0.3'], ['@Scope/Name', '1.0.0'],
  ['lodash.merge', '4.6.2'], ['socket.io', '5.0.0-RC.1'], ['npm.npmx.dev', '1.0.0'],
  ['@nuxt-x/ui', '4.0.0-Beta.1+Build.5'], ['@s/_private', '1.0.0'], ['@s/-dash', '1.0.0'], ['@.dot/x', '1.0.0'],
  ['v0', '1.0.0'], ['v1', '1.0.0'], ['v1.2', '1.0.0'], ['v2', '2.0.0'], ['v8', '1.0.0'], ['@s/v1', '1.0.0'], ['@s/v2', '2.0.0'], ['@v1/x', '1.0.0'],
  ['nul.js', '1.0.0'], ['com1', '1.0.0'], ['CON', '1.0.0'], ['@aux/x', '1.0.0'], ['lpt9.min.js', '1.0.0'], ['console', '1.0.0'],
  ['a~1', '1.0.0'], ['a~b', '1.0.0'], ['tilde~1.js', '1.0.0'], ['bang!', '1.0.0'], ['it\'s', '1.0.0'], ['(paren)', '1.0.0'], ['star*', '1.0.0'],
  ['far', '0.0.0-0.Alpha-1.20241231T235959'], ['built', '1.0.0+SHA.5114f85'], [`long-${'x'.repeat(200)}`, '1.0.0'],
]

let verifier: Verifier
let log: TestLog
let scratch: string
let client: LookupClient

beforeAll(async () => {
  verifier = await buildVerifier()
  scratch = await mkdtemp(join(tmpdir(), 'interop-lookup-'))
  log = await startLog()
  for (const [name, version] of SUBJECTS) await log.registry.publish({ name, version })
  client = verifier.startClient(log.sumdb, log.goVkey, join(scratch, 'living'))
})

afterAll(async () => {
  await client?.end()
  await log?.close()
  await verifier?.remove()
  if (scratch) await rm(scratch, { recursive: true, force: true })
})

/** The verified record is of the version that was asked for, and of the bytes that the registry published. */
function expectRecord({ error, lines, record, index }: Answer, name: string, version: string) {
  expect(error).toBeUndefined()
  expect(lines).toEqual([])
  expect(index).toBeGreaterThanOrEqual(0)
  const { integrity } = log.registry.manifest(name, version).dist
  const [first, ...rest] = record.trimEnd().split('\n')
  expect(decodeURIComponent(first!)).toBe(`version pkg:npm/${name}@${version}`)
  expect(rest).toContain(`integrity ${integrity}`)
}

describe('a stock client that lives while the log grows', () => {
  it.each(SUBJECTS)('verifies %s %s', async (name, version) => {
    expectRecord(await client.ask(name, version), name, version)
  })

  it.each([254, 255, 256, 257, 258, 600])('follows to %i records', async (size) => {
    await log.growTo(size)
    const { name, version } = await log.publishNext()
    const answer = await client.ask(name, version)
    expectRecord(answer, name, version)
    expect(answer.index).toBe(size)
    expect(sizeOf(await log.checkpoint())).toBe(size + 1)
  })

  it('still finds what was recorded long ago', async () => {
    for (const [name, version] of SUBJECTS) expectRecord(await client.ask(name, version), name, version)
  })

  it('has nothing to complain about', async () => {
    expect(await client.end()).toBe('')
    client = verifier.startClient(log.sumdb, log.goVkey, join(scratch, 'living'))
  })
})

describe('stock clients that come later', () => {
  it('go on where they stopped, with and without the tiles they had', async () => {
    const directory = join(scratch, 'returning')
    const [first, second, third] = [await log.publishNext(), await log.publishNext(), await log.publishNext()]
    const ask = async (name: string, version: string) => {
      const { answer, stderr } = await verifier.lookUp(log.sumdb, log.goVkey, directory, name, version)
      expect(stderr).toBe('')
      expectRecord(answer!, name, version)
    }
    await ask(first.name, first.version)
    await log.growTo(sizeOf(await log.checkpoint()) + 300)
    await ask(second.name, second.version)
    await log.growTo(sizeOf(await log.checkpoint()) + 30)
    await rm(join(directory, 'cache'), { recursive: true })
    await ask(third.name, third.version)
    await ask(first.name, first.version)
  })

  it('know nothing yet and ask at once', async () => {
    const fresh = await Promise.all(Array.from({ length: 8 }, () => log.publishNext()))
    const answers = await Promise.all(fresh.map(({ name, version }, n) =>
      verifier.lookUp(log.sumdb, log.goVkey, join(scratch, `fresh-${n}`), name, version)))
    for (const [n, { answer, stderr }] of answers.entries()) {
      expect(stderr).toBe('')
      expectRecord(answer!, fresh[n]!.name, fresh[n]!.version)
    }
  })

  it('ask for what nobody asked for before, each other\'s packages among it', async () => {
    const fresh: Manifest[] = []
    for (let n = 0; n < 60; n++) fresh.push(await log.publishNext())
    const before = sizeOf(await log.checkpoint())
    const clients = Array.from({ length: 4 }, (_, n) => verifier.startClient(log.sumdb, log.goVkey, join(scratch, `busy-${n}`)))
    const indexes = await Promise.all(clients.map(async (busy, n) => {
      const found = new Map<string, number>()
      for (const [i] of fresh.entries()) {
        const { name, version } = fresh[(i * (2 * n + 1)) % fresh.length]!
        const answer = await busy.ask(name, version)
        expectRecord(answer, name, version)
        found.set(name, answer.index)
      }
      expect(await busy.end()).toBe('')
      return found
    }))
    const known = new Map(indexes.flatMap(found => [...found]))
    for (const found of indexes) for (const [name, index] of found) expect(index).toBe(known.get(name))
    // Each once, whoever asked first.
    expect(sizeOf(await log.checkpoint())).toBe(before + known.size)
    expect(known.size).toBe(fresh.length)
  })

  it('hear that a version does not exist, and find it once it does', async () => {
    const lookUp = (name: string, version: string) => verifier.lookUp(log.sumdb, log.goVkey, join(scratch, 'early'), name, version)
    const before = await lookUp('not-yet', '1.0.0')
    expect(before.answer?.error).toMatch(/go\/lookup\/npm\.npmx\.dev\/not-yet@1\.0\.0: 404 /)
    expect((await lookUp('is-plain', '1.0.1')).answer?.error).toContain(': 404 ')
    await log.registry.publish({ name: 'is-plain', version: '1.0.1' })
    // The registry is not asked again at once for a package that it was asked for.
    const found = await vi.waitFor(async () => {
      const { answer } = await lookUp('is-plain', '1.0.1')
      expect(answer?.error).toBeUndefined()
      return answer
    }, { timeout: 20_000, interval: 500 })
    expectRecord(found!, 'is-plain', '1.0.1')
    // Names that no registry can have.
    expect((await lookUp('_private', '1.0.0')).answer?.error).toMatch(/: 40[04] /)
    expect((await lookUp('node_modules', '1.0.0')).answer?.error).toMatch(/: 40[04] /)
  })
})

it('leaves a log that Go verifies as a whole', async () => {
  const { code, stdout, stderr } = await verifier.checkLog(log.sumdb)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const size = sizeOf(await log.checkpoint())
  expect(stdout).toContain(`ok ${size} records make the root`)
  expect(stdout).toContain(`ok ${await countVersions(size)} records by package and version`)
})

/** The log also has records of keys and tags. */
async function countVersions(size: number): Promise<number> {
  let count = 0
  for (let start = 0; start < size; start += 256) {
    const width = Math.min(256, size - start)
    const path = String(start / 256).padStart(3, '0') + (width < 256 ? `.p/${width}` : '')
    const response = await fetch(`${log.sumdb}tile/entries/${path}`)
    const entries = decodeBundle(new Uint8Array(await response.arrayBuffer()), width)
    count += entries.filter(entry => new TextDecoder().decode(entry).startsWith('version ')).length
  }
  return count
}
