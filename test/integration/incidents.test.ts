import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Incident, IncidentBundle, IncidentPage } from '../../shared/types/incidents.ts'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { ask, until, versionsOf } from './ask.ts'

const TOKEN = 'the-operator-of-this-server-only'
const SECRET = 'what the receiver knows'
const OPERATOR = { authorization: `Bearer ${TOKEN}` }
const WHY = { by: 'the operator', reason: 'Somebody had to say so.' }
const CLI = fileURLToPath(new URL('../../cli/log-verify.ts', import.meta.url))

let upstream: FixtureRegistry
let server: TestServer
let scratch: string
const delivered: { headers: IncomingHttpHeaders, body: string }[] = []
/** Where the server must not go: the address is not public. */
const receiver = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8').on('data', (chunk: string) => body += chunk).on('end', () => {
    delivered.push({ headers: request.headers, body })
    response.end()
  })
})

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'incidents-'))
  upstream = await createFixtureRegistry({ sign: true })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const hook = `http://127.0.0.1:${(receiver.address() as { port: number }).port}/`
  for (const name of ['changed', '@private/changed']) {
    await upstream.publish({ name, version: '1.0.0' })
    await upstream.publish({ name, version: '1.1.0' })
  }
  await upstream.publish({ name: 'unwanted', version: '1.0.0' })
  await upstream.publish({ name: 'unwanted', version: '1.1.0' })
  server = await startServer({
    config: {
      // A registry that is configured at the receiver's origin: only so may a receiver have such an address.
      registries: [{ id: 'npm', url: upstream.url, role: 'authority' }, { id: 'hooks', url: hook, role: 'authority' }],
      routes: [{ match: ['@hooks/*'], registry: 'hooks' }],
      private: ['@private/*'],
      limits: { retries: 0 },
      cache: { fresh: 0, staleWhileRevalidate: 0 },
      webhooks: [{ url: `${hook}hook?key=1`, secret: SECRET }, { url: 'http://127.0.0.1:9/hook', secret: SECRET }],
      probes: { interval: 0 },
    },
    env: { NUXT_ADMIN_TOKEN: TOKEN },
  })
  for (const name of ['changed', '@private/changed']) {
    expect((await ask(`${server.npmUrl}${name}`)).status).toBe(200)
    await change(name)
    expect(versionsOf(await ask(`${server.npmUrl}${name}`))).toEqual(['1.1.0'])
  }
})
afterAll(async () => {
  await server?.stop()
  await upstream?.close()
  receiver.closeAllConnections()
  receiver.close()
  await rm(scratch, { recursive: true, force: true })
})

/** The registry publishes the same version again, with other bytes. */
async function change(name: string): Promise<void> {
  upstream.unpublish(name, '1.0.0')
  await upstream.publish({ name, version: '1.0.0', tag: 'old', files: { 'index.js': '"another one"' } })
}

interface Sent {
  method?: 'GET' | 'PUT' | 'POST' | 'DELETE'
  headers?: Record<string, string>
  body?: unknown
}

async function api(path: string, { method = 'GET', headers, body }: Sent = {}) {
  const response = await request(`${server.url}api/${path}`, {
    method, headers, ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.body.text()
  return { status: response.statusCode, headers: response.headers, text, json: text === '' ? undefined : JSON.parse(text) as unknown }
}

const list = async (query = '', headers?: Record<string, string>) => (await api(`incidents${query}`, { headers })).json as IncidentPage
const incidentOf = async (name: string) => (await list(`?package=${encodeURIComponent(name)}`, OPERATOR)).incidents[0]!

async function verify(...args: string[]): Promise<{ code: number, output: string }> {
  return new Promise((resolve) => {
    const options = { cwd: scratch, env: { PATH: process.env.PATH, HOME: scratch } }
    execFile(process.execPath, [CLI, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr })
    })
  })
}

describe('incidents', () => {
  it('are listed for everybody; private ones for operators only', async () => {
    const { incidents, next } = await list()
    expect(incidents).toMatchObject([{ kind: 'conflict', subject: 'pkg:npm/changed@1.0.0', source: 'npm', isPrivate: false, acknowledged: null }])
    expect(next).toBeNull()
    expect((await list('', OPERATOR)).incidents.map(({ isPrivate }) => isPrivate).toSorted()).toEqual([false, true])
    expect((await list('?limit=1', OPERATOR)).next).toBeGreaterThan(0)
    expect((await list('?package=%40private%2Fchanged')).incidents).toEqual([])
    const { id } = await incidentOf('@private/changed')
    for (const path of [`incidents/${id}`, `incidents/${id}/bundle`]) {
      expect((await api(path)).status).toBe(404)
      expect((await api(path)).text).not.toContain('@private')
      expect((await api(path, { headers: OPERATOR })).status).toBe(200)
    }
  })

  it('may be read by any web page, and are kept a moment only; what operators see never', async () => {
    const open = await api('incidents')
    expect(open.headers).toMatchObject({ 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=5' })
    expect(open.headers.vary).toContain('authorization')
    expect((await api('incidents', { headers: OPERATOR })).headers['cache-control']).toBe('no-store')
  })

  it('refuse what is no question', async () => {
    for (const query of ['?limit=101', '?limit=0', '?kind=x', '?state=x', '?source=%20', '?package=%20', '?before=-1', '?other=1']) {
      expect((await api(`incidents${query}`)).json).toMatchObject({ code: 'BAD_REQUEST' })
    }
    expect((await api('incidents/x')).status).toBe(400)
    expect((await api('incidents/999')).status).toBe(404)
  })

  it('come as a file that is verified offline; with one byte flipped it is not', async () => {
    const { id } = await incidentOf('changed')
    const { text, headers } = await api(`incidents/${id}/bundle`)
    expect(headers['content-disposition']).toBe(`attachment; filename="incident-${id}.json"`)
    const bundle = JSON.parse(text) as IncidentBundle
    const vkey = (await ask(`${server.url}sumdb/vkey`)).text.trim()
    expect(bundle.log!.vkey).toBe(vkey)
    const file = join(scratch, 'bundle.json')
    await writeFile(file, text)
    const good = await verify('--bundle', file, '--vkey', vkey)
    expect(good.output).toContain('The registry\'s keys signed two digests for one version')
    expect(good.output).toContain('that 127.0.0.1')
    expect(good.output).not.toMatch(/^[✖!]/mu)
    expect(good.code).toBe(0)
    const unpinned = await verify('--bundle', file)
    expect(unpinned.code).toBe(0)
    expect(unpinned.output).toContain('! The log\'s key is the one in the file itself')

    const bytes = await readFile(file)
    for (const part of ['"text":"version', '"proof":"', '"sentence":"', '"vkey":"']) {
      const flipped = Buffer.from(bytes)
      const at = bytes.indexOf(part) + part.length + 3
      flipped[at] = flipped[at]! ^ 1
      await writeFile(file, flipped)
      expect([1, 2], part).toContain((await verify('--bundle', file, '--vkey', vkey)).code)
    }
    await writeFile(file, 'no bundle')
    expect((await verify('--bundle', file)).code).toBe(2)
    expect((await verify('--bundle', join(scratch, 'nothing.json'))).code).toBe(2)
    expect((await verify('--bundle', file, server.url)).code).toBe(2)
  }, 60_000)

  it('are delivered to a receiver where a configured registry lives, signed; not into our own network', async () => {
    await until('both are delivered', () => delivered.length === 2)
    for (const { headers, body } of delivered) {
      const signature = createHmac('sha256', SECRET).update(`${headers['x-registry-timestamp'] as string}.${body}`).digest('hex')
      expect(headers['x-registry-signature']).toBe(`sha256=${signature}`)
      const { event, incident, bundle } = JSON.parse(body) as { event: string, incident: Incident, bundle: string }
      expect(event).toBe('incident')
      expect(headers['x-registry-delivery']).toBe(String(incident.id))
      expect(bundle).toContain(`/api/incidents/${incident.id}/bundle`)
    }
    const refused = () => server.logs().filter(({ trouble }) => String(trouble).includes('127.0.0.1:9'))
    await until('the other one is refused', () => refused().length > 0)
    expect(String(refused()[0]!.error)).toContain('an address that is not public')
  })
})

describe('operators', () => {
  it('acknowledge an incident once, which is a record, and changes nothing of what stands', async () => {
    const { id } = await incidentOf('changed')
    const done = await api(`incidents/${id}/acknowledge`, { method: 'POST', headers: OPERATOR, body: WHY })
    expect(done.status).toBe(200)
    const { acknowledged, digest } = done.json as Incident
    expect(acknowledged).toMatchObject({ ...WHY, record: expect.any(Number) as number })
    const entry = (await ask(`${server.url}api/log/entries/${acknowledged!.record}`)).json
    expect(entry.text).toMatch(new RegExp(`^acknowledged pkg:npm/changed@1\\.0\\.0\nincident ${digest.replaceAll('+', '\\+')}\nrecorded `))
    expect((await api(`incidents/${id}/acknowledge`, { method: 'POST', headers: OPERATOR, body: WHY })).json).toMatchObject({ code: 'ALREADY_ACKNOWLEDGED' })
    expect((await list('?state=open')).incidents).toEqual([])
    expect((await list('?state=acknowledged')).incidents.map(incident => incident.id)).toEqual([id])
    expect((await ask(`${server.npmUrl}changed/1.0.0`)).status).toBe(403)
    const file = join(scratch, 'acknowledged.json')
    await writeFile(file, (await api(`incidents/${id}/bundle`)).text)
    expect(await verify('--bundle', file)).toMatchObject({ code: 0, output: expect.stringContaining('an operator acknowledged this incident') as string })
  })

  it('acknowledge a private one without a record', async () => {
    const { id } = await incidentOf('@private/changed')
    const before = (await ask(`${server.url}api/log`)).json.size
    const { json } = await api(`incidents/${id}/acknowledge`, { method: 'POST', headers: OPERATOR, body: WHY })
    expect(json).toMatchObject({ acknowledged: { record: null } })
    expect((await ask(`${server.url}api/log`)).json.size).toBe(before)
  })

  it('take a version down at once, and bring it back', async () => {
    expect(versionsOf(await ask(`${server.npmUrl}unwanted`))).toEqual(['1.0.0', '1.1.0'])
    const put = await api('takedowns/unwanted@1.0.0', { method: 'PUT', headers: OPERATOR, body: WHY })
    expect(put.json).toMatchObject({ takedowns: [{ subject: 'pkg:npm/unwanted@1.0.0', ...WHY }] })
    expect(versionsOf(await ask(`${server.npmUrl}unwanted`))).toEqual(['1.1.0'])
    for (const path of ['unwanted/1.0.0', 'unwanted/-/unwanted-1.0.0.tgz']) {
      const refused = await ask(`${server.npmUrl}${path}`)
      expect(refused.status).toBe(451)
      expect(refused.json).toMatchObject({ code: 'TAKEN_DOWN', error: expect.stringContaining(WHY.reason) as string })
    }
    await api('takedowns/unwanted@1.1.0', { method: 'PUT', headers: OPERATOR, body: WHY })
    expect((await ask(`${server.npmUrl}unwanted`)).status).toBe(451)
    expect((await api('takedowns', { headers: OPERATOR })).json).toMatchObject({ takedowns: [{ by: WHY.by }, { by: WHY.by }] })
    for (const version of ['1.0.0', '1.1.0']) {
      expect((await api(`takedowns/unwanted@${version}`, { method: 'DELETE', headers: OPERATOR })).status).toBe(204)
    }
    expect((await api('takedowns/unwanted@1.0.0', { method: 'DELETE', headers: OPERATOR })).status).toBe(404)
    expect(versionsOf(await ask(`${server.npmUrl}unwanted`))).toEqual(['1.0.0', '1.1.0'])
  })

  it('name a scoped version as it is, and nothing else', async () => {
    const put = (what: string, body: unknown = WHY) => api(`takedowns/${what}`, { method: 'PUT', headers: OPERATOR, body })
    expect((await put('@scope/name@1.0.0+build')).json).toMatchObject({ takedowns: [{ subject: 'pkg:npm/%40scope/name@1.0.0%2Bbuild' }] })
    expect((await api('takedowns/@scope/name@1.0.0+build', { method: 'DELETE', headers: OPERATOR })).status).toBe(204)
    for (const what of ['unwanted', '@scope/name', 'unwanted@', '@1.0.0', 'a/b/c@1.0.0', 'unwanted@one', '..%2f..@1.0.0']) {
      expect((await put(what)).json).toMatchObject({ code: 'BAD_REQUEST' })
    }
    expect((await put('unwanted@1.0.0', { by: 'me' })).json).toMatchObject({ code: 'BAD_REQUEST' })
    expect((await put('unwanted@1.0.0', 'no json')).json).toMatchObject({ code: 'BAD_REQUEST' })
    expect((await put('unwanted@1.0.0', { ...WHY, reason: 'x'.repeat(100_000) })).json).toMatchObject({ code: 'BODY_TOO_LARGE' })
    expect((await api('takedowns', { headers: OPERATOR })).json).toEqual({ takedowns: [] })
  })

  it('are known by their token; who guesses is not heard any more', async () => {
    const paths: [string, Sent['method']][] = [
      ['takedowns', 'GET'], ['takedowns/x@1.0.0', 'PUT'], ['takedowns/x@1.0.0', 'DELETE'], ['incidents/1/acknowledge', 'POST'],
    ]
    for (const [path, method] of paths) {
      const answer = await api(path, { method, ...(method !== 'GET' && { body: WHY }) })
      expect(answer.status).toBe(401)
      expect(answer.headers['www-authenticate']).toBe('Bearer')
      expect(answer.json).toMatchObject({ code: 'UNAUTHENTICATED', error: expect.stringContaining('NUXT_ADMIN_TOKEN') as string })
    }
    expect((await api('incidents', { headers: { authorization: 'Bearer wrong' } })).status).toBe(401)
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => api('takedowns', { headers: { authorization: `Bearer guess-${n}` } })))
    const statuses = answers.map(({ status }) => status)
    // One was sent above.
    expect(statuses.filter(status => status === 401)).toHaveLength(9)
    expect(statuses.filter(status => status === 429)).toHaveLength(11)
    expect((await api('takedowns', { headers: OPERATOR })).status).toBe(429)
    expect((await api('incidents')).status).toBe(200)
  })
})
