import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { until } from '../integration/ask.ts'
import { registry, world } from './world.ts'

it('no registry learns who installs, with what, or the names that are private', async () => {
  const [npm, acme] = [await registry({ sign: true }), await registry()]
  await npm.publish({ name: 'foo', version: '1.0.0' })
  await acme.publish({ name: '@acme/secret', version: '1.0.0' })
  const { project } = await world({
    authorities: { npm, acme }, config: { routes: [{ match: ['@acme/*'], registry: 'acme' }], private: ['@acme/*'], delivery: 'serve' },
  })
  const consumer = await project({ 'foo': '1.0.0', '@acme/secret': '1.0.0' })
  await consumer.expectRun(['install', '--audit=true'])
  await consumer.run(['audit'])
  await consumer.run(['search', '@acme/secret'])
  for (const { url, headers, body } of npm.requests) {
    expect(url).not.toMatch(/acme|secret/i)
    expect(Object.keys(headers).filter(name => /^(?:npm-|pacote-|x-forwarded|authorization$|cookie$|referer$)/.test(name))).toEqual([])
    expect(headers['user-agent']).toMatch(/^npmx-registry\//)
    expect(body.toString()).not.toMatch(/acme|secret/i)
  }
  expect(npm.requests.length).toBeGreaterThan(1)
})

it('a hundred people who ask at once for a package nobody asked for cause one request and one record', async () => {
  const authority = await registry({ sign: true })
  await authority.publish({ name: 'foo', version: '1.0.0' })
  authority.fault({ path: '/foo' }, { delay: 200 })
  const { server, records } = await world({ authorities: { npm: authority } })
  const answers = await Promise.all(Array.from({ length: 100 }, () => fetch(`${server.npmUrl}foo`)))
  expect(new Set(answers.map(({ status, headers }) => `${status} ${headers.get('etag')}`)).size).toBe(1)
  expect(answers[0]!.status).toBe(200)
  expect(authority.count('GET', '/foo')).toBe(1)
  expect(await records('version')).toHaveLength(1)
})

it('a webhook that is down, slow or leads elsewhere holds up nobody, is told in the end, and can check who told it', async () => {
  const authority = await registry({ sign: true })
  await authority.publish({ name: 'foo', version: '1.0.0' })
  const secret = 'a-secret-of-the-receiver'
  // A receiver may live where a configured registry does, and nowhere else in a private network.
  const hook = `${authority.url}hook`
  const heal = authority.fault({ path: '/hook', times: 2 }, { status: 500 })
  const { server, project, incidents, restart } = await world({
    authorities: { npm: authority },
    config: {
      cache: { fresh: 0, staleWhileRevalidate: 0 },
      webhooks: [{ url: hook, secret }, { url: 'http://127.0.0.1:9/elsewhere', secret }],
    },
  })
  await fetch(`${server.npmUrl}foo`)
  await authority.publish({ name: 'foo', version: '1.0.0', files: { 'evil.js': '' } })
  await authority.publish({ name: 'bar', version: '1.0.0' })
  await restart()
  await fetch(`${server.npmUrl}foo`)
  await (await project({ bar: '1.0.0' })).expectRun(['install'])
  expect(await incidents('conflict')).toHaveLength(1)
  const told = () => authority.requests.filter(({ method, url }) => method === 'POST' && url === '/hook')
  await until('the receiver was told in the end', () => told().length >= 3, 30_000)
  heal()
  const { headers, body } = told().at(-1)!
  const mac = createHmac('sha256', secret).update(`${String(headers['x-registry-timestamp'])}.${body.toString()}`).digest('hex')
  expect(headers['x-registry-signature']).toBe(`sha256=${mac}`)
  expect(JSON.parse(body.toString())).toMatchObject({ incident: { kind: 'conflict', source: 'npm', subject: 'pkg:npm/foo@1.0.0' } })
})
