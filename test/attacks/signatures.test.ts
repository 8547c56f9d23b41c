import { expect, it, describe } from 'vitest'
import { CLIENTS, NPM_8 } from '../clients/tools/clients.ts'
import { createSigningKey, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { until } from '../integration/ask.ts'
import { NEVER_FRESH, mirrorOf, registry, world } from './world.ts'

const ACME = { match: ['@acme/*'], registry: 'acme' }
const AUDITORS = [NPM_8, ...CLIENTS.filter(({ id }) => id === 'pnpm-11' || id === 'pnpm-12')]

/** Two registries that sign with keys of their own, and one package in each. */
async function signing(): Promise<{ npm: FixtureRegistry, acme: FixtureRegistry }> {
  const [npm, acme] = [await registry({ sign: true }), await registry({ sign: true })]
  await npm.publish({ name: 'foo', version: '1.0.0' })
  await acme.publish({ name: '@acme/x', version: '1.0.0' })
  return { npm, acme }
}

interface Keys { keys: { keyid: string, key: string }[] }

describe.each(AUDITORS)('$id audit signatures', (client) => {
  const isNpm = client.family === 'npm'
  // npm 8 says what is wrong, and ends well.
  const failure = isNpm ? 0 : 1

  it('passes across two registries', async () => {
    const { npm, acme } = await signing()
    const { project } = await world({ authorities: { npm, acme }, config: { routes: [ACME] } })
    const consumer = await project({ 'foo': '1.0.0', '@acme/x': '1.0.0' }, { client })
    await consumer.expectRun(['install'])
    const { output } = await consumer.expectRun(['audit', 'signatures'])
    expect(output).toMatch(/2 packages have verified registry signatures/)
  })

  it('names the package of a registry that does not sign, and passes it when we sign for it', async () => {
    const { npm } = await signing()
    const plain = await registry()
    await plain.publish({ name: '@acme/x', version: '1.0.0' })
    const sides = { authorities: { npm, acme: plain } }
    const { project } = await world({ ...sides, config: { routes: [ACME] } })
    const consumer = await project({ 'foo': '1.0.0', '@acme/x': '1.0.0' }, { client })
    await consumer.expectRun(['install'])
    const { output } = await consumer.expectRun(['audit', 'signatures'], failure)
    expect(output).toMatch(/missing registry signature/)
    expect(output).toContain('@acme/x')

    const signer = await world({ ...sides, config: { routes: [ACME], signVersions: true } })
    const other = await signer.project({ 'foo': '1.0.0', '@acme/x': '1.0.0' }, { client })
    await other.expectRun(['install'])
    expect((await other.expectRun(['audit', 'signatures'])).output).toMatch(/2 packages have verified registry signatures/)
  })

  it('calls a signature invalid that was changed after the install', async () => {
    const { npm } = await signing()
    const { project } = await world({ authorities: { npm }, config: NEVER_FRESH })
    const consumer = await project({ foo: '1.0.0' }, { client })
    await consumer.expectRun(['install'])
    const { sig } = npm.keys[0]!.sign('foo@1.0.0:something else')
    npm.editManifest('foo', '1.0.0', manifest => void Object.assign(manifest.dist.signatures![0]!, { sig }))
    // npm believes its cache for a minute.
    const { output } = await consumer.expectRun(['audit', 'signatures', ...isNpm ? ['--prefer-online'] : []], failure)
    expect(output).toMatch(isNpm ? /invalid registry signature|tampered/ : /invalid/)
  })
})

it('a version that its registry did not sign as it says is not served, and nothing of it is recorded', async () => {
  const { npm } = await signing()
  await npm.publish({ name: 'foo', version: '1.1.0' })
  const { sig } = npm.keys[0]!.sign('foo@1.1.0:sha512-else')
  npm.editManifest('foo', '1.1.0', manifest => void Object.assign(manifest.dist.signatures![0]!, { sig }))
  const { server, project, incidents, records } = await world({ authorities: { npm } })
  const consumer = await project({ foo: '^1.0.0' })
  await consumer.expectRun(['install'])
  expect(JSON.parse(await consumer.read('node_modules/foo/package.json'))).toMatchObject({ version: '1.0.0' })
  const refused = await fetch(`${server.npmUrl}foo/-/foo-1.1.0.tgz`, { redirect: 'manual' })
  expect([refused.status, (await refused.json() as { code: string }).code]).toEqual([403, 'NOT_VERIFIED'])
  expect(await incidents('invalid-signature')).toMatchObject([{ subject: 'pkg:npm/foo@1.1.0', source: 'npm' }])
  expect((await records('version')).map(({ record }) => record)).toMatchObject([
    { subject: { name: 'foo', version: '1.0.0' }, evidence: 'signed', signature: { keyid: npm.keys[0]!.served.keyid } },
  ])
})

it('an unknown key verifies nothing, an expired one only what is older, and both are said', async () => {
  const npm = await registry({ sign: { expires: '2024-06-01T00:00:00.000Z' } })
  await npm.publish({ name: 'old', version: '1.0.0', time: '2024-05-31T00:00:00.000Z' })
  await npm.publish({ name: 'late', version: '1.0.0', time: '2024-06-02T00:00:00.000Z' })
  await npm.publish({ name: 'stranger', version: '1.0.0' })
  const stranger = createSigningKey()
  npm.editManifest('stranger', '1.0.0', ({ dist }) => {
    dist.signatures = [stranger.sign(`stranger@1.0.0:${dist.integrity}`)]
  })
  const { server, project } = await world({ authorities: { npm } })
  await (await project({ old: '1.0.0' })).expectRun(['install'])
  for (const [name, sentence] of [['late', /expired/], ['stranger', /key/]] as const) {
    const answer = await fetch(`${server.npmUrl}${name}`)
    const { code, error } = await answer.json() as { code: string, error: string }
    expect([answer.status, code, error]).toEqual([403, 'NOT_VERIFIED', expect.stringMatching(sentence)])
    const { code: exit, output } = await (await project({ [name]: '1.0.0' })).run(['install'])
    expect([exit !== 0, output]).toEqual([true, expect.stringContaining('403')])
  }
})

it('whoever holds a registry\'s key and signs two contents for one version leaves the proof of it in the log', async () => {
  const { npm } = await signing()
  const { server, records, incidents, restart } = await world({ authorities: { npm }, config: NEVER_FRESH })
  await fetch(`${server.npmUrl}foo`)
  const { dist } = await npm.publish({ name: 'foo', version: '1.0.0', files: { 'evil.js': 'steal()\n' } })
  await restart()
  await fetch(`${server.npmUrl}foo`)
  const [conflict] = await records('conflict')
  expect(conflict!.record).toMatchObject({
    other: dist.integrity, signature: { keyid: npm.keys[0]!.served.keyid, signature: dist.signatures![0]!.sig },
  })
  const [version] = await records('version')
  expect(version!.record).toMatchObject({ evidence: 'signed', signature: { keyid: npm.keys[0]!.served.keyid } })
  expect(await incidents('conflict')).toHaveLength(1)
})

it('a registry that no longer publishes its keys has no new versions, and what is known stays', async () => {
  const { npm } = await signing()
  const { server, project, incidents, restart } = await world({ authorities: { npm } })
  await (await project({ foo: '1.0.0' })).expectRun(['install'])
  const keys = npm.keys.splice(0)
  await npm.publish({ name: 'new', version: '1.0.0' })
  await restart()
  const answer = await fetch(`${server.npmUrl}new`)
  expect([answer.status, (await answer.json() as { code: string }).code]).toEqual([503, 'UPSTREAM_UNAVAILABLE'])
  expect((await fetch(`${server.npmUrl}foo`)).status).toBe(200)
  await until('the loss is an incident', async () => (await incidents('keys-vanished')).length === 1)
  // The keyring still has them: what was installed can be audited.
  expect((await (await fetch(`${server.npmUrl}-/npm/v1/keys`)).json() as Keys).keys.map(({ keyid }) => keyid)).toEqual([keys[0]!.served.keyid])
})

it('a key under another one\'s id is refused, whoever lists it: the keyring keeps the first', async () => {
  const { npm, acme } = await signing()
  const [good] = npm.keys
  const clash = createSigningKey()
  acme.keys.push({ ...clash, served: { ...clash.served, keyid: good!.served.keyid } })
  const mirror = await mirrorOf(npm)
  const other = createSigningKey()
  mirror.keys.splice(0, 1, { ...other, served: { ...other.served, keyid: good!.served.keyid } })
  const { server, project, incidents } = await world({
    authorities: { npm, acme }, mirrors: { m1: { registry: mirror, of: 'npm' } }, config: { routes: [ACME] },
  })
  await (await project({ 'foo': '1.0.0', '@acme/x': '1.0.0' })).expectRun(['install'])
  const { keys } = await (await fetch(`${server.npmUrl}-/npm/v1/keys`)).json() as Keys
  expect(keys.filter(({ keyid }) => keyid === good!.served.keyid).map(({ key }) => key)).toEqual([good!.served.key])
  await until('both are incidents', async () => (await incidents('key-clash')).length === 2)
  expect((await incidents('key-clash')).map(({ source }) => source).toSorted()).toEqual(['acme', 'm1'])
})

it('the keyring is never an outage: registries that are down leave what was known', async () => {
  const { npm, acme } = await signing()
  const { server, restart } = await world({ authorities: { npm, acme }, config: { routes: [ACME] } })
  const keyids = async () => {
    const answer = await fetch(`${server.npmUrl}-/npm/v1/keys`)
    return [answer.status, (await answer.json() as Keys).keys.map(({ keyid }) => keyid).toSorted()]
  }
  const both = [200, [npm.keys[0]!.served.keyid, acme.keys[0]!.served.keyid].toSorted()]
  expect(await keyids()).toEqual(both)
  acme.fault({ path: '/-/npm/v1/keys' }, { status: 500 })
  await npm.down()
  await restart()
  expect(await keyids()).toEqual(both)
})
