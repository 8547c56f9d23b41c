import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { RegistryError } from '../../../server/errors.ts'
import type { IncidentReport, Incidents } from '../../../server/incidents/index.ts'
import type { Findings } from '../../../server/inspect/index.ts'
import { createManifests } from '../../../server/verify/manifests.ts'
import { claim, createBench, sha512, summary, upstream } from './bench.ts'

const manifest = (content: string) => `sha256-${createHash('sha256').update(content).digest('base64')}`
const codes = (withheld: ReadonlyMap<string, RegistryError>) =>
  Object.fromEntries([...withheld].map(([version, { code }]) => [version, code]))

let reports: IncidentReport[]
let calls: number
let broken: boolean
let found: Awaited<ReturnType<Findings['ofPackage']>>
let asked: number
beforeEach(() => {
  [reports, calls, broken, found, asked] = [[], 0, false, new Map(), 0]
})
const incidents: Pick<Incidents, 'report'> = {
  async report(some) {
    calls++
    if (broken) throw new Error('the database is away')
    const fresh = some.filter(({ cause }) => !reports.some(known => known.cause === cause))
    reports.push(...fresh)
    return new Set(fresh.map(({ cause }) => cause))
  },
}

function bench(policy: 'warn' | 'deny') {
  const trouble: string[] = []
  const rule = createManifests({
    incidents, policy, trouble: what => trouble.push(what),
    findings: {
      async ofPackage() {
        asked++
        return found
      },
    },
  })
  return { ...createBench({ rules: [rule] }), trouble }
}

const before = summary({ '1.0.0': claim('a', { manifest: manifest('a') }), '2.0.0': claim('b', { manifest: manifest('b') }) })
const after = summary({ '1.0.0': claim('a', { manifest: manifest('evil') }), '2.0.0': claim('b', { manifest: manifest('b') }) })

describe('a manifest that changed', () => {
  it('is an incident with both digests, once, and served where that is the policy', async () => {
    const { judge } = bench('warn')
    const verdict = await judge(upstream(), before)
    expect(reports).toEqual([])
    const changed = await judge(upstream(), after, { summary: before, verdict })
    expect(changed.withheld.size).toBe(0)
    expect(reports).toMatchObject([{
      kind: 'manifest-mismatch', cause: `manifest-mismatch pkg:npm/x@1.0.0 ${manifest('evil')} npm`, subject: 'pkg:npm/x@1.0.0', source: 'npm', isPrivate: false,
      evidence: {
        recorded: { index: 0, text: expect.stringContaining(`\nmanifest ${manifest('a')}\n`) },
        claimed: { integrity: sha512('a'), manifest: manifest('evil') },
        asked: { source: 'npm', registry: 'https://npm.example/' },
      },
    }])
    expect(reports[0]!.sentence).toContain('x@1.0.0')
    // The same again, whether it is known what was found before or not.
    await judge(upstream(), after, { summary: after, verdict: changed })
    await judge(upstream(), after)
    expect(calls).toBe(1)
  })

  it('is withheld where that is the policy, until it is the recorded one again', async () => {
    const { judge } = bench('deny')
    const verdict = await judge(upstream(), before)
    const changed = await judge(upstream(), after, { summary: before, verdict })
    expect(codes(changed.withheld)).toEqual({ '1.0.0': 'MANIFEST_MISMATCH' })
    expect(changed.withheld.get('1.0.0')).toMatchObject({ status: 403 })
    expect(changed.withheld.get('1.0.0')!.message).toMatch(/^x@1\.0\.0 is withheld: registry "npm" \(npm\.example\) now describes it differently/)
    expect(changed.retryAt).toBe(Infinity)
    const again = await judge(upstream(), before, { summary: after, verdict: changed })
    expect(again.withheld.size).toBe(0)
  })

  it('is noticed from another source, which is another incident', async () => {
    const { judge } = bench('warn')
    await judge(upstream(), before)
    await judge(upstream(), after)
    await judge(upstream('other', 'npm.example'), after)
    expect(reports.map(({ source }) => source)).toEqual(['npm', 'other'])
  })

  it('of a version with another digest is one conflict, and nothing else', async () => {
    const { judge } = bench('deny')
    await judge(upstream(), before)
    const { withheld } = await judge(upstream(), summary({ '1.0.0': claim('other', { manifest: manifest('evil') }) }))
    expect(codes(withheld)).toEqual({ '1.0.0': 'CONFLICT' })
    expect(reports).toEqual([])
  })

  it('fills no database: ten incidents a look, and no end of digests', async () => {
    const { judge } = bench('deny')
    const versions = Array.from({ length: 100 }, (_, n) => `${n}.0.0`)
    const all = (content: string) =>
      summary(Object.fromEntries(versions.map(version => [version, claim(version, { manifest: manifest(content) })])))
    await judge(upstream(), all('good'))
    const { withheld } = await judge(upstream(), all('evil'))
    expect(withheld.size).toBe(100)
    expect(reports).toHaveLength(10)
    expect(reports[0]!.evidence.details).toEqual({ versions: 100 })
    for (let n = 0; n < 50; n++) await judge(upstream(), all(`evil ${n}`))
    expect(reports).toHaveLength(100)
  })

  it('is withheld for now, and looked at again, while incidents cannot be kept', async () => {
    const { judge, trouble } = bench('deny')
    await judge(upstream(), before)
    broken = true
    const { withheld, retryAt } = await judge(upstream(), after)
    expect(codes(withheld)).toEqual({ '1.0.0': 'MANIFEST_MISMATCH' })
    expect(retryAt).toBeLessThan(Date.now() + 60_000)
    expect(trouble).toEqual(['noting a changed manifest'])
    broken = false
    await judge(upstream(), after)
    expect(reports).toHaveLength(1)
  })
})

describe('what was found inside a tarball', () => {
  const hidden = [{ field: 'scripts.postinstall', severity: 'high', registry: '', tarball: 'evil' }] as const

  it('withholds that version, with that digest, where that is the policy', async () => {
    found = new Map([
      ['1.0.0', { integrity: sha512('a'), findings: [...hidden] }],
      ['2.0.0', { integrity: sha512('other'), findings: [...hidden] }],
      ['3.0.0', { integrity: sha512('c'), findings: [...hidden] }],
    ])
    const { withheld } = await bench('deny').judge(upstream(), before)
    expect(codes(withheld)).toEqual({ '1.0.0': 'MANIFEST_MISMATCH' })
    expect(withheld.get('1.0.0')!.message).toContain('scripts.postinstall')
    expect((await bench('warn').judge(upstream(), before)).withheld.size).toBe(0)
    expect(reports).toEqual([])
  })

  it('is no reason if it is only a note', async () => {
    found = new Map([['1.0.0', { integrity: sha512('a'), findings: [{ field: 'os', severity: 'info', registry: '', tarball: '["linux"]' }] }]])
    expect((await bench('deny').judge(upstream(), before)).withheld.size).toBe(0)
    expect(asked).toBe(1)
  })

  it('is not asked for where nothing changed', async () => {
    const { judge } = bench('deny')
    const verdict = await judge(upstream(), before)
    await judge(upstream(), before, { summary: before, verdict })
    expect(asked).toBe(1)
  })
})
