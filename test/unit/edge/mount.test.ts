import { createServer, request, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMount, type Surface } from '../../../server/edge/mount.ts'
import type { Running } from '../../../server/edge/running.ts'
import { json } from '../../../server/http/index.ts'
import { createMetrics, createRequestLog } from '../../../server/observe/index.ts'

/** Answers with its own name and the path that it was asked for. */
function surface(name: string, hosts: string[]): Surface {
  return {
    prefix: `/base/${name}/`,
    hosts: () => hosts,
    answer: ({ path, method }) => {
      const response = json(200, { name, path, method }, { route: name })
      return path.startsWith('/later') ? Promise.resolve(response) : response
    },
  }
}

const metrics = createMetrics()
const running = {
  services: { config: {} }, metrics, requestLog: createRequestLog('silent'), requests: { total: 0, hits: 0, errors: 0 }, stopping: false,
} as unknown as Running
let current: Running | undefined
const mount = createMount([surface('npm', ['registry.example']), surface('sumdb', ['sum.example', 'sum.example:8080'])], () => current)
const server = createServer((req, res) => mount(req, res) ?? res.end('"others"'))

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  current = running
})

afterAll(() => server.close())

async function ask(path: string, host = 'anything.example'): Promise<unknown> {
  const sent = request({ port: (server.address() as AddressInfo).port, path, headers: { host }, agent: false }).end()
  const [response] = await once(sent, 'response') as [IncomingMessage]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return JSON.parse(text)
}

describe('a request belongs to', () => {
  it.each([
    ['/base/npm/x', '/x'], ['/base/npm/', '/'], ['/base/npm', '/'], ['/base/npm?a', '/?a'], ['/base/npm/@s%2fx?a=/', '/@s%2fx?a=/'],
    ['/base/npm//x', '//x'], ['/base/npm/later', '/later'], ['/base/npm/../x', '/../x'],
  ])('a surface by its prefix: %s', async (path, below) => {
    expect(await ask(path)).toEqual({ name: 'npm', path: below, method: 'GET' })
    expect(await ask(path.replace('npm', 'sumdb'))).toEqual({ name: 'sumdb', path: below, method: 'GET' })
  })

  it.each([
    ['registry.example', 'npm', '/base/sumdb/checkpoint'], ['sum.example', 'sumdb', '/base/npm/x'], ['sum.example:8080', 'sumdb', '/'],
  ])('a surface by its host, whatever the path: %s', async (host, name, path) => {
    expect(await ask(path, host)).toEqual({ name, path, method: 'GET' })
  })

  it.each(['/', '/base', '/base/', '/base/npmx', '/base/np', '/bas', '/npm/x', '/x?/base/npm/', '/base/sumd?b/', '/BASE/npm/x'])(
    'nobody of us: %s', async (path) => {
      expect(await ask(path)).toBe('others')
    })

  it.each(['registry.example:8080', 'x.registry.example', 'REGISTRY.example.'])('nobody of us by a host that is not ours: %s', async (host) => {
    expect(await ask('/x', host)).toBe('others')
  })
})

it('books are kept for every surface', async () => {
  const { total } = running.requests
  await ask('/base/npm/x')
  await ask('/base/sumdb/x')
  await expect.poll(() => running.requests.total).toBe(total + 2)
  expect(await metrics.register.metrics()).toMatch(/registry_requests_total\{route="sumdb",status="200"\} \d+/)
})
