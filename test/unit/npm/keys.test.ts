import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import type { HttpRequest, HttpResponse } from '../../../server/http/index.ts'
import { serveKeys } from '../../../server/npm/keys.ts'
import type { NpmServices } from '../../../server/npm/types.ts'
import type { View } from '../../../server/npm/view.ts'
import type { RegistryKey } from '../../../shared/record/index.ts'

const KEYS: RegistryKey[] = [{ keyid: 'SHA256:a', key: 'AAAA', expires: '2025-01-29T00:00:00.000Z' }, { keyid: 'SHA256:b', key: 'BBBB' }]

interface Asked {
  keys?: RegistryKey[]
  keysOf?: ReadonlySet<string>
  tags?: string
}

function ask({ keys = KEYS, keysOf, tags }: Asked = {}): Promise<HttpResponse> {
  const headers = tags === undefined ? {} : { 'if-none-match': tags }
  const request: HttpRequest = { method: 'GET', path: '/-/npm/v1/keys', headers, body: Readable.from([]), socket: {} }
  const services = { keys: async (only?: ReadonlySet<string>) => only ? keys.filter(({ keyid }) => only.has(keyid)) : keys }
  return serveKeys(request, { ...keysOf && { keysOf, holder: 'somebody' } } as View, services as unknown as NpmServices, { route: 'keys' })
}
const bodyOf = ({ body }: HttpResponse) => JSON.parse(String(body)) as unknown

it('gives the keys as npm\'s clients read them', async () => {
  const response = await ask()
  expect(response.status).toBe(200)
  const kind = { keytype: 'ecdsa-sha2-nistp256', scheme: 'ecdsa-sha2-nistp256' }
  expect(bodyOf(response)).toEqual({ keys: [
    { expires: '2025-01-29T00:00:00.000Z', keyid: 'SHA256:a', ...kind, key: 'AAAA' }, { expires: null, keyid: 'SHA256:b', ...kind, key: 'BBBB' },
  ] })
  expect(response.headers).toMatchObject({ 'cache-control': 'public, max-age=300', 'vary': 'authorization', 'content-type': 'application/json' })
})

it('is revalidated with a tag that changes with the keys', async () => {
  const { headers: { etag } } = await ask()
  expect(etag).toMatch(/^"[\w-]{32}"$/)
  expect(await ask({ tags: `W/${etag}` })).toMatchObject({ status: 304, headers: { etag } })
  expect((await ask({ tags: String(etag) })).body).toBeUndefined()
  expect(await ask({ tags: String(etag), keys: KEYS.slice(1) })).toMatchObject({ status: 200 })
})

it('is for one caller alone where that one wants only some', async () => {
  const response = await ask({ keysOf: new Set(['SHA256:b']) })
  expect((bodyOf(response) as { keys: unknown[] }).keys).toHaveLength(1)
  expect(response.headers['cache-control']).toMatch(/^private\b/)
})

it('is not found where no key is known', async () => {
  await expect(ask({ keys: [] })).rejects.toMatchObject({ code: 'NOT_FOUND', status: 404 })
})
