import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RegistryError } from '../../../server/errors.ts'
import { createDigests } from '../../../server/verify/digests.ts'
import type { Source } from '../../../server/tarball/index.ts'
import { sha512, upstream, weak } from './bench.ts'

type Fetch = Parameters<typeof createDigests>[0]['downloads']['fetch']

/** Downloads that do what the test says. */
function digests(done: (integrity: string, what: string) => Promise<{ size: number, integrity: string }>) {
  const sources: Source[] = []
  const fetch = (integrity: string, from: readonly Source[], what: string) => {
    sources.push(...from)
    return { done: done(integrity, what) }
  }
  return { sources, find: createDigests({ downloads: { fetch: fetch as Fetch, drain: async () => {} }, trouble: () => {} }).find }
}
const many = (count: number) => Array.from({ length: count }, (_, n) => ({ version: `1.${n}.0`, summary: weak(String(n)) }))

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('finding digests', () => {
  it('takes the bytes from the authority alone: a weak digest must not let a mirror choose them', async () => {
    const { find, sources } = digests(async () => ({ size: 1, integrity: sha512('a') }))
    expect(await find('x', many(1), upstream())).toEqual(new Map([['1.0.0', sha512('a')]]))
    expect(sources.map(({ name }) => name)).toEqual(['npm'])
  })

  it('asks for eight at a time', async () => {
    let running = 0
    let most = 0
    const { find } = digests(async () => {
      most = Math.max(most, ++running)
      await new Promise(resolve => setTimeout(resolve, 10))
      running--
      return { size: 1, integrity: sha512('a') }
    })
    const finding = find('x', many(50), upstream())
    await vi.advanceTimersByTimeAsync(1_000)
    expect((await finding).size).toBe(50)
    expect(most).toBe(8)
  })

  it('tells of each version why there is none', async () => {
    const { find } = digests(async (_, what) => {
      if (what === 'x@1.1.0') throw new RegistryError('INTEGRITY', 'other bytes')
      if (what === 'x@1.2.0') throw new Error('disk full')
      return { size: 1, integrity: sha512(what) }
    })
    const found = await find('x', many(3), upstream())
    expect([...found]).toEqual([
      ['1.0.0', sha512('x@1.0.0')],
      ['1.1.0', expect.objectContaining({ code: 'INTEGRITY' })],
      ['1.2.0', expect.objectContaining({ code: 'INTERNAL', message: 'disk full' })],
    ])
  })

  it('ends after ten seconds, whatever is still on its way, and begins nothing after that', async () => {
    const begun: string[] = []
    const { find } = digests(async (_, what) => {
      begun.push(what)
      if (what === 'x@1.0.0') return { size: 1, integrity: sha512('a') }
      return new Promise(resolve => setTimeout(resolve, 15_000, { size: 1, integrity: sha512('late') }))
    })
    const finding = find('x', many(20), upstream())
    await vi.advanceTimersByTimeAsync(10_000)
    const found = await finding
    expect(found.get('1.0.0')).toBe(sha512('a'))
    expect([...found.values()].filter(digest => digest instanceof RegistryError && digest.code === 'UPSTREAM_UNAVAILABLE')).toHaveLength(19)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(begun).toHaveLength(9)
  })
})
