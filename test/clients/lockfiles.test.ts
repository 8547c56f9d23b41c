import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createFixtureRegistry, publishTree } from '../fixtures/registry/index.ts'
import { startServer } from '../fixtures/server.ts'
import { createToken } from '../fixtures/token.ts'
import { DIALECTS } from './dialects.ts'
import { createProject } from './harness.ts'
import { CLIENTS } from './tools/clients.ts'
import type { FixtureRegistry } from '../fixtures/registry/index.ts'

let registry: FixtureRegistry
let server: Awaited<ReturnType<typeof startServer>>
let token: string

beforeAll(async () => {
  // It plays the registry that clients have by default, on another host than us.
  registry = await createFixtureRegistry({ hostname: 'localhost' })
  await publishTree(registry)
  server = await startServer({
    config: { registries: [{ id: 'fixture', url: registry.url, role: 'authority' }], defaultHost: registry.host },
  })
  token = await createToken(server)
})
afterAll(async () => {
  await server.stop()
  await registry.close()
})

/** npm is told what it knows of its real default registry: that host's URLs are the configured registry's. */
const npmrc = ['replace-registry-host=localhost']

describe.each(CLIENTS)('$id', (client) => {
  const { lockfile, install, add, frozen } = DIALECTS[client.family]

  it('writes the same lockfile with us as without us', async () => {
    const [direct, proxied] = [
      await createProject(client, { registry: registry.url, npmrc }),
      await createProject(client, { registry: server.npmUrl, npmrc, token }),
    ]
    onTestFinished(async () => {
      await direct.remove()
      await proxied.remove()
    })
    for (const project of [direct, proxied]) {
      await project.expectRun(install)
      await project.expectRun(add('fx-cli@2.0.0'))
    }
    const expected = await direct.read(lockfile)
    expect(expected).toContain('fx-native')
    expect(await proxied.read(lockfile)).toBe(expected)

    // And the lockfile of an install without us is good for one with us.
    await proxied.clean()
    await proxied.write(lockfile, expected)
    await proxied.expectRun(frozen)
    expect(await proxied.read(lockfile)).toBe(expected)

    // Neither we nor a client that we sent there gave the user's token to the other host.
    expect(JSON.stringify(registry.requests.map(({ headers }) => headers))).not.toContain(token)
  })
})
