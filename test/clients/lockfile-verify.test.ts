import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createFixtureRegistry, publishTree, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer } from '../fixtures/server.ts'
import { DIALECTS } from './dialects.ts'
import { createProject } from './harness.ts'
import { CLIENTS } from './tools/clients.ts'

const TOOL = fileURLToPath(new URL('../../cli/lockfile-verify.ts', import.meta.url))

let registry: FixtureRegistry
let server: Awaited<ReturnType<typeof startServer>>
let home: string

beforeAll(async () => {
  registry = await createFixtureRegistry({ sign: true })
  await publishTree(registry)
  server = await startServer({ config: { registries: [{ id: 'fixture', url: registry.url, role: 'authority' }] } })
  home = await mkdtemp(join(tmpdir(), 'lockfiles-'))
})
afterAll(async () => {
  await server.stop()
  await registry.close()
  await rm(home, { recursive: true, force: true })
})

interface Result {
  code: number
  counts: Record<string, number>
  packages: { name: string, version: string, state: string, locked?: string, recorded?: { integrity: string } }[]
}

function verify(file: string): Promise<Result> {
  return new Promise((resolve, reject) => {
    const args = [TOOL, file, '--log', `${server.url}sumdb/`, '--json']
    execFile(process.execPath, args, { env: { PATH: process.env.PATH, XDG_STATE_HOME: home } }, (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(stderr, { cause: error }))
      else resolve({ code: Number(error?.code ?? 0), ...JSON.parse(stdout) as Omit<Result, 'code'> })
    })
  })
}

describe.each(CLIENTS)('the lockfile of $id', (client) => {
  const { lockfile, install } = DIALECTS[client.family]
  /** Its checksums are of its own archives. */
  const isComparable = client.family !== 'berry'

  it('is verified against the log', async () => {
    const project = await createProject(client, { registry: server.npmUrl })
    onTestFinished(() => project.remove())
    await project.expectRun(install)
    const text = await project.read(lockfile)
    const file = join(home, basename(lockfile))
    await writeFile(file, text)

    const { code, counts, packages } = await verify(file)
    const found = packages.map(({ name }) => name)
    expect(found).toEqual(expect.arrayContaining(['fx-app', 'fx-lib', 'fx-native']))
    expect(counts).toMatchObject({ mismatch: 0, missing: 0, unproven: 0, unavailable: 0, skipped: 0 })
    expect(isComparable ? counts.verified : counts.weaker! + counts.verified!).toBe(packages.length)
    expect(code).toBe(0)
    for (const { name, version, recorded } of packages) {
      expect(recorded?.integrity).toBe(registry.manifest(name, version).dist.integrity)
    }

    if (!isComparable) return
    const { name, locked } = packages.find(({ name }) => name === 'fx-lib')!
    const changed = `sha512-${Buffer.alloc(64, 9).toString('base64')}`
    await writeFile(file, text.replaceAll(locked!, changed))
    const altered = await verify(file)
    expect(altered.packages.filter(({ state }) => state === 'mismatch')).toMatchObject([{ name, locked: changed }])
    expect(altered.code).toBe(1)
  })
})
