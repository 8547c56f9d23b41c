import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { createFixtureRegistry, publishTree } from '../fixtures/registry/index.ts'
import { publishTo, startVerdaccio } from '../fixtures/verdaccio.ts'
import { DIALECTS } from './dialects.ts'
import { createProject } from './harness.ts'
import { CLIENTS } from './tools/clients.ts'
import type { FixtureRegistry } from '../fixtures/registry/index.ts'

let registry: FixtureRegistry

beforeAll(async () => {
  registry = await createFixtureRegistry({ sign: true })
  await publishTree(registry)
})
afterAll(() => registry.close())

it('is a registry npm can install from', async () => {
  const npm = CLIENTS.find(({ id }) => id === 'npm-11')!
  const project = await createProject(npm, { registry: registry.url })
  onTestFinished(project.remove)
  await project.expectRun(DIALECTS.npm.install)
  expect(await project.read('node_modules/fx-script/ran.txt')).toBe('ran')
  expect(JSON.parse(await project.read('node_modules/fx-lib/package.json'))).toMatchObject({ version: '1.0.0' })
  expect(JSON.parse(await project.read('node_modules/@fx/util/package.json'))).toMatchObject({ version: '1.2.3' })
})

it('can be the uplink of a real Verdaccio', async () => {
  const verdaccio = await startVerdaccio({ uplink: registry.url })
  onTestFinished(verdaccio.close)
  const packument = await (await fetch(new URL('@fx%2futil', verdaccio.url))).json() as { versions: object }
  expect(Object.keys(packument.versions)).toEqual(['1.2.3'])
  await publishTo(verdaccio.url, verdaccio.token, { name: '@own/a', version: '1.0.0' })
  expect((await fetch(new URL('@own/a/-/a-1.0.0.tgz', verdaccio.url))).status).toBe(200)
})
