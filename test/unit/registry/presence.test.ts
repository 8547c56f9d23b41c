import { expect, it, vi } from 'vitest'
import type { RegistryConfig } from '../../../server/config/types.ts'
import { RegistryError } from '../../../server/errors.ts'
import { createPresence, type Upstream } from '../../../server/registry/index.ts'

type Answer = { status: number, headers?: Record<string, string> } | Error

const near = { id: 'near', url: 'https://near.example/' } as RegistryConfig
const far = { id: 'far', url: 'https://far.example/' } as RegistryConfig

function bench() {
  const time = { now: 0 }
  const asked: string[] = []
  const trouble = vi.fn<() => void>()
  let answer: () => Answer | Promise<Answer> = () => ({ status: 200 })
  const presence = createPresence({
    clock: () => time.now, trouble,
    urlOf: (registry, name, version) => `${registry.url}${name}-${version}.tgz`,
    upstream: registry => ({
      registry,
      async request({ url, method, signal }: { url: string, method: string, signal: AbortSignal }) {
        asked.push(`${method} ${url}`)
        expect(signal).toBeInstanceOf(AbortSignal)
        const given = await answer()
        if (given instanceof Error) throw given
        return { headers: {}, ...given, body: { dump: async () => {} }, latency: 1 }
      },
    }) as unknown as Upstream,
  })
  return { presence, time, asked, trouble, answers: (next: typeof answer) => void (answer = next) }
}

it('is asked by HEAD, once for everybody, and then known for a day', async () => {
  const { presence, time, asked } = bench()
  expect(presence.known(near, 'x', '1.0.0')).toBeUndefined()
  expect(await Promise.all(Array.from({ length: 20 }, () => presence.ask(near, 'x', '1.0.0')))).toEqual(Array.from({ length: 20 }, () => true))
  expect(asked).toEqual(['HEAD https://near.example/x-1.0.0.tgz'])
  time.now = 24 * 60 * 60_000 - 1
  expect(presence.known(near, 'x', '1.0.0')).toBe(true)
  time.now += 1
  expect(presence.known(near, 'x', '1.0.0')).toBeUndefined()
})

it('is known for each source, name and version', async () => {
  const { presence } = bench()
  await presence.ask(near, 'x', '1.0.0')
  for (const [registry, name, version] of [[far, 'x', '1.0.0'], [near, 'y', '1.0.0'], [near, 'x', '1.0.1']] as const) {
    expect(presence.known(registry, name, version)).toBeUndefined()
  }
})

it.each([
  ['404', { status: 404 }, 5 * 60_000],
  ['403', { status: 403 }, 5 * 60_000],
  ['a page instead of a tarball', { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } }, 5 * 60_000],
  ['429', { status: 429 }, 5_000],
  ['500', { status: 500 }, 5_000],
  ['an outage', new RegistryError('UPSTREAM_UNAVAILABLE', 'It cannot be reached.'), 5_000],
])('is denied for a while after %s', async (_, answer, time) => {
  const bed = bench()
  bed.answers(() => answer)
  expect(await bed.presence.ask(near, 'x', '1.0.0')).toBe(false)
  bed.time.now = time - 1
  expect(bed.presence.known(near, 'x', '1.0.0')).toBe(false)
  bed.time.now = time
  expect(bed.presence.known(near, 'x', '1.0.0')).toBeUndefined()
  expect(bed.trouble).not.toHaveBeenCalled()
})

it('is not lost by an outage, but by a 404', async () => {
  const { presence, answers } = bench()
  await presence.ask(near, 'x', '1.0.0')
  answers(() => ({ status: 503 }))
  expect(await presence.ask(near, 'x', '1.0.0')).toBe(true)
  answers(() => ({ status: 404 }))
  expect(await presence.ask(near, 'x', '1.0.0')).toBe(false)
})

it('is denied, and the failure reported, when it is ours', async () => {
  const { presence, answers, trouble } = bench()
  answers(() => new TypeError('a mistake'))
  expect(await presence.ask(near, 'x', '1.0.0')).toBe(false)
  expect(trouble).toHaveBeenCalledOnce()
})
