import { expect, it } from 'vitest'
import { askRaw } from '../integration/raw.ts'
import { mirrorOf, registry, world } from './world.ts'

const ACME = { match: ['@acme/*'], registry: 'acme' }

it('a name that two authorities have is nobody\'s: npm is told which ones, and to ask for a route', async () => {
  const [one, other] = [await registry(), await registry()]
  await one.publish({ name: 'foo', version: '1.0.0' })
  await other.publish({ name: 'foo', version: '1.0.0', files: { 'evil.js': '' } })
  await other.publish({ name: 'only-there', version: '1.0.0' })
  const { server, project } = await world({
    authorities: { npm: one, x: other }, config: { routes: [{ match: ['*'], registry: ['npm', 'x'] }] },
  })
  const { code, output } = await (await project({ foo: '1.0.0' })).run(['install'])
  expect(code).not.toBe(0)
  expect(output).toContain('403')
  for (const path of ['foo', 'foo/1.0.0', 'foo/-/foo-1.0.0.tgz', '-/package/foo/dist-tags']) {
    const answer = await fetch(server.npmUrl + path, { redirect: 'manual' })
    expect([path, answer.status]).toEqual([path, 403])
    const { code, error } = await answer.json() as { code: string, error: string }
    expect(code).toBe('AMBIGUOUS_NAME')
    expect(error).toContain('npm')
    expect(error).toContain('x')
  }
  await (await project({ 'only-there': '1.0.0' })).expectRun(['install'])
})

it('a name that two authorities have is the routed one\'s', async () => {
  const [one, other] = [await registry(), await registry()]
  const { dist } = await one.publish({ name: 'foo', version: '1.0.0' })
  await other.publish({ name: 'foo', version: '1.0.0', files: { 'evil.js': '' } })
  const { project } = await world({
    authorities: { npm: one, x: other }, config: { routes: [{ match: ['foo'], registry: 'npm' }, { match: ['*'], registry: ['npm', 'x'] }] },
  })
  const consumer = await project({ foo: '1.0.0' })
  await consumer.expectRun(['install'])
  expect(JSON.parse(await consumer.read('package-lock.json')).packages['node_modules/foo'].integrity).toBe(dist.integrity)
  expect(other.count(undefined, '/foo')).toBe(0)
})

it('a version that two sources have to agree on is not there while they disagree, is there when they do, and waits for who is away', async () => {
  const authority = await registry()
  await authority.publish({ name: 'foo', version: '1.0.0' })
  const mirror = await mirrorOf(authority)
  await authority.publish({ name: 'bar', version: '1.0.0' })
  await mirror.publish({ name: 'bar', version: '1.0.0', files: { 'evil.js': '' } })
  await authority.publish({ name: 'away', version: '1.0.0' })
  const { server, project, incidents } = await world({
    authorities: { npm: authority }, mirrors: { m1: { registry: mirror, of: 'npm' } },
    config: { routes: [{ match: ['*'], registry: 'npm', threshold: 2 }] },
  })
  await (await project({ foo: '1.0.0' })).expectRun(['install'])

  const { code } = await (await project({ bar: '1.0.0' })).run(['install'])
  expect(code).not.toBe(0)
  expect((await fetch(`${server.npmUrl}bar/-/bar-1.0.0.tgz`, { redirect: 'manual' })).status).toBe(403)
  expect(await incidents('conflict')).toMatchObject([{ subject: 'pkg:npm/bar@1.0.0', source: 'm1' }])

  await mirror.down()
  const waiting = await fetch(`${server.npmUrl}away`)
  expect(waiting.status).toBe(503)
  expect(waiting.headers.get('retry-after')).not.toBeNull()
  // What was agreed upon stays.
  expect((await fetch(`${server.npmUrl}foo`)).status).toBe(200)
})

it('who publishes a private name in public gets neither the install nor the news of it', async () => {
  const [acme, evil] = [await registry(), await registry()]
  const { dist } = await acme.publish({ name: '@acme/x', version: '1.0.0' })
  await evil.publish({ name: '@acme/x', version: '99.0.0' })
  const { project, records, server } = await world({
    authorities: { npm: evil, acme }, config: { routes: [ACME], private: ['@acme/*'] },
  })
  const consumer = await project({ '@acme/x': '*' })
  await consumer.expectRun(['install'])
  const { packages } = JSON.parse(await consumer.read('package-lock.json'))
  expect(packages['node_modules/@acme/x']).toMatchObject({ version: '1.0.0', integrity: dist.integrity })
  expect(evil.requests.filter(({ url }) => /acme/i.test(decodeURIComponent(url)))).toEqual([])
  expect(await records('version')).toEqual([])
  expect(server.stdout()).not.toContain('@acme/x')

  await acme.down()
  const down = await fetch(`${server.npmUrl}@acme/y`)
  expect(down.status).toBe(503)
  await acme.up()
  expect((await fetch(`${server.npmUrl}@acme/z`)).status).toBe(404)
  expect(evil.requests.filter(({ url }) => /acme/i.test(decodeURIComponent(url)))).toEqual([])
})

it('every spelling of a scoped name means the same package, and what is no name means none', async () => {
  const authority = await registry()
  await authority.publish({ name: '@s/x', version: '1.0.0' })
  const { server } = await world({ authorities: { npm: authority } })
  const answers = await Promise.all(['@s/x', '@s%2fx', '@s%2Fx', '%40s%2Fx', '%40s/x'].map(path => fetch(server.npmUrl + path)))
  expect(new Set(answers.map(({ status, headers }) => `${status} ${headers.get('etag')}`)).size).toBe(1)
  expect(answers[0]!.status).toBe(200)
  for (const path of ['@s//x', '@s/../x', '@s%2f..%2fx', '..%2f..%2fetc', '@s%00x', '@s%2fx%00', '%2e%2e/x', '@s%252fx']) {
    const { status } = await askRaw(server.url, `/npm/${path}`)
    expect([path, status >= 400 && status < 500]).toEqual([path, true])
  }
  // Case counts: another name, which does not exist.
  expect((await fetch(`${server.npmUrl}@S/X`)).status).toBe(404)
})

it('tricks with file names, versions and tags find the right version or none', async () => {
  const authority = await registry()
  await authority.publish({ name: 'foo', version: '1.0.0' })
  await authority.publish({ name: 'foo', version: '1.0.0-2.0.0', tag: 'constructor' })
  await authority.publish({ name: 'evil', version: '1.0.0' })
  authority.editPackument('foo', (document) => {
    document['dist-tags'] = JSON.parse('{"latest":"1.0.0","constructor":"1.0.0-2.0.0","__proto__":"1.0.0"}')
    return JSON.stringify(document).replace('"versions":{', '"versions":{"__proto__":{"name":"foo","version":"__proto__","dist":{"tarball":"x"}},')
  })
  const { server } = await world({ authorities: { npm: authority }, config: { delivery: 'serve' } })
  const manifest = async (path: string): Promise<unknown> => (await fetch(server.npmUrl + path)).json()
  expect(await manifest('foo/constructor')).toMatchObject({ version: '1.0.0-2.0.0' })
  expect(await manifest('foo/__proto__')).toMatchObject({ version: '1.0.0' })
  expect(await manifest('foo/toString')).toMatchObject({ code: 'VERSION_NOT_FOUND' })
  const bytes = async (path: string) => Buffer.from(await (await fetch(server.npmUrl + path)).arrayBuffer())
  expect(await bytes('foo/-/foo-1.0.0-2.0.0.tgz')).toEqual(authority.tarball('foo', '1.0.0-2.0.0'))
  expect(await bytes('foo/-/foo-1.0.0.tgz')).toEqual(authority.tarball('foo', '1.0.0'))
  expect((await fetch(`${server.npmUrl}evil/-/foo-1.0.0.tgz`)).status).toBe(404)
  expect((await fetch(`${server.npmUrl}foo/-/foo-__proto__.tgz`)).status).toBe(404)
})

it('a dependency that leads out of what its registry may point to is refused or reported, an alias by its own name', async () => {
  const [npm, acme] = [await registry(), await registry()]
  await npm.publish({ name: 'fine', version: '1.0.0' })
  await acme.publish({ name: '@acme/good', version: '1.0.0' })
  await acme.publish({ name: '@acme/alias', version: '1.0.0', dependencies: { friendly: 'npm:fine@^1.0.0' } })
  await acme.publish({ name: '@acme/git', version: '1.0.0', dependencies: { fine: 'git+https://code.example/fine.git' } })
  const sides = (links: 'warn' | 'deny', allowed: string[]) => ({
    authorities: { npm, acme }, entries: { acme: { links: allowed } }, config: { routes: [ACME], policy: { links } },
  })
  const denied = await world(sides('deny', []))
  for (const name of ['@acme/alias', '@acme/git']) {
    const answer = await fetch(`${denied.server.npmUrl}${name}/1.0.0`)
    expect([name, answer.status, (await answer.json() as { code: string }).code]).toEqual([name, 403, 'LINK_DENIED'])
    expect((await fetch(`${denied.server.npmUrl}${name}/-/${name.slice(6)}-1.0.0.tgz`, { redirect: 'manual' })).status).toBe(403)
  }
  await (await denied.project({ '@acme/good': '1.0.0' })).expectRun(['install'])
  expect((await (await denied.project({ '@acme/alias': '1.0.0' })).run(['install'])).output).toMatch(/403|ETARGET/)

  const warned = await world(sides('warn', []))
  await (await warned.project({ '@acme/alias': '1.0.0' })).expectRun(['install'])
  const allowed = await world(sides('deny', ['npm']))
  await (await allowed.project({ '@acme/alias': '1.0.0' })).expectRun(['install'])
  expect((await fetch(`${allowed.server.npmUrl}@acme/git/1.0.0`)).status).toBe(403)
})
