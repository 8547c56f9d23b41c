import { beforeEach, describe, expect, it } from 'vitest'
import { parseRecord } from '../../../shared/record/index.ts'
import type { RegistryConfig } from '../../../server/config/types.ts'
import { openDatabase } from '../../../server/database/index.ts'
import { RegistryError } from '../../../server/errors.ts'
import type { Summary, VersionSummary } from '../../../server/packument/index.ts'
import type { Upstream } from '../../../server/registry/index.ts'
import { createClaimBook, type Claim, type ClaimBook } from '../../../server/verify/claims.ts'
import { createDisputes } from '../../../server/verify/disputes.ts'
import { createThresholds } from '../../../server/verify/threshold.ts'
import { claim, createBench, sha512, summary, upstream, weak, type Bench } from './bench.ts'

const away = new RegistryError('UPSTREAM_UNAVAILABLE', 'It is away.')
const authority = upstream()
const mirror = (id: string): RegistryConfig => ({ ...authority.registry, id, url: `https://${id}.example/`, namespace: `${id}.example`, role: 'mirror', of: 'npm' })

/** A document, no such package, why it cannot be asked, or no answer at all. */
type Said = Summary | undefined | RegistryError | Promise<Summary | undefined>

function memoryBook(claims: Claim[] = []): ClaimBook & { claims: Claim[] } {
  return {
    claims,
    of: async subjects => claims.filter(({ subject }) => subjects.includes(subject)),
    async add(added) {
      for (const one of added) {
        const before = claims.findIndex(({ subject, source }) => subject === one.subject && source === one.source)
        if (before < 0) claims.push(one)
        else claims[before] = one
      }
    },
  }
}

let book: ReturnType<typeof memoryBook>
let said: Record<string, Said>
let asked: string[]
let wanted: number
let bench: Bench

/** The judge of a package whose route wants several sources, with mirrors that say what `said` has. */
function build(patience = 10_000): Bench {
  return createBench({
    stepsOf({ conflicts, incidents, observer }) {
      const disputes = createDisputes({ conflicts, incidents, observer })
      const thresholds = createThresholds({
        routes: {
          thresholdOf: () => wanted, mirrorsOf: () => Object.keys(said).map(mirror),
          authorityBehind: registry => registry.of === undefined ? registry : authority.registry,
        },
        upstream: (registry): Upstream => ({ ...authority, registry }),
        copies: {
          async of(_, { registry: { id } }) {
            asked.push(id)
            const answer = await said[id]
            if (answer instanceof RegistryError) throw answer
            return answer
          },
        },
        book, disputes, observer, patience,
      })
      return { thresholds, rules: [disputes.rule] }
    },
  })
}
beforeEach(() => {
  book = memoryBook()
  said = {}
  asked = []
  wanted = 2
  bench = build()
})

const document = (versions: Record<string, VersionSummary>) => summary(versions)
const recorded = () => bench.log.texts.map(parseRecord).flatMap(record => record.kind === 'version' ? [record.subject.version] : [])
const judge = (versions: Record<string, VersionSummary>) => bench.judge(authority, document(versions))
const codes = (withheld: ReadonlyMap<string, RegistryError>) =>
  Object.fromEntries([...withheld].map(([version, { code, status }]) => [version, `${status} ${code}`]))

describe('a version whose route wants two sources', () => {
  it('is visible if a mirror claims the same digest, and costs nothing from then on', async () => {
    said = { m1: document({ '1.0.0': claim('a') }) }
    expect((await judge({ '1.0.0': claim('a') })).withheld.size).toBe(0)
    expect(recorded()).toEqual(['1.0.0'])
    said = { m1: away }
    expect((await judge({ '1.0.0': claim('a') })).withheld.size).toBe(0)
    // Nor after a restart.
    bench = build()
    expect((await judge({ '1.0.0': claim('a') })).withheld.size).toBe(0)
    expect(asked).toEqual(['m1'])
  })

  it('is withheld, and not recorded, while only its authority has it', async () => {
    said = { m1: document({ '1.0.0': claim('a') }), m2: undefined }
    const before = Date.now()
    const { withheld, retryAt } = await judge({ '1.0.0': claim('a'), '2.0.0': claim('b') })
    expect(codes(withheld)).toEqual({ '2.0.0': '403 TOO_FEW_SOURCES' })
    expect(withheld.get('2.0.0')!.message).toMatch(/^x@2\.0\.0 is withheld: 2 sources have to claim the same digest, 1 of them does \("npm"\)\. /)
    expect(retryAt).toBeGreaterThanOrEqual(before + 30_000)
    expect(retryAt).toBeLessThanOrEqual(Date.now() + 60_000)
    expect(recorded()).toEqual(['1.0.0'])
    expect(bench.incidents).toEqual([])
    said = { m1: document({ '1.0.0': claim('a'), '2.0.0': claim('b') }), m2: undefined }
    expect((await judge({ '1.0.0': claim('a'), '2.0.0': claim('b') })).withheld.size).toBe(0)
    expect(recorded()).toEqual(['1.0.0', '2.0.0'])
  })

  it('is withheld for a moment, never served by one source alone, while the other cannot be asked', async () => {
    said = { m1: away }
    const { withheld, retryAt } = await judge({ '1.0.0': claim('a') })
    expect(codes(withheld)).toEqual({ '1.0.0': '503 UPSTREAM_UNAVAILABLE' })
    expect(withheld.get('1.0.0')).toMatchObject({ retryAfter: 5, message: expect.stringContaining('"m1" cannot be asked now') })
    expect(retryAt).toBeLessThan(Date.now() + 10_000)
    expect(recorded()).toEqual([])
    said = { m1: document({ '1.0.0': claim('a') }) }
    expect((await judge({ '1.0.0': claim('a') })).withheld.size).toBe(0)
  })

  it('waits only so long for a mirror that does not answer', async () => {
    said = { m1: new Promise(() => {}) }
    bench = build(20)
    expect(codes((await judge({ '1.0.0': claim('a') })).withheld)).toEqual({ '1.0.0': '503 UPSTREAM_UNAVAILABLE' })
  })

  it('does not wait for the others once enough have answered', async () => {
    said = { m1: new Promise(() => {}), m2: document({ '1.0.0': claim('a') }) }
    expect((await judge({ '1.0.0': claim('a') })).withheld.size).toBe(0)
    expect(asked).toEqual(['m1', 'm2'])
  })

  it('is refused where the one that cannot be asked would make no difference', async () => {
    wanted = 4
    said = { m1: away, m2: undefined, m3: document({ '1.0.0': claim('a') }) }
    expect(codes((await judge({ '1.0.0': claim('a') })).withheld)).toEqual({ '1.0.0': '403 TOO_FEW_SOURCES' })
    wanted = 3
    expect(codes((await judge({ '1.0.0': claim('a') })).withheld)).toEqual({ '1.0.0': '503 UPSTREAM_UNAVAILABLE' })
  })

  it('takes a refusal for an answer', async () => {
    said = { m1: new RegistryError('UPSTREAM_REFUSED', 'It needs a token.') }
    expect(codes((await judge({ '1.0.0': claim('a') })).withheld)).toEqual({ '1.0.0': '403 TOO_FEW_SOURCES' })
    expect(bench.seen.trouble).toEqual(['asking "m1" for what it claims'])
  })

  it('is not helped by a weaker digest, whatever it stands for', async () => {
    said = { m1: document({ '1.0.0': weak('a') }) }
    expect(codes((await judge({ '1.0.0': claim('a') })).withheld)).toEqual({ '1.0.0': '403 TOO_FEW_SOURCES' })
    expect(bench.incidents).toEqual([])
  })

  it('may be one whose authority gives no sha512: then its bytes decide', async () => {
    bench.bytes.set(weak('a').integrity, sha512('a'))
    said = { m1: document({ '1.0.0': claim('a') }) }
    expect((await judge({ '1.0.0': weak('a') })).withheld.size).toBe(0)
  })

  it('is checked too if it was recorded before there was a threshold', async () => {
    wanted = 1
    await judge({ '1.0.0': claim('a') })
    expect(asked).toEqual([])
    wanted = 2
    said = { m1: undefined }
    expect(codes((await judge({ '1.0.0': claim('a') })).withheld)).toEqual({ '1.0.0': '403 TOO_FEW_SOURCES' })
    wanted = 1
    expect((await judge({ '1.0.0': claim('a') })).withheld.size).toBe(0)
  })

  it('that disappears from what mirrors say is still visible where more sources come to be wanted that have it', async () => {
    said = { m1: document({ '1.0.0': claim('a') }), m2: undefined }
    await judge({ '1.0.0': claim('a') })
    wanted = 3
    said = { m1: undefined, m2: document({ '1.0.0': claim('a') }) }
    expect((await judge({ '1.0.0': claim('a') })).withheld.size).toBe(0)
  })

  it('is in conflict with its record, not short of sources, if its authority changes the digest and all mirrors follow', async () => {
    said = { m1: document({ '1.0.0': claim('a') }) }
    await judge({ '1.0.0': claim('a') })
    said = { m1: document({ '1.0.0': claim('evil') }) }
    expect(codes((await judge({ '1.0.0': claim('evil') })).withheld)).toEqual({ '1.0.0': '403 CONFLICT' })
    expect(asked).toEqual(['m1'])
  })

  it('is looked up for nobody whose claims cannot be read', async () => {
    book.of = () => Promise.reject(new Error('disk I/O error'))
    await expect(judge({ '1.0.0': claim('a') })).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
  })

  it('is visible also if its claims cannot be kept, and asked for again', async () => {
    book.add = () => Promise.reject(new Error('disk I/O error'))
    said = { m1: document({ '1.0.0': claim('a') }) }
    expect((await judge({ '1.0.0': claim('a') })).withheld.size).toBe(0)
    await judge({ '1.0.0': claim('a') })
    expect(asked).toEqual(['m1', 'm1'])
    expect(bench.seen.trouble).toEqual(['keeping what sources claim', 'keeping what sources claim'])
  })
})

describe('a mirror that claims another digest', () => {
  it('does not count, and is an incident with both claims, although nothing is recorded', async () => {
    said = { m1: document({ '1.0.0': claim('evil') }) }
    const { withheld } = await judge({ '1.0.0': claim('a') })
    expect(codes(withheld)).toEqual({ '1.0.0': '403 TOO_FEW_SOURCES' })
    expect(withheld.get('1.0.0')!.message).toContain('"m1" gives another one')
    await judge({ '1.0.0': claim('a') })
    expect(bench.log.texts).toEqual([])
    expect(bench.incidents).toMatchObject([{
      kind: 'conflict', subject: 'pkg:npm/x@1.0.0', source: 'm1', isPrivate: false,
      sentence: expect.stringMatching(/^Mirror "m1" .* gives x@1\.0\.0 the digest .* but its authority "npm"/),
      evidence: {
        claimed: { sha512: sha512('evil'), tarball: claim('evil').tarball },
        details: { authority: { source: 'npm', sha512: sha512('a') } },
        asked: { source: 'm1' },
      },
    }])
  })

  it('is a conflict in the log where two others agree, and the version is visible', async () => {
    said = { m1: document({ '1.0.0': claim('evil') }), m2: document({ '1.0.0': claim('a') }) }
    expect((await judge({ '1.0.0': claim('a') })).withheld.size).toBe(0)
    expect(bench.log.texts.map(parseRecord)).toMatchObject([
      { kind: 'version', integrity: sha512('a') },
      { kind: 'conflict', integrity: sha512('a'), other: sha512('evil'), source: 'm1' },
    ])
    expect(bench.incidents).toMatchObject([{ kind: 'conflict', source: 'm1', record: 1 }])
  })

  it('is noticed too when it answers after the others have decided', async () => {
    let answer!: (document: Summary) => void
    said = { m1: new Promise(resolve => answer = resolve), m2: document({ '1.0.0': claim('a') }) }
    expect((await judge({ '1.0.0': claim('a') })).withheld.size).toBe(0)
    answer(document({ '1.0.0': claim('evil') }))
    await expect.poll(() => bench.incidents).toMatchObject([{ kind: 'conflict', source: 'm1', record: 1 }])
    expect(book.claims.find(({ source }) => source === 'm1')).toMatchObject({ integrity: sha512('evil') })
  })

  it('is not asked again about what it claimed once', async () => {
    wanted = 3
    said = { m1: document({ '1.0.0': claim('a') }), m2: away }
    expect(codes((await judge({ '1.0.0': claim('a') })).withheld)).toEqual({ '1.0.0': '503 UPSTREAM_UNAVAILABLE' })
    said = { m1: document({ '1.0.0': claim('evil') }), m2: document({ '1.0.0': claim('a') }) }
    // What it said once is kept: it is only the second one that is asked now.
    expect((await judge({ '1.0.0': claim('a') })).withheld.size).toBe(0)
    expect(asked).toEqual(['m1', 'm2', 'm2'])
  })
})

describe('the claims in the database', () => {
  it('are found by version, the last of each source', async () => {
    const database = await openDatabase('file::memory:')
    const claims = createClaimBook(database)
    const one = { subject: 'pkg:npm/x@1.0.0', source: 'npm', integrity: sha512('a') }
    await claims.add([one, { ...one, source: 'm1', integrity: sha512('evil') }, { ...one, subject: 'pkg:npm/x@2.0.0' }])
    await claims.add([{ ...one, source: 'm1' }])
    const many = Array.from({ length: 2_500 }, (_, n) => ({ ...one, subject: `pkg:npm/many@${n}.0.0` }))
    await claims.add(many)
    expect(new Set(await claims.of(['pkg:npm/x@1.0.0', 'pkg:npm/__proto__@1.0.0']))).toEqual(new Set([one, { ...one, source: 'm1' }]))
    expect(await claims.of(many.map(({ subject }) => subject))).toHaveLength(2_500)
    expect(await claims.of([])).toEqual([])
    await claims.add([])
    await database.close()
  })
})
