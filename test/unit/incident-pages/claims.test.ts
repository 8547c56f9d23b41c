import { describe, expect, it } from 'vitest'
import { claimsOf, digestsOf, nameOf, packageOf } from '../../../app/incidents/claims.ts'
import { filtersIn, incidentsPath } from '../../../app/incidents/query.ts'
import { formatRecord } from '../../../shared/record/index.ts'
import type { Evidence, IncidentKind } from '../../../shared/types/incidents.ts'

const digest = (fill: number) => `sha512-${Buffer.alloc(64, fill).toString('base64')}`
const MANIFEST = `sha256-${Buffer.alloc(32, 1).toString('base64')}`
const asked = { source: 'npm', registry: 'https://npm.example/', at: '2026-06-01T00:00:00.000Z' }
const recorded = {
  index: 7,
  text: formatRecord({
    kind: 'version', subject: { name: 'a', version: '1.0.0' }, integrity: digest(1), manifest: MANIFEST,
    published: '2026-01-01T00:00:00.000Z', recorded: '2026-01-02T00:00:00.000Z', evidence: 'claimed',
  }),
}

function rows(kind: IncidentKind, evidence: Omit<Evidence, 'asked'>) {
  return claimsOf({ kind, evidence: { asked, ...evidence } }).map(({ label, standing, claimed, verdict }) =>
    [label.split('.').at(-1), standing, claimed, verdict])
}

describe('both claims', () => {
  it('of a conflict stand side by side, and what differs is named', () => {
    const evidence = { recorded, claimed: { sha512: digest(2), manifest: MANIFEST, tarball: 'https://npm.example/a.tgz' } }
    expect(rows('conflict', evidence)).toEqual([
      ['integrity', digest(1), digest(2), 'differs'],
      ['manifest', MANIFEST, MANIFEST, 'equal'],
      ['published', '2026-01-01T00:00:00.000Z', undefined, 'unknown'],
      ['tarball', undefined, 'https://npm.example/a.tgz', 'unknown'],
    ])
    expect(digestsOf({ evidence: { asked, ...evidence } })).toEqual({ standing: digest(1), claimed: digest(2) })
  })

  it('are the authority\'s and the mirror\'s where nothing was recorded yet', () => {
    expect(rows('conflict', { claimed: { sha512: digest(2) }, details: { authority: { sha512: digest(1) } } }))
      .toEqual([['integrity', digest(1), digest(2), 'differs']])
  })

  it('of other kinds are what they are about', () => {
    expect(rows('key-clash', { keys: [{ keyid: 'k', key: 'one' }, { keyid: 'k', key: 'two' }] })).toEqual([['key', 'one', 'two', 'differs']])
    expect(rows('keys-vanished', { keys: [{ keyid: 'k', key: 'one' }] })).toEqual([['keyid', 'k', undefined, 'differs']])
    expect(rows('tag-moved-back', { details: { tag: 'latest', from: '2.0.0', to: '1.0.0' } })).toEqual([['latest', '2.0.0', '1.0.0', 'differs']])
    expect(rows('foreign-host', { claimed: { tarball: 'https://else.example/a.tgz' } }))
      .toEqual([['tarball', undefined, 'https://else.example/a.tgz', 'differs']])
    expect(rows('backdated', { details: { published: 'p', lastLook: 'l' } })).toEqual([['lastLook', 'l', 'p', 'differs']])
    expect(rows('attestation-mismatch', { claimed: { integrity: digest(1) }, details: { attestations: [{ subject: { sha512: 'ff' } }] } }))
      .toEqual([['attested', digest(1), 'ff', 'differs']])
    expect(rows('manifest-mismatch', { details: { findings: [{ field: 'scripts.postinstall', registry: '', tarball: 'node x' }] } }))
      .toEqual([['finding', 'scripts.postinstall: –', 'scripts.postinstall: node x', 'differs']])
    expect(rows('invalid-signature', { claimed: { sha512: digest(1), signatures: [{ keyid: 'k', signature: 'bad' }] } })).toEqual([
      ['integrity', undefined, digest(1), 'unknown'], ['keyid', undefined, 'k', 'unknown'], ['signature', undefined, 'bad', 'differs'],
    ])
  })

  it('are not believed to have a shape, and are bounded', () => {
    const odd = { claimed: { sha512: { toString: 1 }, tarball: 'x'.repeat(9_000), signatures: 'none' }, recorded: { index: 1, text: 'nothing' }, details: { authority: 3 } }
    const [row, ...others] = rows('conflict', odd as unknown as Omit<Evidence, 'asked'>)
    expect(others).toEqual([])
    expect(row![0]).toBe('tarball')
    expect(row![2]!.length).toBeLessThan(2_100)
    expect(rows('manifest-mismatch', { details: { findings: Array.from({ length: 500 }, () => null) } }).length).toBeLessThanOrEqual(40)
    expect(rows('attestation-mismatch', { details: { attestations: 'odd' } })).toEqual([])
  })
})

it('a subject is shown as people write it, or as it is', () => {
  expect(nameOf('pkg:npm/%40paper/ink@1.0.0')).toBe('@paper/ink@1.0.0')
  expect(nameOf('pkg:npm/JSONStream')).toBe('JSONStream')
  expect(nameOf('pkg:npm/%40acme/form@0.1.0?repository_url=npm.acme.example')).toBe('@acme/form@0.1.0')
  expect(nameOf('pkg:npm/%zz@1')).toBe('pkg:npm/%zz@1')
  expect(packageOf(null)).toBeUndefined()
})

it('filters come from the address, and empty fields of the form are none', () => {
  const filters = filtersIn({ kind: 'conflict', source: '', package: ' @a/b ', state: ['open', 'x'], other: '1' })
  expect(filters).toEqual({ kind: 'conflict', package: '@a/b' })
  expect(incidentsPath(filters, '7')).toBe('/api/incidents?kind=conflict&package=%40a%2Fb&before=7')
  expect(incidentsPath({})).toBe('/api/incidents')
})
