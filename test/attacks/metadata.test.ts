import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { until } from '../integration/ask.ts'
import { ADMIN_TOKEN, NEVER_FRESH, mirrorOf, registry, world } from './world.ts'

it('a version that its registry withdraws is gone from what people choose from, stays for those who pinned it, and a takedown ends that', async () => {
  const authority = await registry({ sign: true })
  await authority.publish({ name: 'foo', version: '1.0.0' })
  await authority.publish({ name: 'foo', version: '1.0.1' })
  const { server, project, records } = await world({ authorities: { npm: authority }, config: { ...NEVER_FRESH, delivery: 'serve' } })
  const pinned = await project({ foo: '1.0.1' })
  await pinned.expectRun(['install'])
  await (await project({ foo: '1.0.0' })).expectRun(['install'])
  authority.unpublish('foo', '1.0.1')

  const fresh = await project({ foo: '^1.0.0' })
  await fresh.expectRun(['install'])
  expect(JSON.parse(await fresh.read('node_modules/foo/package.json'))).toMatchObject({ version: '1.0.0' })
  await until('the withdrawal is recorded', async () => (await records('withdrawn')).length === 1)
  expect((await records('withdrawn')).map(({ record }) => record)).toMatchObject([{ subject: { name: 'foo', version: '1.0.1' } }])
  await pinned.clean()
  await pinned.expectRun(['ci'])

  const answer = await fetch(`${server.url}api/takedowns/foo@1.0.1`, {
    method: 'PUT', headers: { 'authorization': `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'court order 7', by: 'legal' }),
  })
  expect([answer.ok, await answer.text()]).toEqual([true, expect.anything()])
  const taken = await fetch(`${server.npmUrl}foo/-/foo-1.0.1.tgz`)
  expect(taken.status).toBe(451)
  expect(await taken.json()).toMatchObject({ code: 'TAKEN_DOWN', error: expect.stringContaining('court order 7') })
})

it('whoever moves "latest" back to an old version is seen doing it', async () => {
  const authority = await registry({ sign: true })
  await authority.publish({ name: 'foo', version: '0.9.0' })
  await authority.publish({ name: 'foo', version: '1.0.0' })
  const { server, records, incidents } = await world({ authorities: { npm: authority }, config: NEVER_FRESH })
  await fetch(`${server.npmUrl}foo`)
  authority.setTag('foo', 'latest', '0.9.0')
  await fetch(`${server.npmUrl}foo`)
  await until('it is an incident', async () => (await incidents('tag-moved-back')).length === 1)
  expect((await incidents('tag-moved-back'))[0]).toMatchObject({ subject: expect.stringMatching(/^pkg:npm\/foo/), source: 'npm' })
  const [first] = (await records('tags')).toReversed()
  expect(first!.record).toMatchObject({ tags: [{ name: 'latest', version: '1.0.0' }] })
})

it('a version that claims to be old and was not there yesterday has both dates in the log, and is an incident', async () => {
  const authority = await registry({ sign: true })
  await authority.publish({ name: 'foo', version: '1.0.0' })
  const { server, records, incidents } = await world({ authorities: { npm: authority }, config: NEVER_FRESH })
  await fetch(`${server.npmUrl}foo`)
  await authority.publish({ name: 'foo', version: '1.0.1', time: '2020-01-01T00:00:00.000Z' })
  const before = Date.now()
  await fetch(`${server.npmUrl}foo`)
  const late = (await records('version')).map(({ record }) => record).find(record => record.kind === 'version' && record.subject.version === '1.0.1')
  expect(late).toMatchObject({ published: '2020-01-01T00:00:00.000Z' })
  expect(Date.parse(late!.recorded)).toBeGreaterThanOrEqual(before)
  expect(await incidents('backdated')).toMatchObject([{ subject: 'pkg:npm/foo@1.0.1', source: 'npm' }])
})

it('provenance of other bytes is no provenance: it is refused, and an incident', async () => {
  const authority = await registry({ sign: true })
  const statement = (hex: string) => ({
    predicateType: 'https://slsa.dev/provenance/v1',
    bundle: {
      mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.2',
      dsseEnvelope: {
        payloadType: 'application/vnd.in-toto+json', signatures: [],
        payload: Buffer.from(JSON.stringify({
          _type: 'https://in-toto.io/Statement/v1', predicateType: 'https://slsa.dev/provenance/v1',
          subject: [{ name: 'pkg:npm/foo@1.0.0', digest: { sha512: hex } }], predicate: {},
        })).toString('base64'),
      },
    },
  })
  await authority.publish({ name: 'foo', version: '1.0.0', attestations: [statement(createHash('sha512').update('other').digest('hex'))] })
  const { server, incidents } = await world({ authorities: { npm: authority } })
  await fetch(`${server.npmUrl}foo`)
  const answer = await fetch(`${server.npmUrl}-/npm/v1/attestations/foo@1.0.0`)
  expect([answer.status, (await answer.json() as { code: string }).code]).toEqual([403, 'ATTESTATION_MISMATCH'])
  expect(await incidents('attestation-mismatch')).toMatchObject([{ subject: 'pkg:npm/foo@1.0.0', source: 'npm' }])
})

it.each(['warn', 'deny'] as const)('a document that hides what its tarball depends on is an incident (policy: %s)', async (manifests) => {
  const authority = await registry({ sign: true })
  await authority.publish({ name: 'evil', version: '6.6.6' })
  const hidden = { name: 'foo', version: '1.0.0', dependencies: { evil: '6.6.6' }, scripts: { postinstall: 'node steal.js' } }
  await authority.publish({ name: 'foo', version: '1.0.0', files: { 'package.json': JSON.stringify(hidden), 'steal.js': '' } })
  const other = { name: 'bar', version: '9.9.9' }
  await authority.publish({ name: 'foo', version: '2.0.0', files: { 'package.json': JSON.stringify(other) } })
  const { server, incidents, project } = await world({ authorities: { npm: authority }, config: { delivery: 'serve', policy: { manifests } } })
  const statuses = async () => Promise.all(['1.0.0', '2.0.0'].map(async version => (await fetch(`${server.npmUrl}foo/-/foo-${version}.tgz`)).status))
  expect(await statuses()).toEqual(manifests === 'deny' ? [403, 403] : [200, 200])
  await until('both are incidents', async () => (await incidents('manifest-mismatch')).length === 2)
  expect((await incidents('manifest-mismatch')).map(({ subject }) => subject).toSorted()).toEqual(['pkg:npm/foo@1.0.0', 'pkg:npm/foo@2.0.0'])
  const { code, output } = await (await project({ foo: '1.0.0' })).run(['install', '--ignore-scripts'])
  expect([code === 0, output]).toEqual([manifests === 'warn', expect.any(String)])
})

it('a document that names the cloud\'s own address for its bytes has nobody fetch it, and is an incident', async () => {
  const authority = await registry({ sign: true })
  for (const [n, url] of ['http://169.254.169.254/latest/meta-data/x-1.0.0.tgz', 'file:///etc/passwd', 'http://other.example/x/-/x-1.0.0.tgz'].entries()) {
    await authority.publish({ name: `ssrf-${n}`, version: '1.0.0' })
    authority.editManifest(`ssrf-${n}`, '1.0.0', manifest => void Object.assign(manifest.dist, { tarball: url }))
  }
  await authority.publish({ name: 'loop', version: '1.0.0' })
  authority.fault({ path: /loop-1\.0\.0\.tgz$/ }, { redirect: '/loop/-/loop-1.0.0.tgz' })
  const { server, incidents } = await world({ authorities: { npm: authority }, config: { delivery: 'serve' } })
  for (let n = 0; n < 3; n++) {
    const answer = await fetch(`${server.npmUrl}ssrf-${n}/-/ssrf-${n}-1.0.0.tgz`, { redirect: 'manual' })
    expect([n, [200, 403, 502, 503].includes(answer.status)]).toEqual([n, true])
    if (answer.status === 200) expect(Buffer.from(await answer.arrayBuffer())).toEqual(authority.tarball(`ssrf-${n}`, '1.0.0'))
    const document = await (await fetch(`${server.npmUrl}ssrf-${n}`)).json() as { versions: Record<string, { dist: { tarball: string } }> }
    expect(document.versions['1.0.0']!.dist.tarball).toBe(`${server.npmUrl}ssrf-${n}/-/ssrf-${n}-1.0.0.tgz`)
  }
  expect((await fetch(`${server.npmUrl}loop/-/loop-1.0.0.tgz`)).status).toBe(502)
  expect(authority.count('GET', /loop-1\.0\.0\.tgz$/)).toBeLessThan(10)
  await until('they are incidents', async () => (await incidents('foreign-host')).length >= 2)
})

it('bombs, endless streams and slow sources are bounded: npm gets the right bytes from the next one, or a clean error', async () => {
  const authority = await registry({ sign: true })
  await authority.publish({ name: 'foo', version: '1.0.0' })
  const [larger, slow, honest] = [await mirrorOf(authority), await mirrorOf(authority), await mirrorOf(authority)]
  larger.fault({ path: /\.tgz$/ }, { raw: Buffer.concat([authority.tarball('foo', '1.0.0'), Buffer.alloc(3 * 2 ** 20)]), type: 'application/octet-stream' })
  slow.fault({ path: /\.tgz$/ }, { stall: 'body', after: 10 })
  authority.fault({ path: /\.tgz$/ }, { stall: 'headers' })
  const of = 'npm'
  const { server, project } = await world({
    authorities: { npm: authority },
    mirrors: { larger: { registry: larger, of }, slow: { registry: slow, of }, honest: { registry: honest, of } },
    config: { delivery: 'serve', limits: { maxTarballSize: '1MiB', bodyTimeout: 800, headersTimeout: 800, retries: 0 } },
  })
  await (await project({ foo: '1.0.0' })).expectRun(['install'])
  await authority.publish({ name: 'bomb', version: '1.0.0' })
  authority.fault({ path: '/bomb' }, { gzipBomb: 100 * 2 ** 20 })
  const started = performance.now()
  const bomb = await fetch(`${server.npmUrl}bomb`)
  expect(bomb.status).toBe(502)
  expect(performance.now() - started).toBeLessThan(20_000)
  expect((await fetch(`${server.url}health`)).status).toBe(200)
})

it('while the authority is away, a mirror that agrees with the log answers for it, and one that does not is an incident', async () => {
  const authority = await registry({ sign: true })
  await authority.publish({ name: 'foo', version: '1.0.0' })
  const [portal, liar, honest] = [await mirrorOf(authority), await mirrorOf(authority), await mirrorOf(authority)]
  portal.fault({ path: '/foo' }, { html: true })
  liar.editManifest('foo', '1.0.0', manifest => void (manifest.dependencies = { evil: '*' }))
  await honest.publish({ name: 'foo', version: '6.6.6' })
  honest.editManifest('foo', '1.0.0', manifest => void Reflect.deleteProperty(manifest.dist, 'signatures'))
  const of = 'npm'
  const { server, restart, incidents, project, records } = await world({
    authorities: { npm: authority },
    mirrors: { portal: { registry: portal, of }, liar: { registry: liar, of }, honest: { registry: honest, of } },
    config: { delivery: 'serve', limits: { retries: 0 } },
  })
  await fetch(`${server.npmUrl}foo`)
  await authority.down()
  await rm(join(server.dataDir, 'cache'), { recursive: true, maxRetries: 3 })
  await restart()
  const consumer = await project({ foo: '*' })
  await consumer.expectRun(['install'])
  expect(JSON.parse(await consumer.read('node_modules/foo/package.json'))).toMatchObject({ version: '1.0.0' })
  const document = await (await fetch(`${server.npmUrl}foo`)).json() as { versions: Record<string, { dist: { signatures?: unknown[] } }> }
  expect(Object.keys(document.versions)).toEqual(['1.0.0'])
  // Signatures are portable: what the mirror left out is in the log.
  expect(document.versions['1.0.0']!.dist.signatures).toHaveLength(1)
  expect(await incidents('manifest-mismatch')).toMatchObject([{ source: 'liar' }])
  expect(await records('version')).toHaveLength(1)
})
