import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import type { LogEntryDetail, LogOverview } from '../../shared/types/log.ts'
import type { SearchAnswer } from '../../shared/types/search.ts'
import type { RegistryStatus } from '../../shared/types/status.ts'

let registry: FixtureRegistry
let server: TestServer

beforeAll(async () => {
  registry = await createFixtureRegistry({ sign: true })
  await registry.publish({ name: 'paper', version: '1.0.0' })
  await registry.publish({ name: 'paper', version: '1.1.0' })
  await registry.publish({ name: 'paper-clip', version: '1.0.0' })
  server = await startServer({ config: { registries: [{ id: 'npm', url: registry.url, role: 'authority' }] } })
  for (const name of ['paper', 'paper-clip']) await (await fetch(server.npmUrl + name)).arrayBuffer()
})

afterAll(async () => {
  await server?.stop()
  await registry?.close()
})

async function ask<T = SearchAnswer>(path: string): Promise<T> {
  return await (await fetch(server.url + path)).json() as T
}
const search = (q: string) => ask(`api/search?q=${encodeURIComponent(q)}`)

it('finds packages, versions, tags, keys, digests, hashes and places', async () => {
  expect(await search('paper')).toMatchObject({ isExact: true, finds: [{ why: 'name', name: 'paper' }, { why: 'prefix', name: 'paper-clip' }] })
  const { finds: [version] } = await search('paper@1.1.0')
  expect(version).toMatchObject({ why: 'version', entry: { subject: { name: 'paper', version: '1.1.0' } } })
  expect(await search('paper@latest')).toMatchObject({ isExact: true, finds: [{ why: 'tag', entry: { subject: { version: '1.1.0' } } }] })

  const { index } = (version as Extract<typeof version, { entry: unknown }>).entry
  const entry = await ask<LogEntryDetail>(`api/log/entries/${index}`)
  const log = await ask<LogOverview>('api/log')
  const { record } = entry
  if (record.kind !== 'version') throw new Error('No version')
  for (const q of [record.integrity, Buffer.from(record.integrity.slice(7), 'base64').toString('hex'), entry.leafHash, `record ${index}`]) {
    expect(await search(q), q).toMatchObject({ isExact: true, finds: [{ entry: { index } }] })
  }
  expect(await search(record.signature!.keyid)).toMatchObject({ isExact: true, finds: [{ why: 'key', entry: { kind: 'keys' } }] })
  expect(await search(log.root)).toMatchObject({ isExact: true, finds: [{ why: 'root', size: log.size }] })
  expect(await search(`size ${log.size}`)).toMatchObject({ isExact: true, finds: [{ why: 'size' }] })
})

it('says what was tried when there is nothing', async () => {
  expect(await search('no-such-thing@1.0.0')).toMatchObject({
    finds: [], isExact: false, tried: ['version'], unknown: { name: 'no-such-thing', version: '1.0.0' },
  })
  expect(await search('')).toMatchObject({ finds: [], tried: [] })
  expect((await fetch(`${server.url}api/search?q=a&q=b`)).status).toBe(400)
  expect((await fetch(`${server.url}api/search/names?q=${'a'.repeat(2_000)}`)).status).toBe(400)
  expect(await ask('api/search/names?q=pap')).toEqual({ names: ['paper', 'paper-clip'] })
})

it('goes straight to the page, also without JavaScript', async () => {
  const answer = await fetch(`${server.url}search?q=record+0`, { redirect: 'manual' })
  expect(answer.status).toBe(302)
  expect(answer.headers.get('location')).toMatch(/\/log\/0$/)
})

it('has the log at a glance', async () => {
  const { log, incidents, sources } = await ask<RegistryStatus>('api/registry/status')
  expect(log).toMatchObject({ size: (await ask<LogOverview>('api/log')).size, state: 'ok', cosigners: [] })
  expect(log.lastHour).toBe(log.size)
  expect(incidents).toEqual({ open: 0 })
  expect(sources).toEqual([{ id: 'npm', state: 'unknown' }])
})
