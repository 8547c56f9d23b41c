import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { until } from '../integration/ask.ts'
import { NEVER_FRESH, mirrorOf, registry, world } from './world.ts'

/** The same archive with another byte in its middle: still gzip from the outside. */
function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  const middle = copy.length >> 1
  copy[middle] = copy[middle]! ^ 1
  return copy
}

const sha512 = (bytes: Buffer) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`

it('a mirror that flips a byte is survived: npm gets the right bytes from the next one, and the mirror is not asked for it again', async () => {
  const authority = await registry({ sign: true })
  const { dist } = await authority.publish({ name: 'victim', version: '1.0.0', files: { 'index.js': 'module.exports = 1\n' } })
  const [liar, honest] = [await mirrorOf(authority), await mirrorOf(authority)]
  const lie = flipped(authority.tarball('victim', '1.0.0'))
  liar.setTarball('victim', '1.0.0', lie)
  const { server, project, records, incidents } = await world({
    authorities: { npm: authority },
    mirrors: { liar: { registry: liar, of: 'npm' }, honest: { registry: honest, of: 'npm' } },
    config: { delivery: 'serve' },
  })
  // The liar is asked first, and the authority has no bytes to send.
  authority.fault({ path: /\.tgz$/ }, { status: 503 })
  const consumer = await project({ victim: '1.0.0' })
  await consumer.expectRun(['install'])
  expect(JSON.parse(await consumer.read('node_modules/victim/package.json'))).toMatchObject({ name: 'victim', version: '1.0.0' })
  expect(JSON.parse(await consumer.read('package-lock.json')).packages['node_modules/victim'].integrity).toBe(dist.integrity)

  await until('the lie is an incident', async () => (await incidents('conflict')).length === 1)
  expect(await incidents('conflict')).toMatchObject([{ subject: 'pkg:npm/victim@1.0.0', source: 'liar' }])
  expect((await records('conflict')).map(({ record }) => record)).toMatchObject([
    { integrity: dist.integrity, other: sha512(lie), source: 'liar', subject: { name: 'victim', version: '1.0.0' } },
  ])
  expect(liar.count('GET', /\.tgz$/)).toBe(1)
  expect((await fetch(`${server.npmUrl}victim/-/victim-1.0.0.tgz`)).status).toBe(200)
  expect(liar.count('GET', /\.tgz$/)).toBe(1)
})

it('where nobody is left but the mirror that lies, npm fails with our sentence and no byte of the lie', async () => {
  const authority = await registry({ sign: true })
  await authority.publish({ name: 'victim', version: '1.0.0' })
  const liar = await mirrorOf(authority)
  liar.setTarball('victim', '1.0.0', flipped(authority.tarball('victim', '1.0.0')))
  const { server, project } = await world({
    authorities: { npm: authority }, mirrors: { liar: { registry: liar, of: 'npm' } }, config: { delivery: 'serve' },
  })
  authority.fault({ path: /\.tgz$/ }, { status: 404 })
  const consumer = await project({ victim: '1.0.0' })
  const { code, output } = await consumer.run(['install'])
  expect(code).not.toBe(0)
  expect(output).toMatch(/E403|403/)
  expect(output).not.toContain('EINTEGRITY')
  const answer = await fetch(`${server.npmUrl}victim/-/victim-1.0.0.tgz`)
  expect(answer.status).toBe(403)
  expect(await answer.json()).toMatchObject({ code: expect.stringMatching(/^(CONFLICT|INTEGRITY)$/), error: expect.stringContaining('victim@1.0.0') })
})

it('a mirror that changes bytes and document alike fools nobody, with a lockfile or without', async () => {
  const authority = await registry({ sign: true })
  const { dist } = await authority.publish({ name: 'victim', version: '1.0.0' })
  const liar = await mirrorOf(authority)
  const evil = await (await registry()).publish({ name: 'victim', version: '1.0.0', files: { 'evil.js': 'steal()\n' } })
  liar.editManifest('victim', '1.0.0', manifest => void Object.assign(manifest.dist, { integrity: evil.dist.integrity, shasum: evil.dist.shasum }))
  liar.setTarball('victim', '1.0.0', flipped(authority.tarball('victim', '1.0.0')))
  const { project } = await world({
    authorities: { npm: authority }, mirrors: { liar: { registry: liar, of: 'npm' } }, config: { delivery: 'serve' },
  })
  const consumer = await project({ victim: '^1.0.0' })
  await consumer.expectRun(['install'])
  expect(JSON.parse(await consumer.read('package-lock.json')).packages['node_modules/victim'].integrity).toBe(dist.integrity)
})

it('an authority that publishes a version again with other bytes is refused, and the first digest stands for everybody', async () => {
  const authority = await registry({ sign: true })
  const { dist } = await authority.publish({ name: 'victim', version: '1.0.0' })
  await authority.publish({ name: 'victim', version: '0.9.0', tag: 'old' })
  const { server, project, records, incidents, restart } = await world({ authorities: { npm: authority }, config: NEVER_FRESH })
  const early = await project({ victim: '1.0.0' })
  await early.expectRun(['install'])
  const first = await (await fetch(`${server.url}sumdb/lookup/npm/victim@1.0.0`)).text()

  const { dist: { integrity: other } } = await authority.publish({ name: 'victim', version: '1.0.0', files: { 'evil.js': 'steal()\n' } })
  await restart()
  const late = await project({ victim: '1.0.0' })
  const { code, output } = await late.run(['install'])
  expect(code).not.toBe(0)
  expect(output).toContain('ETARGET')
  const tarball = await fetch(`${server.npmUrl}victim/-/victim-1.0.0.tgz`, { redirect: 'manual' })
  expect(tarball.status).toBe(403)
  expect(await tarball.json()).toMatchObject({ code: 'CONFLICT' })
  // Who did not ask for that version is not touched.
  await (await project({ victim: '0.9.0' })).expectRun(['install'])

  expect((await records('conflict')).map(({ record }) => record)).toMatchObject([{ integrity: dist.integrity, other, source: 'npm' }])
  expect(await incidents('conflict')).toMatchObject([{ subject: 'pkg:npm/victim@1.0.0', source: 'npm', sentence: expect.stringContaining('victim@1.0.0') }])
  const again = await (await fetch(`${server.url}sumdb/lookup/npm/victim@1.0.0`)).text()
  expect(again).toContain(dist.integrity)
  expect(again.split('\n\n')[0]).toBe(first.split('\n\n')[0])
})

it('a mirror that says 404, or answers with a page, costs nothing but a second request', async () => {
  const authority = await registry({ sign: true })
  await authority.publish({ name: 'victim', version: '1.0.0' })
  const [lagging, portal, honest] = [await mirrorOf(authority), await mirrorOf(authority), await mirrorOf(authority)]
  lagging.fault({ path: /\.tgz$/ }, { status: 404 })
  portal.fault({ path: /\.tgz$/ }, { html: true })
  const of = 'npm'
  const { project, records, incidents } = await world({
    authorities: { npm: authority },
    mirrors: { lagging: { registry: lagging, of }, portal: { registry: portal, of }, honest: { registry: honest, of } },
    config: { delivery: 'serve' },
  })
  authority.fault({ path: /\.tgz$/ }, { status: 503 })
  await (await project({ victim: '1.0.0' })).expectRun(['install'])
  expect(honest.count('GET', /\.tgz$/)).toBe(1)
  expect(await records('conflict')).toEqual([])
  expect(await incidents()).toEqual([])
})
