import { createServer, request } from 'node:http'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { RegistryError } from '../../../server/errors.ts'
import { json, refusal } from '../../../server/http/responses.ts'
import type { HttpResponse } from '../../../server/http/types.ts'

const about = { route: 'packument' }
const bodyOf = ({ body }: HttpResponse) => JSON.parse(String(body)) as Record<string, unknown>

describe('a refusal', () => {
  it('has its reason in all four places', () => {
    const response = refusal(new RegistryError('NOT_FOUND', 'x is not here.'), about)
    expect(response).toMatchObject({
      status: 404, reason: 'x is not here.', about: { route: 'packument', code: 'NOT_FOUND' },
      headers: { 'npm-notice': 'x is not here.', 'content-type': 'application/json', 'cache-control': 'no-store' },
    })
    expect(bodyOf(response)).toEqual({ error: 'x is not here.', message: 'x is not here.', code: 'NOT_FOUND' })
    expect(response.headers['content-length']).toBe(Buffer.byteLength(String(response.body)))
    expect(response.headers).not.toHaveProperty('retry-after')
  })

  it('says when to ask again, if that helps', () => {
    expect(refusal(new RegistryError('UPSTREAM_UNAVAILABLE', 'x', { retryAfter: 7 }), about).headers['retry-after']).toBe(7)
  })

  it.each([new TypeError('secret at /srv/index.js:1'), 'secret', undefined, { code: 'NOT_FOUND', message: 'secret' }])('tells nothing of %j', (error) => {
    const response = refusal(error, about)
    expect(response.status).toBe(500)
    expect(JSON.stringify([response, bodyOf(response)])).not.toContain('secret')
  })

  it.each(['a\r\nset-cookie: b', 'a\u0000b', 'caf\u00e9 \u65e5\u672c \ud83d\ude80', `x${'y'.repeat(5000)}`, '\u007f\u0085\u2028'])('can be sent, whatever is in it: %j', async (sentence) => {
    const { status, reason, headers, body } = refusal(new RegistryError('UPSTREAM_INVALID', sentence), about)
    const server = createServer((_, response) => response.writeHead(status, reason, headers).end(body)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const sent = request({ port, agent: false }).end()
    const [response] = await once(sent, 'response') as [import('node:http').IncomingMessage]
    expect(response.statusCode).toBe(502)
    expect(response.headers).not.toHaveProperty('set-cookie')
    expect(response.statusMessage).toBe(response.headers['npm-notice'])
    expect(response.statusMessage!.length).toBeLessThanOrEqual(500)
    response.resume()
    await once(response, 'end')
    server.close()
    expect(bodyOf({ status, headers, body, about })).toMatchObject({ error: sentence.slice(0, 500) })
  })
})

it('json is not kept by anybody', () => {
  const response = json(200, { a: '\u00e9' }, about)
  expect(response.headers).toEqual({ 'content-type': 'application/json', 'content-length': 10, 'cache-control': 'no-store' })
})
