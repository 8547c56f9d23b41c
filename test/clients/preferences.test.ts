import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { CreatedProfile, ProfileContent } from '../../shared/types/preferences.ts'
import { createFixtureRegistry, publishTree, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { tokenSetups, type Snippet } from '../../app/setup/clients.ts'
import { DIALECTS } from './dialects.ts'
import { createProject } from './harness.ts'
import { CLIENTS, type ClientId } from './tools/clients.ts'

const clientOf = (wanted: ClientId) => CLIENTS.find(({ id }) => id === wanted)!
const NPM = clientOf('npm-11')
/** Where nobody is. */
const NOWHERE = 'http://127.0.0.1:9/'
/** What the page's settings are for. */
const MEANT = {
  npm: clientOf('npm-12'), pnpm: clientOf('pnpm-11'), yarn1: clientOf('yarn-1'), yarn: clientOf('yarn-berry'), bun: clientOf('bun'),
}

let main: FixtureRegistry
let mirror: FixtureRegistry
let server: TestServer

beforeAll(async () => {
  // On another host than ours: npm sends a token on to wherever it is redirected on the same one.
  main = await createFixtureRegistry({ hostname: 'localhost' })
  await publishTree(main)
  mirror = await createFixtureRegistry({ hostname: 'localhost' })
  mirror.sync(main)
  server = await startServer({ config: {
    registries: [{ id: 'npm', url: main.url, role: 'authority' }, { id: 'm1', url: mirror.url, role: 'mirror', of: 'npm' }],
    probes: { interval: 0 },
  } })
  created = create({ mirrors: ['m1'] })
})
afterAll(async () => {
  await server.stop()
  await Promise.all([main.close(), mirror.close()])
})

async function create(content: ProfileContent): Promise<CreatedProfile> {
  const response = await fetch(`${server.url}api/preferences`, { method: 'POST', body: JSON.stringify({ content }) })
  expect(response.status).toBe(201)
  return await response.json() as CreatedProfile
}

/** Somebody's who wants the mirror first. */
let created: Promise<CreatedProfile>

async function project(token?: string) {
  const mine = await createProject(NPM, { registry: server.npmUrl, retries: false, token })
  onTestFinished(mine.remove)
  return mine
}

/** Everything below a folder, as one text. */
async function contentsOf(folder: string): Promise<string> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(entry => entry.isFile())
  return (await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')))).join('\n')
}

describe('npm with the token of a profile as its _authToken', () => {
  it('installs from the mirror that the profile puts first, asks everything else as before, and writes the token nowhere', async () => {
    const { token, id } = await created
    const mine = await project(token)
    mirror.reset()
    main.reset()
    await mine.expectRun(['install'])
    const locked = await mine.read('package-lock.json')
    expect(mirror.count('GET', /\.tgz$/)).toBeGreaterThan(3)
    expect(main.count('GET', /\.tgz$/)).toBe(0)
    expect(main.requests.concat(mirror.requests).filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
    expect((await mine.expectRun(['whoami'])).stdout.trim()).toBe(`npmx-${id}`)
    await mine.expectRun(['ping'])

    // A cache that build systems share has what was installed, and who did it stays out of it.
    const cache = await contentsOf(join(await cacheOf(mine), '_cacache'))
    expect(cache).toContain('fx-app')
    expect(cache).not.toContain(token.slice('npmx_'.length))

    // Without the token: the same lockfile, from the authority.
    const others = await project()
    await others.expectRun(['install'])
    expect(await others.read('package-lock.json')).toBe(locked)
    expect(main.count('GET', /\.tgz$/)).toBeGreaterThan(3)
  })

  it('ends with what to do when nobody has the token', async () => {
    const { code, output } = await (await project('npm_0123456789')).run(['install'])
    expect(code).toBe(1)
    expect(output).toContain('E401')
    expect(output).toMatch(/Remove _authToken for it from your \.npmrc \(installing needs none\), or make a new one/)
  })
})

describe.each(['file', 'environment'] as const)('the settings that the page gives, with the token in the %s', (place) => {
  it.each(Object.keys(MEANT) as (keyof typeof MEANT)[])('have %s install from the mirror that the profile puts first', async (id) => {
    const { token } = await created
    const client = MEANT[id]
    const environment: Record<string, string> = place === 'environment' ? { NPM_TOKEN: token } : {}
    const mine = await createProject(client, { registry: NOWHERE, retries: false, ageGate: false, environment })
    onTestFinished(mine.remove)
    // Nothing but what the page says tells it where to go.
    await mine.write('../home/.npmrc', '')
    if (id === 'yarn') await mine.write('.yarnrc.yml', 'enableTelemetry: false\nnpmMinimalAgeGate: 0\n')
    const [{ file, lines }] = tokenSetups(server.npmUrl, token, place).find(setup => setup.id === id)!.snippets as [Snippet]
    await mine.write(file!.replace('~', '../home'), `${lines.join('\n')}\n`)
    mirror.reset()
    main.reset()
    await mine.expectRun(DIALECTS[client.family].install)
    expect(mirror.count('GET', /\.tgz$/)).toBeGreaterThan(3)
    expect(main.count('GET', /\.tgz$/)).toBe(0)
  })
})

async function cacheOf(of: Awaited<ReturnType<typeof project>>): Promise<string> {
  return (await of.expectRun(['config', 'get', 'cache'])).stdout.trim()
}
