import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RegistryError } from '../../../server/errors.ts'
import type { Document } from '../../../server/packument/document.ts'
import { createJudging, type Known, type Summaries } from '../../../server/packument/judging.ts'
import type { Judge, Summary, Verdict } from '../../../server/packument/types.ts'
import type { Upstream } from '../../../server/registry/index.ts'

const CLEAN: Verdict = { withheld: new Map(), digests: new Map(), retryAt: Infinity }
const upstream = (id: string) => ({ registry: { id } }) as Upstream
const known = (id: string, more?: Partial<Known>): Known => ({ snapshot: { name: 'x', registry: 'https://npm.example/', id, size: 2, checkedAt: 0 }, ...more })
const summaryOf = (name: string): Summary => ({ name, tags: {}, versions: new Map(), unusable: [] })

function setUp(judge: Judge) {
  const offered: string[] = []
  const kept = new Map<string, Summary>()
  const summaries: Summaries = { get: id => kept.get(id), set: (id, summary) => void kept.set(id, summary) }
  const judging = createJudging({ judge, summaries, leases: { offer: id => offered.push(id), use: () => Promise.reject(new Error('unused')) } })
  return { judging, offered, kept }
}
function document(id: string) {
  const close = vi.fn<() => void>()
  const value: Document = { id, size: 2, summary: summaryOf('x'), dropped: [], render: () => Promise.reject(new Error('unused')), close }
  return { value, close }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a document that is judged', () => {
  it('is offered to whoever renders it next', async () => {
    const { judging, offered, kept } = setUp(async () => CLEAN)
    const { value, close } = document('a')
    expect(await judging.document(value, upstream('npm'))).toMatchObject({ state: 'a' })
    vi.advanceTimersByTime(60_000)
    expect(close).not.toHaveBeenCalled()
    expect(offered).toEqual(['a'])
    expect(kept.get('a')).toBe(value.summary)
  })

  it('is closed while the verdict takes long: others wait for its place', async () => {
    const verdict = Promise.withResolvers<Verdict>()
    const { judging, offered } = setUp(() => verdict.promise)
    const { value, close } = document('a')
    const judgement = judging.document(value, upstream('npm'))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(close).toHaveBeenCalledOnce()
    verdict.resolve(CLEAN)
    expect(await judgement).toMatchObject({ state: 'a' })
    expect(offered).toEqual([])
    expect(close).toHaveBeenCalledOnce()
  })

  it('is closed when there is no verdict', async () => {
    const { judging, offered } = setUp(() => Promise.reject(new RegistryError('LOG_UNAVAILABLE', 'unreadable')))
    const { value, close } = document('a')
    await expect(judging.document(value, upstream('npm'))).rejects.toThrow('unreadable')
    expect(close).toHaveBeenCalledOnce()
    expect(offered).toEqual([])
  })
})

describe('judging', () => {
  it('happens once at a time for each snapshot of each authority', async () => {
    const judge = vi.fn<Judge>(async () => CLEAN)
    const { judging } = setUp(judge)
    const both = await Promise.all([judging.document(document('a').value, upstream('npm')), judging.document(document('a').value, upstream('npm'))])
    expect(both[0]).toBe(both[1])
    expect(judge).toHaveBeenCalledTimes(1)
    // The same bytes of another authority have a record of their own.
    await Promise.all([judging.document(document('a').value, upstream('npm')), judging.document(document('a').value, upstream('other'))])
    expect(judge).toHaveBeenCalledTimes(3)
  })

  it('knows what was found of the snapshot before', async () => {
    const judge = vi.fn<Judge>(async () => CLEAN)
    const { judging, kept } = setUp(judge)
    kept.set('a', summaryOf('before'))
    const before = known('a', { judgement: { verdict: CLEAN, state: 'a', retryAt: Infinity } })
    await judging.document(document('b').value, upstream('npm'), before)
    expect(judge).toHaveBeenLastCalledWith(expect.anything(), expect.anything(), { summary: kept.get('a'), verdict: CLEAN, checkedAt: 0 })
    // Not of one that was never judged, and not of one whose contents are forgotten.
    for (const unknown of [known('a'), { ...before, snapshot: known('c').snapshot }]) {
      await judging.document(document('b').value, upstream('npm'), unknown)
      expect(judge).toHaveBeenLastCalledWith(expect.anything(), expect.anything(), undefined)
    }
  })

  it('again needs the contents of the snapshot', async () => {
    const { judging, kept } = setUp(async () => CLEAN)
    expect(judging.known(known('a'), upstream('npm'))).toBeUndefined()
    kept.set('a', summaryOf('x'))
    expect(await judging.known(known('a'), upstream('npm'))).toMatchObject({ state: 'a' })
  })
})
