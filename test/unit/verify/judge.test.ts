import { beforeEach, describe, expect, it, vi } from 'vitest'
import { parseRecord } from '../../../shared/record/index.ts'
import { RegistryError } from '../../../server/errors.ts'
import { claim, createBench, sha512, summary, upstream, weak, type Bench } from './bench.ts'
import { createMemoryLog } from './memory-log.ts'

let bench: Bench
beforeEach(() => {
  bench = createBench()
})

const records = () => bench.log.texts.map(parseRecord)
const codes = (withheld: ReadonlyMap<string, RegistryError>) =>
  Object.fromEntries([...withheld].map(([version, { code }]) => [version, code]))

describe('a version that is seen for the first time', () => {
  it('is recorded as the registry claims it, in one call for all', async () => {
    const published = '2018-07-04T15:08:58.238Z'
    const { withheld, retryAt } = await bench.judge(upstream(), summary({ '1.0.0': claim('a', { published }), '2.0.0': claim('b') }))
    expect(withheld.size).toBe(0)
    expect(retryAt).toBe(Infinity)
    const about = { kind: 'version', manifest: claim('').manifest, recorded: '2026-01-01T00:00:00.000Z', evidence: 'claimed' }
    expect(records()).toEqual([
      { ...about, subject: { name: 'x', version: '1.0.0' }, integrity: sha512('a'), published },
      { ...about, subject: { name: 'x', version: '2.0.0' }, integrity: sha512('b') },
    ])
    expect(bench.log.calls).toEqual({ versionsOf: 1, record: 1 })
    expect(bench.seen.recorded).toEqual([['claimed', 2]])
  })

  it('carries its authority unless that is the default one', async () => {
    await bench.judge(upstream('other', 'other.example/npm'), summary({ '1.0.0': claim('a') }))
    await bench.judge(upstream(), summary({ '1.0.0': claim('b') }))
    expect(records().map(record => 'subject' in record && record.subject)).toEqual([
      { name: 'x', version: '1.0.0', namespace: 'other.example/npm' }, { name: 'x', version: '1.0.0' },
    ])
  })

  it('is fetched and hashed where the registry gives no sha512', async () => {
    bench.bytes.set(weak('a').integrity, sha512('a'))
    const { withheld, digests } = await bench.judge(upstream(), summary({ '1.0.0': weak('a'), '2.0.0': claim('b') }))
    expect(withheld.size).toBe(0)
    expect([...digests]).toEqual([['1.0.0', sha512('a')]])
    expect(records()).toMatchObject([{ integrity: sha512('a'), evidence: 'fetched' }, { integrity: sha512('b'), evidence: 'claimed' }])
    expect(bench.log.calls.record).toBe(1)
  })

  it('is fetched in the order of what clients want', async () => {
    const versions = Object.fromEntries(['1.0.0', '1.1.0', '1.2.0', '2.0.0'].map(version => [version, weak(version)]))
    await bench.judge(upstream(), summary(versions, { tags: { latest: '1.1.0' } }))
    expect(bench.fetched).toEqual(['1.1.0', '2.0.0', '1.2.0', '1.0.0'])
  })

  it('alone is withheld, for a while, when its bytes do not come', async () => {
    const before = Date.now()
    const { withheld, retryAt } = await bench.judge(upstream(), summary({ '1.0.0': weak('a'), '2.0.0': claim('b') }))
    expect(codes(withheld)).toEqual({ '1.0.0': 'UPSTREAM_UNAVAILABLE' })
    expect(withheld.get('1.0.0')).toMatchObject({ status: 503, retryAfter: 5 })
    expect(withheld.get('1.0.0')!.message).toMatch(/^x@1\.0\.0 is withheld: .*The registry is away\. Try again in a moment\.$/)
    expect(retryAt).toBeGreaterThanOrEqual(before + 5_000)
    expect(retryAt).toBeLessThan(before + 60_000)
    expect(records()).toHaveLength(1)
  })

  it('is withheld for longer, and nobody told to ask again, when the registry has other bytes', async () => {
    bench.bytes.set(weak('a').integrity, new RegistryError('INTEGRITY', 'npm sent other bytes.'))
    const { withheld, retryAt } = await bench.judge(upstream(), summary({ '1.0.0': weak('a') }))
    expect(withheld.get('1.0.0')).toMatchObject({ code: 'INTEGRITY', status: 403, retryAfter: undefined })
    expect(retryAt).toBeGreaterThan(Date.now() + 60_000)
  })
})

describe('a version that is recorded', () => {
  const seen = summary({ '1.0.0': claim('a'), '2.0.0': weak('b') })
  beforeEach(async () => {
    bench.bytes.set(weak('b').integrity, sha512('b'))
    await bench.judge(upstream(), seen)
  })

  it('is recorded once', async () => {
    const { withheld, digests } = await bench.judge(upstream(), seen)
    expect(withheld.size).toBe(0)
    expect([...digests]).toEqual([['2.0.0', sha512('b')]])
    expect(records()).toHaveLength(2)
    expect(bench.log.calls.record).toBe(1)
  })

  it('is not looked up where an earlier verdict speaks for it', async () => {
    const verdict = await bench.judge(upstream(), seen)
    const { versionsOf } = bench.log.calls
    const fetched = bench.fetched.length
    const again = await bench.judge(upstream(), summary({ ...Object.fromEntries(seen.versions) }), { summary: seen, verdict })
    expect(again).toEqual(verdict)
    expect(bench.log.calls.versionsOf).toBe(versionsOf)
    expect(bench.fetched).toHaveLength(fetched)
    // Only for what it saw: not for another digest, nor for a sha512 in place of a weaker one.
    for (const [version, other] of [['1.0.0', claim('z')], ['2.0.0', claim('z')]] as const) {
      const now = summary({ ...Object.fromEntries(seen.versions), [version]: other })
      const { withheld } = await bench.judge(upstream(), now, { summary: seen, verdict })
      expect(codes(withheld)).toEqual({ [version]: 'CONFLICT' })
    }
  })

  it('is withheld with another digest, and the others are not', async () => {
    const { withheld, retryAt } = await bench.judge(upstream(), summary({ '1.0.0': claim('evil'), '2.0.0': weak('b'), '3.0.0': claim('c') }))
    expect(codes(withheld)).toEqual({ '1.0.0': 'CONFLICT' })
    const { message, status } = withheld.get('1.0.0')!
    expect(status).toBe(403)
    for (const part of ['x@1.0.0', sha512('a').slice(0, 20), sha512('evil').slice(0, 20), '2026-01-01T00:00:00.000Z', '"npm" (npm.example)']) {
      expect(message).toContain(part)
    }
    expect(message.length).toBeLessThan(500)
    expect(message).toMatch(/^[\x20-\x7e]+$/)
    expect(retryAt).toBe(Infinity)
    expect(records().at(-1)).toEqual({
      kind: 'conflict', subject: { name: 'x', version: '1.0.0' }, integrity: sha512('a'), other: sha512('evil'), source: 'npm',
      recorded: '2026-01-01T00:00:00.000Z',
    })
  })

  it('is withheld when other bytes stand behind a weaker digest', async () => {
    bench.bytes.set(weak('evil').integrity, sha512('evil'))
    const { withheld, digests } = await bench.judge(upstream(), summary({ '2.0.0': weak('evil') }))
    expect(codes(withheld)).toEqual({ '2.0.0': 'CONFLICT' })
    expect(digests.size).toBe(0)
    expect(bench.incidents[0]!.evidence).toMatchObject({ claimed: { integrity: weak('evil').integrity, sha512: sha512('evil') } })
  })

  it('is withheld for now when nobody can tell which bytes stand behind a new weaker digest', async () => {
    const { withheld, retryAt } = await bench.judge(upstream(), summary({ '2.0.0': weak('unknown') }))
    expect(codes(withheld)).toEqual({ '2.0.0': 'UPSTREAM_UNAVAILABLE' })
    expect(retryAt).toBeLessThan(Infinity)
  })
})

describe('a conflict', () => {
  const conflicting = summary({ '1.0.0': claim('evil') })
  beforeEach(async () => {
    await bench.judge(upstream(), summary({ '1.0.0': claim('a') }))
  })

  it('is one incident with both claims, and one record, however often it is seen', async () => {
    await Promise.all(Array.from({ length: 20 }, () => bench.judge(upstream(), conflicting)))
    await bench.judge(upstream(), conflicting)
    // After a restart nothing of it is remembered.
    await createBench({ log: bench.log }).judge(upstream(), conflicting)
    expect(records().filter(({ kind }) => kind === 'conflict')).toHaveLength(1)
    expect(bench.incidents).toEqual([{
      kind: 'conflict', cause: `pkg:npm/x@1.0.0 ${sha512('evil')} npm`, subject: 'pkg:npm/x@1.0.0', source: 'npm', record: 1,
      isPrivate: false, sentence: expect.stringContaining('is withheld'),
      evidence: {
        recorded: { index: 0, text: bench.log.texts[0] },
        claimed: {
          integrity: sha512('evil'), sha512: sha512('evil'), manifest: claim('').manifest, published: undefined,
          tarball: claim('evil').tarball, signatures: [],
        },
        asked: { source: 'npm', registry: 'https://npm.example/', at: expect.stringMatching(/Z$/) },
      },
    }])
  })

  it('with yet another digest is another one', async () => {
    await bench.judge(upstream(), conflicting)
    await bench.judge(upstream(), summary({ '1.0.0': claim('more evil') }))
    expect(bench.incidents).toHaveLength(2)
    expect(records().filter(({ kind }) => kind === 'conflict')).toHaveLength(2)
  })

  it('is not noted for ever where each look finds yet another digest', async () => {
    for (let n = 0; n < 50; n++) {
      const { withheld } = await bench.judge(upstream(), summary({ '1.0.0': claim(`repacked ${n}`) }))
      expect(codes(withheld)).toEqual({ '1.0.0': 'CONFLICT' })
    }
    expect(bench.incidents).toHaveLength(10)
    expect(records()).toHaveLength(11)
  })

  it('is over when the registry gives the recorded digest again', async () => {
    const verdict = await bench.judge(upstream(), conflicting)
    const { withheld } = await bench.judge(upstream(), summary({ '1.0.0': claim('a') }), { summary: conflicting, verdict })
    expect(withheld.size).toBe(0)
  })

  it('is counted when it is found, not each time it is looked at', async () => {
    const verdict = await bench.judge(upstream(), conflicting)
    await bench.judge(upstream(), conflicting, { summary: conflicting, verdict })
    expect(bench.seen.withheld).toEqual([['CONFLICT', 1]])
  })

  it('that cannot be noted withholds all the same, and is noted later', async () => {
    bench.log.failure = new RegistryError('LOG_UNAVAILABLE', 'The log is busy.')
    const { withheld, retryAt } = await bench.judge(upstream(), conflicting)
    expect(codes(withheld)).toEqual({ '1.0.0': 'CONFLICT' })
    expect(retryAt).toBeLessThan(Date.now() + 60_000)
    expect(bench.incidents).toEqual([])
    bench.log.failure = undefined
    expect((await bench.judge(upstream(), conflicting)).retryAt).toBe(Infinity)
    expect(bench.incidents).toHaveLength(1)
  })

  it('is found too when somebody else was faster to record', async () => {
    const log = createMemoryLog()
    const racing = createBench({ log })
    const { versionsOf } = log
    vi.spyOn(log, 'versionsOf').mockImplementation(async (subject) => {
      const found = await versionsOf(subject)
      await log.record([{ kind: 'version', subject: { name: 'x', version: '1.0.0' }, integrity: sha512('first'), manifest: claim('').manifest, evidence: 'claimed' }])
      return found
    })
    const { withheld } = await racing.judge(upstream(), summary({ '1.0.0': claim('second') }))
    expect(codes(withheld)).toEqual({ '1.0.0': 'CONFLICT' })
    expect(racing.incidents).toHaveLength(1)
    expect(racing.seen.recorded).toEqual([])
  })
})

describe('a log that cannot take records', () => {
  const known = { '1.0.0': claim('a') }
  const more = { ...known, '2.0.0': claim('b'), '3.0.0': weak('c') }
  beforeEach(async () => {
    await bench.judge(upstream(), summary(known))
  })

  it.each<[what: string, close: () => void]>([
    ['that says so', () => { bench.log.state = { state: 'read-only', reason: 'The database is another one.' } }],
    ['that notices', () => { bench.log.failure = new RegistryError('LOG_UNAVAILABLE', 'The log is busy.', { retryAfter: 1 }) }],
  ])('%s has what is recorded served, and the rest withheld for now', async (_, close) => {
    bench.bytes.set(weak('c').integrity, sha512('c'))
    close()
    const verdict = await bench.judge(upstream(), summary(more))
    expect(codes(verdict.withheld)).toEqual({ '2.0.0': 'LOG_UNAVAILABLE', '3.0.0': 'LOG_UNAVAILABLE' })
    expect(verdict.failure).toMatchObject({ status: 503, message: expect.stringMatching(/^Versions of x that are not recorded yet .*The (?:log|database)/) })
    expect(verdict.withheld.get('2.0.0')!.retryAfter).toBeGreaterThan(0)
    expect(verdict.retryAt).toBeLessThan(Date.now() + 60_000)
    Object.assign(bench.log, { state: { state: 'ok' }, failure: undefined })
    const later = await bench.judge(upstream(), summary(more), { summary: summary(more), verdict })
    expect(later.withheld.size).toBe(0)
    expect(later.failure).toBeUndefined()
    expect(records()).toHaveLength(3)
  })

  it('fetches nothing that it could not record', async () => {
    bench.log.state = { state: 'recovering' }
    await bench.judge(upstream(), summary(more))
    expect(bench.fetched).toEqual([])
    expect(bench.log.calls.record).toBe(1)
  })

  it('has nothing served if it cannot be read either', async () => {
    bench.log.failure = new Error('disk I/O error')
    await expect(bench.judge(upstream(), summary(known))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', retryAfter: 5 })
    expect(bench.seen.trouble).toEqual(['reading what is recorded'])
  })
})
