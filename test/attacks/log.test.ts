import { createClient } from '@libsql/client'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { startServer } from '../fixtures/server.ts'
import { registry, world } from './world.ts'

const VERIFY = fileURLToPath(new URL('../../cli/log-verify.ts', import.meta.url))

function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'attacks-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** An outsider's monitor that remembers what it saw. */
function monitor(url: string, state: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [VERIFY, `${url}sumdb/`, '--state', state], { encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

it('an operator who puts back an older log is found out by whoever saw the newer one, and by the server itself', async () => {
  const authority = await registry()
  for (let n = 0; n < 5; n++) await authority.publish({ name: `p${n}`, version: '1.0.0' })
  const backup = join(scratch(), 'backup')
  const state = join(scratch(), 'seen')
  const first = await startServer({ config: { registries: [{ id: 'npm', url: authority.url, role: 'authority' }] }, dataDir: join(scratch(), 'data') })
  const { dataDir } = first
  await fetch(`${first.npmUrl}p0`)
  expect(monitor(first.url, state).status).toBe(0)
  const port = Number(new URL(first.url).port)
  await first.stop()
  cpSync(join(dataDir, 'registry.db'), backup)

  const options = { config: { registries: [{ id: 'npm', url: authority.url, role: 'authority' }] }, dataDir, port }
  const second = await startServer(options)
  for (let n = 1; n < 5; n++) await fetch(`${second.npmUrl}p${n}`)
  expect(monitor(second.url, state).status).toBe(0)
  await second.stop()
  cpSync(backup, join(dataDir, 'registry.db'))
  for (const file of ['registry.db-wal', 'registry.db-shm']) rmSync(join(dataDir, file), { force: true })

  const third = await startServer(options)
  onTestFinished(async () => void await third.stop())
  expect(third.stderr()).toContain('older copy')
  const unseen = await fetch(`${third.npmUrl}p4`)
  expect(unseen.status).toBe(503)
  const { status, output } = monitor(third.url, state)
  expect([status, output]).toEqual([1, expect.stringMatching(/smaller|older|shrunk|rolled back|before/i)])
})

it('an operator who shows two people two logs is found out when they compare', async () => {
  const [one, other] = [await registry(), await registry()]
  await one.publish({ name: 'x', version: '1.0.0' })
  await other.publish({ name: 'x', version: '1.0.0', files: { 'evil.js': '' } })
  const shared = { NUXT_SUMDB_ORIGIN: 'sum.example' }
  const dirs = [scratch(), scratch()] as const
  const config = (url: string) => ({ registries: [{ id: 'npm', url, role: 'authority', namespace: 'npm.example' }] })
  const first = await startServer({ config: config(one.url), dataDir: dirs[0], env: shared })
  await fetch(`${first.npmUrl}x`)
  const state = join(scratch(), 'seen')
  expect(monitor(first.url, state).status).toBe(0)
  const port = Number(new URL(first.url).port)
  await first.stop()

  // The same key, another history.
  cpSync(join(dirs[0], 'sumdb.key'), join(dirs[1], 'sumdb.key'))
  const second = await startServer({ config: config(other.url), dataDir: dirs[1], env: shared, port })
  onTestFinished(async () => void await second.stop())
  await fetch(`${second.npmUrl}x`)
  const { status, output } = monitor(second.url, state)
  expect([status, output]).toEqual([1, expect.stringMatching(/fork|two different|does not contain|not the same|inconsistent/i)])
})

it('what cannot be recorded is not served: neither document nor bytes, and what is recorded goes on', async () => {
  const authority = await registry()
  await authority.publish({ name: 'known', version: '1.0.0' })
  await authority.publish({ name: 'unknown', version: '1.0.0' })
  const { server, restart } = await world({ authorities: { npm: authority }, config: { delivery: 'serve' } })
  await fetch(`${server.npmUrl}known`)
  const { dataDir } = server
  // The key is gone: nothing can be signed, so nothing can be appended.
  rmSync(join(dataDir, 'sumdb.key'))
  await restart()
  expect(existsSync(join(dataDir, 'sumdb.key'))).toBe(false)
  for (const path of ['unknown', 'unknown/1.0.0', 'unknown/-/unknown-1.0.0.tgz']) {
    const answer = await fetch(server.npmUrl + path)
    expect([path, answer.status]).toEqual([path, 503])
    expect(await answer.json()).toMatchObject({ code: 'LOG_UNAVAILABLE' })
  }
  expect((await fetch(`${server.npmUrl}known`)).status).toBe(200)
  expect((await fetch(`${server.npmUrl}known/-/known-1.0.0.tgz`)).status).toBe(200)
})

it('whoever edits a record in the database gets a log that no longer proves it, and a server that does not sign', async () => {
  const authority = await registry()
  for (let n = 0; n < 3; n++) await authority.publish({ name: `p${n}`, version: '1.0.0' })
  const current = await world({ authorities: { npm: authority } })
  const { server, restart, records } = current
  for (let n = 0; n < 3; n++) await fetch(`${server.npmUrl}p${n}`)
  const { dataDir } = server
  const [{ index } = { index: -1 }] = await records('version')
  const state = join(scratch(), 'seen')
  expect(monitor(server.url, state).status).toBe(0)

  const client = createClient({ url: `file:${join(dataDir, 'registry.db')}` })
  await client.execute({ sql: 'UPDATE records SET text = replace(text, \'integrity sha512-\', \'integrity sha512-A\') WHERE idx = ?', args: [index] })
  client.close()
  await restart()
  expect(current.server.stderr()).toMatch(/read-only/)
  expect(monitor(server.url, join(scratch(), 'new')).status).toBe(1)
  await authority.publish({ name: 'late', version: '1.0.0' })
  expect((await fetch(`${server.npmUrl}late`)).status).toBe(503)
})
