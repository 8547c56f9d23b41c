import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, getGlobalDispatcher } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RegistryConfig, WebhookConfig } from '../../../server/config/types.ts'
import { tables, type Database } from '../../../server/database/index.ts'
import { createIncidents, createReceiverRoutes, createWebhooks, receiverId, type Webhooks } from '../../../server/incidents/index.ts'
import { retryIn } from '../../../server/incidents/webhooks.ts'
import { until } from '../../integration/ask.ts'
import { createTestDatabase, report, type TestDatabase } from './fixture.ts'

interface Delivery {
  url: string
  headers: IncomingHttpHeaders
  body: string
}

let test: TestDatabase
let receiver: Server
let url: string
let deliveries: Delivery[]
let answer: (response: ServerResponse, nth: number) => void
let troubles: string[]
let running: Webhooks[]

beforeEach(async () => {
  test = await createTestDatabase()
  deliveries = []
  troubles = []
  running = []
  answer = response => response.end('ok')
  receiver = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => body += chunk).on('end', () => {
      deliveries.push({ url: request.url!, headers: request.headers, body })
      answer(response, deliveries.length)
    })
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  url = `http://127.0.0.1:${(receiver.address() as { port: number }).port}/hook?key=1`
})
afterEach(async () => {
  receiver.closeAllConnections()
  receiver.close()
  await Promise.all(running.map(webhooks => webhooks.close()))
  await test.remove()
})

const SECRET = 'the receiver knows it'

interface Process {
  database?: Database
  routeTo?: Parameters<typeof createWebhooks>[0]['routeTo']
  now?: () => number
  hook?: WebhookConfig
}

/** One process. */
function start({ hook = { url, secret: SECRET }, ...process }: Process = {}) {
  const { database = test.database, routeTo = () => getGlobalDispatcher(), now } = process
  const incidents = createIncidents(database, () => webhooks.wake(), [receiverId(hook)])
  const webhooks = createWebhooks({
    database, incidents, webhooks: [hook], routeTo, now,
    bodyOf: ({ id, cause }) => ({ id, cause }),
    trouble: (what, error) => troubles.push(`${what}: ${String(error)}`),
  })
  running.push(webhooks)
  return { incidents, webhooks }
}

const rows = () => test.database.orm.select().from(tables.deliveries)
const row = async () => (await rows())[0]!
const isDone = async () => (await rows()).every(({ next }) => next === null)

describe('a delivery', () => {
  it('is signed, and says what it is about; one for each incident, private ones too', async () => {
    const { incidents } = start()
    await incidents.report([report('a'), report('b', { isPrivate: true }), report('a')])
    await until('both are delivered', isDone)
    expect(deliveries.map(({ body }) => JSON.parse(body) as unknown)).toEqual([{ id: 1, cause: 'a' }, { id: 2, cause: 'b' }])
    const { headers, body, url: target } = deliveries[0]!
    expect(target).toBe('/hook?key=1')
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-registry-event': 'incident', 'x-registry-delivery': '1' })
    const timestamp = headers['x-registry-timestamp'] as string
    expect(Math.abs(Number(timestamp) * 1000 - Date.now())).toBeLessThan(60_000)
    expect(headers['x-registry-signature']).toBe(`sha256=${createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex')}`)
    expect(troubles).toEqual([])
  })

  it('that fails is tried again, a second later, and its failure told once', async () => {
    answer = (response, nth) => response.writeHead(nth === 1 ? 500 : 204).end()
    const { incidents } = start()
    await incidents.report([report('a')])
    await until('it is delivered', isDone)
    expect(deliveries).toHaveLength(2)
    expect((await row()).attempts).toBe(2)
    expect((await row()).error).toBeNull()
    expect(troubles).toEqual([expect.stringMatching(/^delivering incident 1 to the webhook at 127\.0\.0\.1:\d+, trying again: It answered with status 500\.$/)])
  })

  it('does not follow a redirect', async () => {
    answer = response => response.writeHead(307, { location: '/elsewhere' }).end()
    const { incidents } = start()
    await incidents.report([report('a')])
    await until('it was tried', async () => (await row()).error !== null)
    expect((await row()).error).toContain('a redirect, which is not followed')
    expect(deliveries.every(({ url }) => url.startsWith('/hook'))).toBe(true)
  })

  it('is given up by an answer that does not come, not held up by a body that does not end', async () => {
    answer = (response, nth) => {
      if (nth === 1) response.writeHead(200).write('x'.repeat(1_000_000))
    }
    const { incidents } = start()
    await incidents.report([report('a')])
    await until('it is delivered', isDone, 8_000)
    expect((await row()).delivered).not.toBeNull()
    await incidents.report([report('b')])
    await until('the other one failed', async () => (await rows())[1]!.error !== null, 8_000)
    expect((await rows())[1]!.error).toBe('It did not answer within 5 seconds.')
  }, 20_000)

  it('is given up after twelve attempts, or a day', async () => {
    answer = response => response.writeHead(500).end()
    // Ahead of the time at which incidents are noticed.
    let clock = Date.now() + 60_000
    const { incidents, webhooks } = start({ now: () => clock })
    await incidents.report([report('a')])
    for (let attempts = 1; attempts < 12; attempts++) {
      const next = clock + retryIn(attempts)
      await until(`attempt ${attempts}`, async () => (await row()).next === next)
      expect((await row()).attempts).toBe(attempts)
      clock = next
      webhooks.wake()
    }
    await until('it is given up', isDone)
    expect(deliveries).toHaveLength(12)
    expect(troubles.at(-1)).toContain('given up after 12 attempts')
    await incidents.report([report('b')])
    await until('it was tried', async () => (await rows())[1]!.error !== null)
    clock += 24 * 3_600_000
    webhooks.wake()
    await until('it is given up', isDone)
    expect(deliveries).toHaveLength(14)
  })

  it('waits twice as long each time, at most an hour', () => {
    expect([1, 2, 3, 11, 12, 13, 60].map(retryIn)).toEqual([1_000, 2_000, 4_000, 1_024_000, 2_048_000, 3_600_000, 3_600_000])
  })
})

describe('processes', () => {
  it('that start again deliver what is left', async () => {
    answer = response => response.writeHead(503).end()
    const first = start()
    await first.incidents.report([report('a')])
    await until('it was tried', async () => (await row()).error !== null)
    await first.webhooks.close()
    answer = response => response.end()
    const { webhooks } = start({ now: () => Date.now() + 5_000 })
    webhooks.wake()
    await until('it is delivered', isDone)
  })

  it('that are two deliver each incident once', async () => {
    answer = response => void sleep(20).then(() => response.end())
    const one = start()
    const two = start({ database: await test.another() })
    await one.incidents.report(Array.from({ length: 20 }, (_, n) => report(`a${n}`)))
    for (let n = 0; n < 10; n++) {
      one.webhooks.wake()
      two.webhooks.wake()
      await sleep(5)
    }
    await until('all are delivered', isDone)
    expect(deliveries).toHaveLength(20)
    expect(new Set(deliveries.map(({ headers }) => headers['x-registry-delivery'])).size).toBe(20)
    expect(troubles).toEqual([])
  })
})

describe('a receiver', () => {
  const registry = (at: string): RegistryConfig => ({ id: 'own', url: at, namespace: 'own', role: 'authority', origin: 'test', tls: { rejectUnauthorized: true } })

  it.each(['http://127.0.0.1/x', 'http://[::1]:3000/', 'http://169.254.169.254/latest/meta-data', 'http://10.0.0.1/', 'http://192.168.1.1/'])(
    'at %s is not told anything', async (address) => {
      const connections = { to: () => getGlobalDispatcher(), elsewhere: getGlobalDispatcher() }
      const routeTo = createReceiverRoutes({ registries: [registry('https://npm.example/')], connections })
      const { incidents } = start({ routeTo, hook: { url: address, secret: SECRET } })
      await incidents.report([report('a')])
      await until('it was tried', async () => (await row()).error !== null)
      expect((await row()).error).toContain('an address that is not public')
      expect(deliveries).toEqual([])
    })

  it('may live where a configured registry does, and only there the connection may lead anywhere', () => {
    const [to, elsewhere] = [new Agent(), new Agent()]
    const routeTo = createReceiverRoutes({ registries: [registry('http://127.0.0.1:4873/npm/')], connections: { to: () => to, elsewhere } })
    expect(routeTo(new URL('http://127.0.0.1:4873/hook'))).toBe(to)
    expect(routeTo(new URL('https://hooks.example/x'))).toBe(elsewhere)
    expect(() => routeTo(new URL('http://127.0.0.1:4874/hook'))).toThrow('not public')
  })
})
