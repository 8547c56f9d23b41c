import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFixtureRegistry, publishTree } from '../fixtures/registry/index.ts'
import { startServer } from '../fixtures/server.ts'
import { createToken } from '../fixtures/token.ts'
import { DIALECTS } from './dialects.ts'
import { createProject } from './harness.ts'
import { CLIENTS } from './tools/clients.ts'
import type { FixtureRegistry } from '../fixtures/registry/index.ts'
import type { Project } from './harness.ts'

type Server = Awaited<ReturnType<typeof startServer>>

const PRIVATE_HEADERS = /^(?:authorization|cookie|referer|npm-|pacote-|x-forwarded-|forwarded$)/

/** Every command a developer uses, with every client, in front of a cold server of its own. */
describe.each(CLIENTS)('$id', (client) => {
  const dialect = DIALECTS[client.family]
  let registry: FixtureRegistry
  let server: Server
  let project: Project
  /** What the user's client holds for us and must stay here. */
  let token: string

  beforeAll(async () => {
    registry = await createFixtureRegistry({ sign: true })
    await publishTree(registry)
    registry.advisories.set('fx-lib', [{
      id: 7,
      url: 'https://advisories.example/7',
      title: 'Something is wrong with it',
      severity: 'high',
      vulnerable_versions: '<1.1.0',
      cwe: [],
      cvss: { score: 7.5, vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' },
    }])
    // Every byte goes through us, so that every request the upstream sees is ours.
    server = await startServer({
      config: { registries: [{ id: 'fixture', url: registry.url, role: 'authority' }], tarballs: 'self', delivery: 'serve' },
    })
    token = await createToken(server)
    project = await createProject(client, { registry: server.npmUrl, token })
  })
  afterAll(async () => {
    await project.remove()
    await server.stop()
    await registry.close()
  })

  it('installs', async () => {
    await project.expectRun(dialect.install)
    expect(JSON.parse(await project.read('node_modules/fx-lib/package.json'))).toMatchObject({ version: '1.0.0' })
    expect(registry.count('GET', '/fx-lib')).toBe(1)
  })

  it('reinstalls from the lockfile with nothing cached', async () => {
    const lockfile = await project.read(dialect.lockfile)
    await project.clean()
    await project.expectRun(dialect.frozen)
    expect(JSON.parse(await project.read('node_modules/fx-lib/package.json'))).toMatchObject({ version: '1.0.0' })
    expect(await project.read(dialect.lockfile)).toBe(lockfile)
  })

  it('adds a package', async () => {
    await project.expectRun(dialect.add('fx-deprecated@1.0.0'))
    expect(JSON.parse(await project.read('package.json'))).toHaveProperty('dependencies.fx-deprecated', expect.stringContaining('1.0.0'))
  })

  if (dialect.outdated) it('lists what is outdated', async () => {
    const { output } = await project.expectRun(dialect.outdated!, client.family === 'bun' ? 0 : 1)
    expect(output).toMatch(/fx-lib[^]*2\.0\.0/)
  })

  it('shows a package', async () => {
    const { stdout } = await project.expectRun(dialect.view('fx-lib'))
    expect(JSON.parse(stdout.trim())).toEqual(expect.anything())
    expect(stdout).toContain('3.0.0-rc.1')
  })

  if (dialect.audit) it('finds the advisory', async () => {
    const { output } = await project.expectRun(dialect.audit!, 1)
    expect(output).toContain('Something is wrong with it')
  })

  if (dialect.exec) it('runs a package that is not installed', async () => {
    const { stdout } = await project.expectRun(dialect.exec!('fx-cli@2.0.0'))
    expect(stdout).toContain('fx-cli 2.0.0')
  })

  it('keeps the user to itself', () => {
    expect(registry.requests.length).toBeGreaterThan(5)
    for (const { method, url, headers } of registry.requests) {
      const leaked = Object.keys(headers).filter(name => PRIVATE_HEADERS.test(name))
      expect({ method, url, leaked }).toEqual({ method, url, leaked: [] })
      expect(JSON.stringify(headers) + url).not.toContain(token)
    }
    expect(server.stdout()).not.toContain(token)
  })
})
