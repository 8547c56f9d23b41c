import { beforeEach, describe, expect, it } from 'vitest'
import { RegistryError } from '../../../server/errors.ts'
import type { IncidentReport, Incidents } from '../../../server/incidents/index.ts'
import type { Judge } from '../../../server/packument/index.ts'
import type { Upstream } from '../../../server/registry/index.ts'
import { createConflicts } from '../../../server/verify/conflicts.ts'
import { createMirrorJudge } from '../../../server/verify/mirror.ts'
import type { KnownVersion, OwnSignatures, Rule } from '../../../server/verify/types.ts'
import { claim, sha512, summary, upstream, weak } from './bench.ts'
import { createMemoryLog, type MemoryLog } from './memory-log.ts'

const signature = { keyid: 'SHA256:key', signature: 'MEUCIQ==' }
const other = { keyid: 'SHA256:other', signature: 'MEUCIA==' }
const authority = upstream('npm').registry
const asked = upstream('m1', 'mirror.example')
const mirror: Upstream = { ...asked, registry: { ...asked.registry, role: 'mirror', of: 'npm' } }

let log: MemoryLog
let reports: IncidentReport[]
let ahead: string[][]
let trouble: string[]
let pinned: Map<string, KnownVersion>
let failure: Error | undefined

function setUp(more: { rules?: Rule[], ownSignatures?: OwnSignatures } = {}): Judge {
  const incidents = {
    async report(all: readonly IncidentReport[]) {
      if (failure) throw failure
      const fresh = all.filter(({ cause }) => !reports.some(known => known.cause === cause))
      reports.push(...fresh)
      return new Set(fresh.map(({ cause }) => cause))
    },
  }
  return createMirrorJudge({
    log, incidents, rules: [], ...more,
    pins: { versionsOf: async () => pinned },
    routes: { isPrivate: name => name.startsWith('@private/'), authorities: [authority] },
    upstream: registry => upstream(registry.id),
    conflicts: createConflicts({ log, incidents: incidents as Incidents, keys: async () => [] }),
    observer: {
      mirrorOnly: (registry, name, versions) => ahead.push([registry.id, name, ...versions]),
      trouble: what => trouble.push(what),
    },
  })
}

beforeEach(async () => {
  log = createMemoryLog()
  reports = []
  ahead = []
  trouble = []
  failure = undefined
  pinned = new Map()
  const { manifest } = claim('')
  await log.record([
    { kind: 'version', subject: { name: 'x', version: '1.0.0' }, integrity: sha512('a'), manifest, evidence: 'signed', signature },
    { kind: 'version', subject: { name: 'x', version: '2.0.0' }, integrity: sha512('b'), manifest, evidence: 'claimed' },
    { kind: 'version', subject: { name: 'x', version: '0.1.0' }, integrity: sha512('old'), manifest, evidence: 'fetched' },
  ])
})

const honest = { '1.0.0': claim('a', { signatures: [signature] }), '2.0.0': claim('b') }
const lines = () => log.texts.length
const refused = (promise: Promise<unknown>) => expect(promise).rejects.toMatchObject({ code: 'UPSTREAM_INVALID' })

describe('a mirror\'s document', () => {
  it('is used as it is if all of it is recorded so; what it lacks, it lacks', async () => {
    const verdict = await setUp()(mirror, summary(honest))
    expect(verdict).toEqual({ withheld: new Map(), digests: new Map(), retryAt: Infinity })
    expect(lines()).toBe(3)
    expect([reports, ahead, trouble]).toEqual([[], [], []])
  })

  it('without what nobody has recorded, signed or not; that is noted once', async () => {
    const judge = setUp()
    const found = summary({ ...honest, '3.0.0': claim('c', { signatures: [signature] }), '4.0.0': claim('d') })
    for (let n = 0; n < 2; n++) {
      const { withheld, retryAt } = await judge(mirror, found)
      expect([...withheld.keys()]).toEqual(['3.0.0', '4.0.0'])
      expect(withheld.get('3.0.0')).toMatchObject({ status: 503, message: expect.stringContaining('known only to mirror "m1" (mirror.example)') })
      expect(retryAt).toBe(Infinity)
    }
    expect(ahead).toEqual([['m1', 'x', '3.0.0', '4.0.0']])
    expect(lines()).toBe(3)
  })

  it('of which nothing is recorded is not used', async () => {
    await refused(setUp()(mirror, summary({ '3.0.0': claim('c') })))
    await refused(setUp()(mirror, summary(honest, { name: 'unseen' })))
    await refused(setUp()(mirror, summary({})))
    expect(lines()).toBe(3)
  })

  it('with a hundred thousand versions is not used', async () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`9.0.${n}`, honest['2.0.0']]))
    await refused(setUp()(mirror, summary({ ...honest, ...many })))
    expect([lines(), ahead]).toEqual([3, []])
  })

  it('with another digest is not used: a conflict of the mirror, with record and incident, once', async () => {
    const judge = setUp()
    for (let n = 0; n < 3; n++) await refused(judge(mirror, summary({ ...honest, '2.0.0': claim('evil') })))
    expect(reports).toMatchObject([{
      kind: 'conflict', source: 'm1', subject: 'pkg:npm/x@2.0.0', record: 3,
      evidence: { claimed: { sha512: sha512('evil') }, asked: { source: 'm1', registry: 'https://mirror.example/' } },
    }])
    expect(log.texts.slice(3)).toEqual([expect.stringMatching(/^conflict pkg:npm\/x@2.0.0\n[^]*\nsource m1\n/)])
  })

  it('with another manifest is not used: an incident of the mirror', async () => {
    const manifest = `sha256-${Buffer.alloc(32, 7).toString('base64')}`
    const judge = setUp()
    for (let n = 0; n < 3; n++) await refused(judge(mirror, summary({ ...honest, '2.0.0': claim('b', { manifest }) })))
    expect(reports).toMatchObject([{
      kind: 'manifest-mismatch', source: 'm1', cause: `manifest-mismatch pkg:npm/x@2.0.0 ${manifest} m1`,
      evidence: { recorded: { index: 1, text: log.texts[1] }, claimed: { manifest } },
    }])
    expect(lines()).toBe(3)
  })

  it('that contradicts everything is known by ten of its contradictions', async () => {
    await log.record(Array.from({ length: 50 }, (_, n) => ({
      kind: 'version', subject: { name: 'y', version: `1.0.${n}` }, integrity: sha512('a'), manifest: claim('').manifest, evidence: 'claimed',
    })))
    const lies = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`1.0.${n}`, claim('evil')]))
    await expect(setUp()(mirror, summary(lies, { name: 'y' }))).rejects.toThrow('recorded of 1.0.0, 1.0.1, 1.0.2 and others')
    expect(reports).toHaveLength(10)
  })

  it('is not used either where its contradictions cannot be noted', async () => {
    failure = new Error('disk I/O error')
    await refused(setUp()(mirror, summary({ '2.0.0': claim('evil') })))
    expect(trouble).toEqual(['noting what a mirror contradicts'])
  })

  it('with a weaker digest is used for what had to be hashed, and only for that', async () => {
    const { digests } = await setUp()(mirror, summary({ ...honest, '0.1.0': weak('old') }))
    expect([...digests]).toEqual([['0.1.0', sha512('old')]])
    await refused(setUp()(mirror, summary({ ...honest, '2.0.0': weak('b') })))
    await refused(setUp()(mirror, summary({ ...honest, '0.1.0': claim('evil', { isPlain: false, claim: `sha1-x ${sha512('evil')}` }) })))
    expect(reports).toHaveLength(1)
  })

  it('gets the signatures that it lacks from the log', async () => {
    const { signatures } = await setUp()(mirror, summary({ '1.0.0': claim('a'), '2.0.0': claim('b') }))
    expect([...signatures!]).toEqual([['1.0.0', signature]])
    expect((await setUp()(mirror, summary({ '1.0.0': claim('a', { signatures: [other] }) }))).signatures).toBeUndefined()
  })

  it('gets our own signatures as its authority\'s would', async () => {
    const ownSignatures: OwnSignatures = {
      of: async (look, versions) => new Map(look.upstream.registry.id === 'npm' ? [...versions.keys()].map(version => [version, other]) : []),
    }
    const { signatures } = await setUp({ ownSignatures })(mirror, summary({ '2.0.0': claim('b'), '0.1.0': weak('old') }))
    expect([...signatures!]).toEqual([['2.0.0', other]])
  })

  it('has to keep the rules that its authority\'s has to keep', async () => {
    const why = new RegistryError('TAKEN_DOWN', 'gone')
    const rules: Rule[] = [({ open, upstream: { registry } }) => new Map(registry.id === 'npm' && open.has('1.0.0') ? [['1.0.0', { why }]] : [])]
    const { withheld } = await setUp({ rules })(mirror, summary(honest))
    expect([...withheld]).toEqual([['1.0.0', why]])
  })

  it('about a private name is compared with what is pinned, and nothing of it is public', async () => {
    const name = '@private/x'
    const record = { kind: 'version', subject: { name, version: '1.0.0' }, integrity: sha512('a'), manifest: claim('').manifest, evidence: 'claimed', recorded: '2026-01-01T00:00:00.000Z' } as const
    pinned.set('1.0.0', { integrity: record.integrity, record })
    expect((await setUp()(mirror, summary({ '1.0.0': claim('a') }, { name }))).withheld.size).toBe(0)
    await refused(setUp()(mirror, summary({ '1.0.0': claim('evil') }, { name })))
    expect(reports).toMatchObject([{ isPrivate: true, source: 'm1' }])
    expect(lines()).toBe(3)
  })

  it('is not used while what is recorded cannot be read', async () => {
    log.failure = new Error('disk I/O error')
    await expect(setUp()(mirror, summary(honest))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
  })
})
