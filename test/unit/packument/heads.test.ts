import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RegistryError } from '../../../server/errors.ts'
import { createHeads } from '../../../server/packument/heads.ts'
import type { Judgement } from '../../../server/packument/judgement.ts'
import type { Known } from '../../../server/packument/judging.ts'
import type { Learner, Learnt } from '../../../server/packument/learn.ts'
import { createMirrors } from '../../../server/packument/mirrors.ts'
import type { Snapshot } from '../../../server/packument/snapshots.ts'
import type { Upstream } from '../../../server/registry/index.ts'

const upstream = (id: string): Upstream => ({ registry: { id, url: `https://${id}.example/`, namespace: `${id}.example` } }) as Upstream
const npm = upstream('npm')
const AWAY = new RegistryError('UPSTREAM_UNAVAILABLE', 'away')
const judgement = (): Judgement => ({ verdict: { withheld: new Map(), digests: new Map(), retryAt: Infinity }, state: 's', retryAt: Infinity })
const snapshotOf = (registry: string): Snapshot => ({ name: 'x', registry: `https://${registry}.example/`, id: registry, size: 1, checkedAt: Date.now() })

/** What each registry says when it is asked: whether it has the package, or how it fails. */
type Says = 'has' | 'has not' | RegistryError

function setUp({ fresh = 60_000, staleIfError = 3_600_000, mirrors = ['m1', 'm2'] } = {}) {
  const says: Record<string, Says> = { npm: 'has', m1: 'has', m2: 'has' }
  const asked: string[] = []
  const known: (string | undefined)[] = []
  const reviewed: string[] = []
  const gone: string[] = []
  const trouble: string[] = []
  const served: string[] = []
  const disk = new Map<string, Snapshot>()
  const learner: Learner = {
    recall: async (_, { registry }) => disk.get(registry.url),
    async ask(_, { registry }, before?: Known): Promise<Learnt | undefined> {
      asked.push(registry.id)
      known.push(before?.snapshot.id)
      const answer = says[registry.id]!
      if (answer instanceof RegistryError) throw answer
      if (answer === 'has not') return undefined
      const snapshot = snapshotOf(registry.id)
      disk.set(registry.url, snapshot)
      return { snapshot, judgement: judgement(), via: 'fetched' }
    },
    async review(_, { registry }) {
      reviewed.push(registry.id)
      return judgement()
    },
    open: () => Promise.reject(new Error('unused')),
    written: async () => {},
  }
  const observer = {
    served: (tier: string) => served.push(tier),
    trouble: (what: string) => trouble.push(what),
    joined() {},
    dropped() {},
  }
  const heads = createHeads({
    cache: { fresh, staleWhileRevalidate: 0, staleIfError, negative: 30_000 } as Parameters<typeof createHeads>[0]['cache'],
    learner, observer,
    mirrors: createMirrors({ learner, staleIfError, observer, mirrorsOf: () => mirrors.map(upstream) }),
    gone: async name => void gone.push(name),
  })
  return { heads, says, asked, known, reviewed, gone, trouble, served, disk }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('while an authority cannot be asked', () => {
  it.each([
    ['is away', AWAY], ['answers with something else', new RegistryError('UPSTREAM_INVALID', 'html')],
    ['answers with too much', new RegistryError('UPSTREAM_TOO_LARGE', 'large')],
  ])('because it %s, the first mirror that has the package stands in', async (_, error) => {
    const { heads, says, asked, served } = setUp()
    Object.assign(says, { npm: error, m1: 'has not' })
    expect(await heads.get('x', npm)).toMatchObject({ via: 'mirror', stale: error, snapshot: { registry: 'https://m2.example/' } })
    expect(asked).toEqual(['npm', 'm1', 'm2'])
    expect(served).toEqual(['mirror'])
  })

  it.each([
    ['it refuses', new RegistryError('UPSTREAM_REFUSED', 'no')], ['the log cannot be read', new RegistryError('LOG_UNAVAILABLE', 'closed')],
    ['we asked ourselves', new RegistryError('LOOP_DETECTED', 'loop')], ['we failed', new RegistryError('INTERNAL', 'memory')],
  ])('no mirror is asked when %s', async (_, error) => {
    const { heads, says, asked } = setUp()
    says.npm = error
    await expect(heads.get('x', npm)).rejects.toBe(error)
    expect(asked).toEqual(['npm'])
  })

  it('its error is the answer if no mirror has one', async () => {
    const { heads, says, trouble } = setUp()
    Object.assign(says, { npm: AWAY, m1: new RegistryError('UPSTREAM_INVALID', 'html'), m2: 'has not' })
    await expect(heads.get('x', npm)).rejects.toBe(AWAY)
    expect(trouble).toEqual(['asking mirror "m1"'])
  })

  it('its own state goes before a mirror\'s, as long as it is young enough', async () => {
    const { heads, says, asked } = setUp()
    await heads.get('x', npm)
    says.npm = AWAY
    vi.setSystemTime(Date.now() + 3_599_000)
    expect(await heads.get('x', npm)).toMatchObject({ via: 'stale', snapshot: { id: 'npm' } })
    expect(asked).toEqual(['npm', 'npm'])
    vi.setSystemTime(Date.now() + 6_000)
    expect(await heads.get('x', npm)).toMatchObject({ via: 'mirror', snapshot: { id: 'm1' } })
  })

  it('it is asked again after a few seconds, never with what a mirror said', async () => {
    const { heads, says, asked, known, served } = setUp()
    says.npm = AWAY
    await heads.get('x', npm)
    vi.setSystemTime(Date.now() + 4_000)
    expect(heads.get('x', npm)).toMatchObject({ via: 'mirror' })
    expect(asked).toEqual(['npm', 'm1'])
    says.npm = 'has'
    vi.setSystemTime(Date.now() + 2_000)
    const head = await heads.get('x', npm)
    expect(head).toMatchObject({ via: 'fetched', snapshot: { id: 'npm' } })
    expect(head.stale).toBeUndefined()
    expect(known).toEqual([undefined, undefined, undefined])
    expect(served).toEqual(['mirror', 'mirror', 'fetched'])
  })

  it('a mirror\'s state stands while that mirror is away too, and is reviewed as a mirror\'s', async () => {
    const { heads, says, known, reviewed } = setUp({ mirrors: ['m1'] })
    says.npm = AWAY
    await heads.get('x', npm)
    says.m1 = AWAY
    vi.setSystemTime(Date.now() + 60_000)
    expect(await heads.get('x', npm)).toMatchObject({ via: 'mirror', snapshot: { id: 'm1' } })
    expect(known.at(-1)).toBe('m1')
    expect(reviewed).toEqual(['m1'])
    vi.setSystemTime(Date.now() + 3_600_000)
    await expect(heads.get('x', npm)).rejects.toBe(AWAY)
  })

  it('a mirror\'s state does not stand when that mirror now says something else', async () => {
    const { heads, says } = setUp({ mirrors: ['m1'] })
    says.npm = AWAY
    await heads.get('x', npm)
    says.m1 = new RegistryError('UPSTREAM_INVALID', 'contradicts the log')
    vi.setSystemTime(Date.now() + 60_000)
    await expect(heads.get('x', npm)).rejects.toBe(AWAY)
  })
})

describe('an authority that says that it has no such package', () => {
  it('is believed, and that is told once for each time that it was asked', async () => {
    const { heads, says, asked, gone } = setUp()
    await heads.get('x', npm)
    says.npm = 'has not'
    vi.setSystemTime(Date.now() + 61_000)
    await expect(heads.get('x', npm)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(() => heads.get('x', npm)).toThrow('x is not in registry')
    expect(gone).toEqual(['x'])
    vi.setSystemTime(Date.now() + 31_000)
    await expect(heads.get('x', npm)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(gone).toEqual(['x', 'x'])
    expect(asked).toEqual(['npm', 'npm', 'npm'])
  })
})

describe('while what was withheld is looked at again', () => {
  it('a look for news that began before and ends later does not undo it', async () => {
    const { promise: news, resolve: arrive } = Promise.withResolvers<undefined>()
    const withheld = { ...judgement(), state: 'withheld', retryAt: 0 }
    const mended = { ...judgement(), state: 'mended' }
    const snapshot = snapshotOf('npm')
    let asked = 0
    const learner = {
      recall: async () => undefined,
      async ask(_: string, __: Upstream, known?: Known): Promise<Learnt> {
        if (++asked === 2) await news
        return { snapshot, judgement: known?.judgement ?? withheld, via: asked === 1 ? 'fetched' : 'revalidated' }
      },
      review: async () => mended,
    } as unknown as Learner
    const observer = { served() {}, trouble() {}, joined() {}, dropped() {} }
    const heads = createHeads({
      cache: { fresh: 0, staleWhileRevalidate: 0, staleIfError: 0, negative: 0 } as Parameters<typeof createHeads>[0]['cache'],
      learner, observer, gone: async () => {},
      mirrors: createMirrors({ learner, staleIfError: 0, observer, mirrorsOf: () => [] }),
    })
    expect((await heads.get('x', npm)).judgement.state).toBe('withheld')
    // Both begin with this one; the look for news ends last.
    const second = heads.get('x', npm)
    await vi.advanceTimersByTimeAsync(1)
    arrive(undefined)
    expect((await second).judgement.state).toBe('mended')
    expect((await heads.get('x', npm)).judgement.state).toBe('mended')
  })
})
