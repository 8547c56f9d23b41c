import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startLog, sizeOf, type TestLog } from './log.ts'
import { buildVerifier, type Verifier } from './verifier.ts'

let verifier: Verifier
let log: TestLog
let scratch: string

beforeAll(async () => {
  verifier = await buildVerifier()
  scratch = await mkdtemp(join(tmpdir(), 'interop-log-'))
  log = await startLog()
})

afterAll(async () => {
  await log?.close()
  await verifier?.remove()
  if (scratch) await rm(scratch, { recursive: true, force: true })
})

async function check(older?: string): Promise<string> {
  const { code, stdout, stderr } = await verifier.checkLog(log.sumdb, older)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return stdout
}

it('shows Go a log that begins empty', async () => {
  const size = sizeOf(await log.checkpoint())
  expect(await check()).toContain(`size ${size},`)
})

// Around a full tile, in order: each size is checked to extend the one before.
let older: string | undefined
it.each([1, 2, 255, 256, 257, 511, 512, 1_000])('shows Go a log of %i records that extends the one before', async (size) => {
  await log.growTo(size)
  const report = await check(older)
  expect(report).toContain(`ok ${size} records make the root`)
  expect(report).toContain(`ok ${size} records proven from tiles`)
  expect(report).toMatch(new RegExp(`^ok Go's note of \\S+, size ${size}, `, 'm'))
  if (older) expect(report).toContain(` grew to ${size}`)
  older = join(scratch, `checkpoint-${size}`)
  await writeFile(older, await log.checkpoint())
})

it('is the same log after a restart', async () => {
  const before = await log.checkpoint()
  await log.restart()
  expect(await log.checkpoint()).toBe(before)
  await check(older)
})
