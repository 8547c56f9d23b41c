import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { publishTree } from '../fixtures/registry/index.ts'
import { until } from '../integration/ask.ts'
import { mirrorOf, registry, world } from './world.ts'

const VERIFY = fileURLToPath(new URL('../../cli/log-verify.ts', import.meta.url))

it('behind two honest sources and a lying one a real install has the right bytes, and the lie can be proved offline', async () => {
  const authority = await registry({ sign: true })
  await publishTree(authority)
  const [liar, honest] = [await mirrorOf(authority), await mirrorOf(authority)]
  const lie = Buffer.from(authority.tarball('fx-lib', '1.0.0'))
  lie[lie.length - 9]! ^= 1
  liar.setTarball('fx-lib', '1.0.0', lie)
  const { server, project, incidents, records } = await world({
    authorities: { npm: authority },
    mirrors: { liar: { registry: liar, of: 'npm' }, honest: { registry: honest, of: 'npm' } },
    config: { delivery: 'serve' },
  })
  authority.fault({ path: /fx-lib-1\.0\.0\.tgz$/ }, { status: 503 })
  const consumer = await project({ 'fx-app': '^1.0.0', 'fx-lib': '1.0.0' })
  await consumer.expectRun(['install'])
  const { packages } = JSON.parse(await consumer.read('package-lock.json'))
  expect(packages['node_modules/fx-lib'].integrity).toBe(authority.manifest('fx-lib', '1.0.0').dist.integrity)

  await until('the lie is an incident', async () => (await incidents('conflict')).length === 1)
  const [incident] = await incidents('conflict')
  expect(incident).toMatchObject({ source: 'liar', subject: 'pkg:npm/fx-lib@1.0.0' })
  expect(await records('conflict')).toHaveLength(1)

  const dir = mkdtempSync(join(tmpdir(), 'attacks-bundle-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const file = join(dir, 'incident.json')
  const bundle = await (await fetch(`${server.url}api/incidents/${incident!.id}/bundle`)).text()
  writeFileSync(file, bundle)
  const { origin, vkey } = await (await fetch(`${server.url}api/log`)).json() as { origin: string, vkey: string }
  expect(vkey).toContain(origin)
  const verify = () => spawnSync(process.execPath, [VERIFY, '--bundle', file, '--key', vkey], { encoding: 'utf8', env: { ...process.env, HOME: dir } })
  const { status, stdout, stderr } = verify()
  expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('fx-lib')])

  // Any other digest is not what the log says.
  const standing = authority.manifest('fx-lib', '1.0.0').dist.integrity!
  const forged = readFileSync(file, 'utf8').replaceAll(standing, `${standing.slice(0, 20)}${standing[20] === 'A' ? 'B' : 'A'}${standing.slice(21)}`)
  expect(forged).not.toBe(bundle)
  writeFileSync(file, forged)
  expect(verify().status).toBe(1)
})

it('a token\'s order of mirrors decides where its bytes come from, and nobody else\'s', async () => {
  // On another host than ours, as in the world: where a client would send the token on, bytes go through us and stay there.
  const authority = await registry({ sign: true, hostname: 'localhost' })
  await publishTree(authority)
  const [near, far] = [await mirrorOf(authority), await mirrorOf(authority)]
  const { server, project } = await world({
    authorities: { npm: authority }, mirrors: { near: { registry: near, of: 'npm' }, far: { registry: far, of: 'npm' } },
  })
  const tokenFor = async (...mirrors: string[]) => {
    const answer = await fetch(`${server.url}api/preferences`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ content: { mirrors } }),
    })
    expect(answer.status).toBe(201)
    return (await answer.json() as { token: string }).token
  }
  const tarballs = () => [authority, near, far].map(one => one.requests.filter(({ method, url }) => method === 'GET' && url.endsWith('.tgz')).length)
  const forget = () => [authority, near, far].forEach(one => one.reset())

  for (const [token, expected] of [[await tokenFor('far', 'near'), 2], [await tokenFor('near', 'far'), 1], [undefined, 0]] as const) {
    forget()
    const consumer = await project({ 'fx-app': '^1.0.0' }, { settings: { token } })
    await consumer.expectRun(['install'])
    const counts = tarballs()
    expect(counts[expected]).toBeGreaterThan(3)
    expect(counts.filter((_, n) => n !== expected)).toEqual([0, 0])
  }
})
