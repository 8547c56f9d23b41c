import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createFixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer } from '../fixtures/server.ts'
import { DIALECTS } from './dialects.ts'
import { startFront } from './front.ts'
import { createProject } from './harness.ts'
import { CLIENTS } from './tools/clients.ts'
import type { FixtureRegistry } from '../fixtures/registry/index.ts'
import type { ClientId } from './tools/clients.ts'

/** What each client needs on its command line to refuse versions younger than a day; pnpm 11, 12 and berry do by default. */
const GATES: Partial<Record<ClientId, readonly string[]>> = {
  'npm-11': ['--min-release-age=1'],
  'npm-12': ['--min-release-age=1'],
  'pnpm-10': ['--config.minimum-release-age=1440'],
  'pnpm-11': [],
  'pnpm-12': [],
  'yarn-berry': [],
  'bun': ['--minimum-release-age=86400'],
}

let registry: FixtureRegistry
let server: Awaited<ReturnType<typeof startServer>>
let front: Awaited<ReturnType<typeof startFront>>

beforeAll(async () => {
  // As npm's own registry: publication times are in the full document only.
  registry = await createFixtureRegistry({ time: true })
  await registry.publish({ name: 'fx-young', version: '1.0.0' })
  await registry.publish({ name: 'fx-young', version: '1.1.0', time: new Date(Date.now() - 3_600_000).toISOString() })
  front = await startFront()
  server = await startServer({
    config: { registries: [{ id: 'fixture', url: registry.url, role: 'authority' }], defaultHost: registry.host },
    env: { NUXT_PUBLIC_URL: front.url },
  })
  front.forwardTo(server.url)
})
afterAll(async () => {
  await front.close()
  await server.stop()
  await registry.close()
})

describe.each(CLIENTS.filter(({ id }) => GATES[id]))('$id', (client) => {
  it('finds the age of every version in one request', async () => {
    const settings = { registry: `${front.url}npm/`, npmrc: ['replace-registry-host=127.0.0.1'] }
    const project = await createProject(client, settings, { dependencies: { 'fx-young': '^1.0.0' } })
    onTestFinished(project.remove)
    front.paths.length = 0
    await project.expectRun([...DIALECTS[client.family].install, ...GATES[client.id]!])
    expect(JSON.parse(await project.read('node_modules/fx-young/package.json'))).toMatchObject({ version: '1.0.0' })
    expect(front.paths.filter(path => path === '/npm/fx-young')).toHaveLength(1)
  })
})
