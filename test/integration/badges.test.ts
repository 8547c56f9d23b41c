import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BadgeBatch, VersionBadge } from '../../shared/types/badges.ts'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { askRaw, type RawAsk } from './raw.ts'

let npm: FixtureRegistry
let acme: FixtureRegistry
let mirror: FixtureRegistry
let server: TestServer

beforeAll(async () => {
  npm = await createFixtureRegistry({ sign: true })
  acme = await createFixtureRegistry()
  mirror = await createFixtureRegistry()
  for (const version of ['1.0.0', '1.1.0', '2.0.0-rc.1+build.5']) await npm.publish({ name: '@s/n', version })
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) await npm.publish({ name: 'wavering', version })
  npm.setTag('@s/n', 'latest', '1.1.0')
  await npm.publish({ name: '@private/x', version: '1.0.0' })
  await acme.publish({ name: '@acme/x', version: '1.0.0' })
  server = await startServer({
    config: {
      registries: [
        { id: 'npm', url: npm.url, role: 'authority' },
        { id: 'mirror', url: mirror.url, role: 'mirror', of: 'npm' },
        { id: 'acme', url: acme.url, role: 'authority', namespace: 'npm.acme.example' },
      ],
      routes: [{ match: ['@acme/*'], registry: 'acme' }],
      private: ['@private/*'],
      cache: { fresh: 0, staleWhileRevalidate: 0, negative: 0 },
    },
  })
  const read = async (name: string) => void await (await fetch(server.npmUrl + name)).arrayBuffer()
  for (const name of ['@s/n', 'wavering', '@private/x', '@acme/x']) await read(name)
  npm.unpublish('wavering', '1.0.0')
  await npm.publish({ name: 'wavering', version: '1.1.0', files: { 'index.js': 'other' } })
  await read('wavering')
})

afterAll(async () => {
  await server?.stop()
  for (const registry of [npm, acme, mirror]) await registry?.close()
})

const ask = (path: string, more?: RawAsk) => askRaw(server.url, path, more)
const picture = async (spec: string, more?: RawAsk) => {
  const { status, headers, body } = await ask(`/badge/npm/${spec}.svg`, more)
  return { status, headers, svg: body.toString() }
}
const batch = (packages: unknown) => fetch(`${server.url}api/badges`, {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ packages }),
})
const badges = async (...packages: string[]) => await (await batch(packages)).json() as BadgeBatch

describe('many versions at once', () => {
  it('are answered in their order, each with its record', async () => {
    const { badges: found, checkpoint } = await badges('wavering@1.2.0', '@s/n@1.0.0', '@acme/x@1.0.0', '@s/n@2.0.0-rc.1+build.5')
    expect(found.map(({ name, version, state, evidence }) => [name, version, state, evidence])).toEqual([
      ['wavering', '1.2.0', 'verified', 'signed'],
      ['@s/n', '1.0.0', 'verified', 'signed'],
      ['@acme/x', '1.0.0', 'recorded', 'claimed'],
      ['@s/n', '2.0.0-rc.1+build.5', 'verified', 'signed'],
    ])
    expect(found[2]).toMatchObject({ namespace: 'npm.acme.example', mismatch: null, withdrawn: null, disagreeing: [] })
    const { index, integrity, recorded } = found[1]!
    const entry = await (await fetch(`${server.url}api/log/entries/${index}`)).json() as { text: string }
    expect(entry.text).toContain(`version pkg:npm/%40s/n@1.0.0\nintegrity ${integrity}\n`)
    expect(entry.text).toContain(`\nrecorded ${recorded}\n`)
    expect(checkpoint.size).toBeGreaterThan(index!)
    expect(Date.parse(checkpoint.time!)).toBeGreaterThanOrEqual(Date.parse(recorded!))
  })

  it('tell what changed from what is gone, and name the records that say so', async () => {
    const { badges: [withdrawn, mismatch] } = await badges('wavering@1.0.0', 'wavering@1.1.0')
    expect([withdrawn!.state, mismatch!.state]).toEqual(['withdrawn', 'mismatch'])
    const textOf = async (index: number | null) => (await (await fetch(`${server.url}api/log/entries/${index}`)).json() as { text: string }).text
    expect(await textOf(withdrawn!.withdrawn)).toContain('withdrawn pkg:npm/wavering@1.0.0')
    expect(await textOf(mismatch!.mismatch)).toContain('conflict pkg:npm/wavering@1.1.0')
  })

  it('are not recorded where nobody asked for them, and where names are private', async () => {
    const nothing: Partial<VersionBadge> = { state: 'not-recorded', index: null, evidence: null, recorded: null, integrity: null }
    const { badges: found } = await badges('@private/x@1.0.0', 'nobody@1.0.0', '@s/n@9.9.9')
    for (const badge of found) expect(badge).toMatchObject(nothing)
  })

  it('may be a hundred, and are refused in one sentence beyond that or if they are none', async () => {
    const hundred = Array.from({ length: 100 }, (_, n) => `${n % 2 ? '@s/n' : 'wavering'}@1.${n}.0`)
    expect((await badges(...hundred)).badges.map(({ name, version }) => `${name}@${version}`)).toEqual(hundred)
    for (const packages of [[...hundred, 'a@1.0.0'], [], ['<script>@1.0.0'], ['a'], 'a@1.0.0', [1]]) {
      const answer = await batch(packages)
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ code: 'BAD_REQUEST' })
    }
    expect((await batch(['a'.repeat(100_000)])).status).toBe(413)
  })

  it('can be one, by its address', async () => {
    for (const path of ['@s/n@1.0.0', '@s%2fn@1.0.0', '%40s%2Fn%401.0.0']) {
      const { badges: [badge] } = await (await fetch(`${server.url}api/badges/${path}`)).json() as BadgeBatch
      expect(badge).toMatchObject({ name: '@s/n', version: '1.0.0', state: 'verified' })
    }
    expect((await fetch(`${server.url}api/badges/@s/n`)).status).toBe(400)
  })
})

describe('pictures', () => {
  it('say the state, for every spelling of a name', async () => {
    for (const spec of ['@s/n@1.0.0', '@s%2fn@1.0.0', '%40s%2Fn%401.0.0']) {
      const { status, headers, svg } = await picture(spec)
      expect([status, headers['content-type']]).toEqual([200, 'image/svg+xml; charset=utf-8'])
      expect(svg).toMatch(/<title>@s\/n@1\.0\.0: verified\. The log has record \d+ of \d{4}-\d\d-\d\d; the registry&#39;s signature was checked\.<\/title>/)
    }
    expect((await picture('@acme/x@1.0.0')).svg).toContain('>recorded, not verified</text>')
    expect((await picture('wavering@1.0.0')).svg).toContain('>withdrawn</text>')
    expect((await picture('wavering@1.1.0')).svg).toContain('>mismatch</text>')
  })

  it('are of the version that is called latest, or say that there is none', async () => {
    expect((await picture('@s/n')).svg).toContain('>@s/n@1.1.0</text>')
    for (const name of ['nobody', '@private/x', '@private/x@1.0.0']) expect((await picture(name)).svg).toContain('>not recorded</text>')
  })

  it('are kept as long as they are likely to stay true, and sent once', async () => {
    const { headers } = await picture('@s/n@1.0.0')
    expect(headers['cache-control']).toBe('public, max-age=3600, stale-while-revalidate=3600')
    const again = await picture('@s/n@1.0.0', { headers: { 'if-none-match': headers.etag! } })
    expect([again.status, again.svg]).toEqual([304, ''])
    expect((await picture('nobody')).headers['cache-control']).toContain('max-age=60,')
    expect((await picture('@s/n@1.0.0', { method: 'HEAD' })).svg).toBe('')
    expect((await picture('@s/n@1.0.0', { method: 'POST' })).status).toBe(405)
  })

  it('say so where the address names nothing, and repeat nothing of it', async () => {
    for (const spec of ['%3Cscript%3Ealert(1)%3C%2Fscript%3E', 'a@1%22%20onload=%22x', '..%2f..%2fetc%2fpasswd', 'name@', '%00', '%ff', 'a'.repeat(3_000)]) {
      const { status, headers, svg } = await picture(spec)
      expect([status, headers['content-type']]).toEqual([400, 'image/svg+xml; charset=utf-8'])
      expect(svg).toContain('>not a package name</text>')
      expect(svg).not.toMatch(/script|onload|passwd|aaaa/)
      expect(headers['content-security-policy']).toMatch(/default-src 'none'.*sandbox/)
    }
    expect((await ask('/badge/pypi/x.svg')).status).toBe(404)
  })

  it('ask nobody and write nothing', async () => {
    const size = (await badges('nobody@1.0.0')).checkpoint.size
    const asked = npm.requests.length
    for (const spec of ['never-seen', 'never-seen@1.0.0', '@s/n', '@s/n@7.0.0']) await picture(spec)
    await badges('never-seen@2.0.0')
    expect(npm.requests.length).toBe(asked)
    expect((await badges('nobody@1.0.0')).checkpoint.size).toBe(size)
  })
})
