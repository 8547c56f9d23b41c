import { beforeEach, describe, expect, it } from 'vitest'
import { parseRecord, type RecordDraft } from '../../../shared/record/index.ts'
import { RegistryError } from '../../../server/errors.ts'
import type { IncidentReport } from '../../../server/incidents/index.ts'
import type { Summary, VersionSummary } from '../../../server/packument/index.ts'
import { createBackdatedRule } from '../../../server/verify/backdated.ts'
import { createTagsChronicle, recordableTags } from '../../../server/verify/tags.ts'
import type { Look } from '../../../server/verify/types.ts'
import { createWithdrawals } from '../../../server/verify/withdrawn.ts'
import { claim, createBench, sha512, summary, upstream } from './bench.ts'
import { createMemoryLog, type MemoryLog } from './memory-log.ts'

let now: number
let log: MemoryLog
let reports: IncidentReport[]
let failure: Error | undefined
const incidents = {
  async report(all: readonly IncidentReport[]) {
    if (failure) throw failure
    reports.push(...all)
    return new Set<string>()
  },
}
beforeEach(() => {
  now = Date.now() - 3_600_000
  log = createMemoryLog(() => now)
  reports = []
  failure = undefined
})

const texts = (kind: string) => log.texts.filter(text => text.startsWith(`${kind} `)).map(text => text.replace(/\nrecorded .*/s, ''))
const versions = (...all: string[]) =>
  Object.fromEntries(all.map((version): [string, VersionSummary] => [version, claim(version)]))

describe('withdrawn versions', () => {
  const judging = () => {
    const withdrawals = createWithdrawals({ log, routes: { isPrivate: name => name.startsWith('@private/') } })
    return { withdrawals, ...createBench({ log, chronicles: [withdrawals.chronicle] }) }
  }

  it('are those that were recorded and are no longer listed, each of them once', async () => {
    const { judge } = judging()
    await judge(upstream(), summary(versions('1.0.0', '1.1.0', '2.0.0')))
    expect(texts('withdrawn')).toEqual([])
    await judge(upstream(), { ...summary(versions('2.0.0')), unusable: ['1.1.0'] })
    expect(texts('withdrawn')).toEqual(['withdrawn pkg:npm/x@1.0.0'])
    await judge(upstream(), summary(versions('2.0.0')))
    await judging().judge(upstream(), summary(versions('1.0.0', '2.0.0')))
    await judging().judge(upstream(), summary(versions('2.0.0')))
    expect(texts('withdrawn')).toEqual(['withdrawn pkg:npm/x@1.0.0', 'withdrawn pkg:npm/x@1.1.0'])
  })

  it('are all of a package that is gone, in its own authority only', async () => {
    const { judge, withdrawals } = judging()
    await judge(upstream(), summary(versions('1.0.0', '2.0.0')))
    await judge(upstream('other', 'other.example'), summary(versions('1.0.0')))
    await withdrawals.gone('x', upstream())
    const { record } = log.calls
    await withdrawals.gone('x', upstream())
    await withdrawals.gone('never-seen', upstream())
    expect(log.calls.record).toBe(record)
    expect(texts('withdrawn')).toEqual(['withdrawn pkg:npm/x@1.0.0', 'withdrawn pkg:npm/x@2.0.0'])
  })

  it('of private names are nobody else\'s business', async () => {
    await log.record([{ kind: 'version', subject: { name: '@private/x', version: '1.0.0' }, integrity: sha512('a'), manifest: claim('').manifest, evidence: 'claimed' }])
    await judging().withdrawals.gone('@private/x', upstream())
    expect(texts('withdrawn')).toEqual([])
  })

  it('are recorded later where the log takes no records now', async () => {
    const { judge } = judging()
    const all = summary(versions('1.0.0', '2.0.0'))
    const verdict = await judge(upstream(), all)
    const rest = summary(versions('2.0.0'))
    const obstacles: Partial<MemoryLog>[] = [{ state: { state: 'recovering' } }, { failure: new RegistryError('LOG_UNAVAILABLE', 'busy') }]
    let open = verdict
    for (const obstacle of obstacles) {
      Object.assign(log, obstacle)
      open = await judge(upstream(), rest, { summary: all, verdict })
      Object.assign(log, { state: { state: 'ok' }, failure: undefined })
      expect(open.withheld.size).toBe(0)
      expect(open).toMatchObject({ due: true })
      expect(open.failure).toBeUndefined()
      expect(open.retryAt).toBeLessThan(Infinity)
      expect(texts('withdrawn')).toEqual([])
    }
    // Nothing moved since, and yet it is looked at.
    const settled = await judge(upstream(), rest, { summary: rest, verdict: open })
    expect(settled.due).toBeUndefined()
    expect(texts('withdrawn')).toEqual(['withdrawn pkg:npm/x@1.0.0'])
  })
})

describe('tags', () => {
  const setUp = () => createBench({ log, chronicles: [createTagsChronicle({ log, incidents })] })
  const at = (tags: Record<string, string>, ...all: string[]): Summary => summary(versions('1.0.0', '2.0.0', ...all), { tags })

  it('are recorded at first sight and whenever they differ, in the judge\'s one call', async () => {
    const { judge } = setUp()
    await judge(upstream(), at({ latest: '2.0.0', next: '1.0.0' }))
    expect(log.calls.record).toBe(1)
    expect(texts('tags')).toEqual(['tags pkg:npm/x\ntag latest 2.0.0\ntag next 1.0.0'])
    await judge(upstream(), at({ next: '1.0.0', latest: '2.0.0' }))
    await judge(upstream(), at({ latest: '2.0.0' }))
    expect(texts('tags')).toHaveLength(2)
    expect(texts('tags').at(-1)).toBe('tags pkg:npm/x\ntag latest 2.0.0')
  })

  it('that flip do not fill the log: one record in a minute, and the next look catches up', async () => {
    const { judge } = setUp()
    await judge(upstream(), at({ latest: '1.0.0' }))
    now = Date.now()
    await judge(upstream(), at({ latest: '2.0.0' }))
    let before: Parameters<typeof judge>[2]
    for (const latest of ['1.0.0', '2.0.0', '1.0.0']) {
      const current = at({ latest })
      before = { summary: current, verdict: await judge(upstream(), current, before) }
    }
    expect(texts('tags')).toHaveLength(2)
    expect(before!.verdict).toMatchObject({ due: true })
    expect(before!.verdict.retryAt).toBeLessThanOrEqual(Date.now() + 60_000)
    // A minute later, although nothing moved.
    log.texts[log.texts.length - 1] = log.texts.at(-1)!.replace(/recorded .*/, `recorded ${new Date(now - 61_000).toISOString()}`)
    const settled = await judge(upstream(), before!.summary, before)
    expect(texts('tags').at(-1)).toBe('tags pkg:npm/x\ntag latest 1.0.0')
    expect(settled.retryAt).toBe(Infinity)
  })

  it('with latest moved back are an incident, once for each move', async () => {
    const { judge } = setUp()
    await judge(upstream(), at({ latest: '2.0.0' }))
    await judge(upstream(), at({ latest: '1.0.0' }))
    expect(reports).toMatchObject([{
      kind: 'tag-moved-back', cause: 'tag-moved-back pkg:npm/x 2.0.0 1.0.0 npm', subject: 'pkg:npm/x', source: 'npm',
      sentence: expect.stringContaining('back from 2.0.0 to 1.0.0'),
      evidence: { recorded: { index: 2, text: expect.stringMatching(/^tags pkg:npm\/x\ntag latest 2.0.0\n/) }, details: { from: '2.0.0', to: '1.0.0' } },
    }])
  })

  it.each<[what: string, from: Summary, to: Summary]>([
    ['forward', at({ latest: '1.0.0' }), at({ latest: '2.0.0' })],
    ['back from a version that is gone', at({ latest: '3.0.0' }, '3.0.0'), at({ latest: '2.0.0' })],
    ['back by another name', at({ latest: '1.0.0', next: '2.0.0' }), at({ latest: '1.0.0', next: '1.0.0' })],
    ['back by our choice', at({ latest: '2.0.0' }), { ...at({ latest: '1.0.0' }), isLatestOurs: true }],
  ])('moved %s are none', async (_, from, to) => {
    const { judge } = setUp()
    await judge(upstream(), from)
    await judge(upstream(), to)
    expect(texts('tags')).toHaveLength(2)
    expect(reports).toEqual([])
  })

  it('moved back are not recorded before the incident is', async () => {
    const { judge, seen } = setUp()
    const [from, to] = [at({ latest: '2.0.0' }), at({ latest: '1.0.0' })]
    await judge(upstream(), from)
    failure = new Error('disk I/O error')
    const verdict = await judge(upstream(), to)
    expect(verdict).toMatchObject({ due: true })
    expect(verdict.withheld.size).toBe(0)
    expect(texts('tags')).toHaveLength(1)
    expect(seen.trouble).toEqual(['looking for what else is to be recorded'])
    failure = undefined
    await judge(upstream(), to, { summary: to, verdict })
    expect(reports).toHaveLength(1)
    expect(texts('tags')).toHaveLength(2)
  })

  it('are left out where no record can hold them', async () => {
    const tags: Record<string, string> = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`branch-${n}`, '1.0.0']))
    Object.assign(tags, { 'latest': '2.0.0', 'a b': '1.0.0', '\uD800': '1.0.0' })
    const found = recordableTags({ name: 'x' }, { tags })
    expect(found[0]).toEqual({ name: 'latest', version: '2.0.0' })
    expect(found.some(({ name }) => name === '\uD800')).toBe(false)
    expect(found.length).toBeLessThan(5_000)
    const { judge } = setUp()
    await judge(upstream(), summary(versions('1.0.0', '2.0.0'), { tags }))
    const record = log.texts.map(parseRecord).find(({ kind }) => kind === 'tags')
    expect(record).toMatchObject({ kind: 'tags' })
    expect(log.texts.at(-1)!.length).toBeGreaterThan(65_000)
    // The same next time.
    await judge(upstream(), summary(versions('1.0.0', '2.0.0'), { tags }))
    expect(texts('tags')).toHaveLength(1)
  })
})

describe('a version that claims to be older than the last look', () => {
  const T = Date.parse('2026-05-01T12:00:00.000Z')
  const published = (minutes: number) => claim('b', { published: new Date(T + minutes * 60_000).toISOString() })
  const before = { summary: summary({ '1.0.0': claim('a') }), verdict: { withheld: new Map(), digests: new Map(), retryAt: Infinity }, checkedAt: T }
  const look = (version: string, found: VersionSummary, more: Partial<Look> = {}): Look => {
    const all = summary({ '1.0.0': claim('a'), [version]: found })
    return { name: 'x', subject: { name: 'x' }, isPrivate: false, upstream: upstream(), summary: all, open: new Map([[version, found]]), standing: new Map(), before, ...more }
  }
  const rule = createBackdatedRule({ incidents, observer: { trouble() {} } })

  it('is an incident with both times, and served', async () => {
    expect([...await rule(look('2.0.0', published(-11)))]).toEqual([])
    expect(reports).toMatchObject([{
      kind: 'backdated', cause: 'backdated pkg:npm/x@2.0.0 npm', subject: 'pkg:npm/x@2.0.0',
      evidence: { details: { published: '2026-05-01T11:49:00.000Z', lastLook: '2026-05-01T12:00:00.000Z' } },
    }])
  })

  it.each<[what: string, look: Look]>([
    ['a few minutes older', look('2.0.0', published(-9))],
    ['younger', look('2.0.0', published(1))],
    ['of no age', look('2.0.0', claim('b'))],
    ['one that was there', look('1.0.0', published(-1_000))],
    ['one that could not be used', look('2.0.0', published(-11), { before: { ...before, summary: { ...before.summary, unusable: ['2.0.0'] } } })],
    ['at the first look', look('2.0.0', published(-11), { before: undefined })],
    ['when it is not known when the last look was', look('2.0.0', published(-11), { before: { ...before, checkedAt: undefined } })],
  ])('is none: %s', async (_, about) => {
    await rule(about)
    expect(reports).toEqual([])
  })

  it('is none if it was recorded before that look, went and came back', async () => {
    const draft: RecordDraft = { kind: 'version', subject: { name: 'x', version: '2.0.0' }, integrity: sha512('b'), manifest: claim('').manifest, evidence: 'claimed' }
    now = T - 86_400_000
    await log.record([draft])
    await rule(look('2.0.0', published(-2_000), { standing: await log.versionsOf({ name: 'x' }) }))
    expect(reports).toEqual([])
  })

  it('by the thousand is reported a hundred times', async () => {
    const open = new Map(Array.from({ length: 1_000 }, (_, n) => [`2.0.${n}`, published(-20)]))
    await rule(look('2.0.0', published(-20), { open }))
    expect(reports).toHaveLength(100)
  })

  it('is served also if nobody can note it', async () => {
    failure = new Error('disk I/O error')
    expect((await rule(look('2.0.0', published(-11)))).size).toBe(0)
  })
})
