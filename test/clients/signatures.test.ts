import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createFixtureRegistry, publishTree } from '../fixtures/registry/index.ts'
import { startServer } from '../fixtures/server.ts'
import { DIALECTS } from './dialects.ts'
import { createProject } from './harness.ts'
import { CLIENTS } from './tools/clients.ts'
import type { FixtureRegistry } from '../fixtures/registry/index.ts'

const NO_TUF = fileURLToPath(new URL('no-tuf.cjs', import.meta.url))

let registry: FixtureRegistry
let server: Awaited<ReturnType<typeof startServer>>

beforeAll(async () => {
  registry = await createFixtureRegistry({ sign: true })
  await publishTree(registry)
  server = await startServer({ config: { registries: [{ id: 'fixture', url: registry.url, role: 'authority' }] } })
})
afterAll(async () => {
  await server.stop()
  await registry.close()
})

// The other clients have no such command.
describe.each(CLIENTS.filter(({ id }) => ['npm-10', 'npm-11', 'npm-12', 'pnpm-11', 'pnpm-12'].includes(id)))('$id', (client) => {
  it('verifies the signatures of the registry behind us', async () => {
    const project = await createProject(client, { registry: server.npmUrl, nodeOptions: `--require=${NO_TUF}` })
    onTestFinished(project.remove)
    await project.expectRun(DIALECTS[client.family].install)
    const { output } = await project.expectRun(['audit', 'signatures'])
    const [, verified] = /(\d+) packages have verified registry signatures/.exec(output) ?? []
    expect(Number(verified)).toBeGreaterThanOrEqual(9)
    expect(registry.count('GET', '/-/npm/v1/keys')).toBeGreaterThan(0)
  })
})
