import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHttpRead, type ReadError } from '../../../shared/sumdb/index.ts'

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/sumdb/`
}

const failureOf = (work: Promise<unknown>) => work.then(() => {
  throw new Error('It worked')
}, (error: unknown) => error as ReadError)

describe('reading over HTTP', () => {
  it('gives the bytes of a path', async () => {
    const asked: unknown[] = []
    const url = await serve((request, response) => {
      asked.push([request.url, request.headers['cache-control']])
      response.end('bytes')
    })
    const read = createHttpRead(url)
    expect(Buffer.from(await read('checkpoint')).toString()).toBe('bytes')
    await read('tile/0/x001/234.p/5')
    await read('lookup/npm/@s/x@1.0.0%2B1')
    expect(asked).toEqual([
      ['/sumdb/checkpoint', 'max-age=0'], ['/sumdb/tile/0/x001/234.p/5', undefined], ['/sumdb/lookup/npm/@s/x@1.0.0%2B1', undefined],
    ])
  })

  it('gives the server\'s own sentence and code', async () => {
    const url = await serve((_, response) => response.writeHead(404).end('{"error":"It has no such version.","code":"VERSION_NOT_FOUND"}'))
    expect(await failureOf(createHttpRead(url)('x'))).toMatchObject({
      name: 'ReadError', message: 'It has no such version.', status: 404, code: 'VERSION_NOT_FOUND',
    })
  })

  it.each(['<html>', 'null', '[]', '{"error":{}}', '{"error":""}', ''])('gives the status if the server says %j', async (body) => {
    const url = await serve((_, response) => response.writeHead(403).end(body))
    expect(await failureOf(createHttpRead(url)('x'))).toMatchObject({ message: `${url}x answers 403.`, status: 403 })
  })

  it('waits as long as the server says', async () => {
    const times: number[] = []
    const url = await serve((_, response) => {
      times.push(performance.now())
      if (times.length === 1) response.writeHead(429, { 'retry-after': '1' }).end()
      else response.end('now')
    })
    await createHttpRead(url)('x')
    expect(times).toHaveLength(2)
    expect(times[1]! - times[0]!).toBeGreaterThan(990)
  })

  it('does not wait for longer than it was told to', async () => {
    let asked = 0
    const url = await serve((_, response) => {
      asked++
      response.writeHead(503, { 'retry-after': '3600' }).end('{"error":"Later."}')
    })
    expect(await failureOf(createHttpRead(url)('x'))).toMatchObject({ message: 'Later.', status: 503 })
    expect(asked).toBe(1)
  })

  it('asks again after a broken connection, but not for ever', async () => {
    let asked = 0
    const url = await serve((request) => {
      asked++
      request.socket.destroy()
    })
    const error = await failureOf(createHttpRead(url, { retries: 2 })('x'))
    expect(error).toMatchObject({ name: 'ReadError', status: undefined })
    expect(error.message).toMatch(/cannot be read: \S/)
    expect(asked).toBe(3)
  })

  it('does not ask again for what a server refuses', async () => {
    let asked = 0
    const url = await serve((_, response) => {
      asked++
      response.writeHead(500).end()
    })
    await failureOf(createHttpRead(url)('x'))
    expect(asked).toBe(1)
  })

  it.each<[string, number]>([['tile/0/000', 8192], ['tile/entries/000', 256 * 65_537], ['checkpoint', 1_100_000]])(
    'takes no more of %s than it can have', async (path, limit) => {
      let extra = 0
      const url = await serve((_, response) => response.end(Buffer.alloc(limit + extra)))
      const read = createHttpRead(url)
      expect(await read(path)).toHaveLength(limit)
      extra = 1
      expect((await failureOf(read(path))).message).toContain(`more than the ${limit} bytes`)
    },
  )

  it('does not wait for an answer for ever', async () => {
    const url = await serve((_, response) => {
      response.write('the beginning')
    })
    expect((await failureOf(createHttpRead(url, { timeout: 200, retries: 0 })('x'))).message).toBe(`${url}x cannot be read: no answer within 0.2 s.`)
  })
})
