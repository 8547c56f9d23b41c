import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { publishTree } from '../fixtures/registry/index.ts'
import { startServer } from '../fixtures/server.ts'
import { createToken } from '../fixtures/token.ts'
import { startVerdaccio } from '../fixtures/verdaccio.ts'
import { DIALECTS } from './dialects.ts'
import { createProject } from './harness.ts'
import { CLIENTS } from './tools/clients.ts'
import type { Verdaccio } from '../fixtures/verdaccio.ts'

let verdaccio: Verdaccio
let server: Awaited<ReturnType<typeof startServer>>
let token: string

beforeAll(async () => {
  verdaccio = await startVerdaccio()
  await publishTree(verdaccio)
  await verdaccio.publish({ name: '@private/secret', version: '1.0.0' })
  // No client's default registry: its packages get our URLs, and npm's `replace-registry-host` stays as users have it.
  server = await startServer({
    config: { registries: [{ id: 'verdaccio', url: verdaccio.url, role: 'authority', token: verdaccio.token }] },
  })
  token = await createToken(server)
})
afterAll(async () => {
  await server.stop()
  await verdaccio.close()
})

describe.each(CLIENTS.filter(({ id }) => ['npm-11', 'npm-12', 'pnpm-12', 'yarn-1', 'yarn-berry', 'bun'].includes(id)))('$id', (client) => {
  const { install, frozen, lockfile, view } = DIALECTS[client.family]

  it('installs from a Verdaccio behind us, private packages included', async () => {
    const dependencies = { 'fx-app': '^1.0.0', 'fx-lib': '1.0.0', '@private/secret': '1.0.0' }
    const project = await createProject(client, { registry: server.npmUrl, token, ageGate: false }, { dependencies })
    onTestFinished(project.remove)
    await project.expectRun(install)
    expect(JSON.parse(await project.read('node_modules/@private/secret/package.json'))).toMatchObject({ version: '1.0.0' })
    const locked = await project.read(lockfile)
    expect(locked).not.toContain(verdaccio.url)

    await project.clean()
    await project.expectRun(frozen)
    expect(await project.read(lockfile)).toBe(locked)
    expect(JSON.parse(await project.read('node_modules/fx-lib/package.json'))).toMatchObject({ version: '1.0.0' })

    expect((await project.expectRun(view('fx-lib'))).stdout).toContain('3.0.0-rc.1')
  })
})
