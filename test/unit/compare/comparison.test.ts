import { expect, it } from 'vitest'
import { checkSignature } from '../../../server/compare/check-signature.ts'
import { compareVersion } from '../../../server/compare/comparison.ts'
import { RegistryError } from '../../../server/errors.ts'
import type { Summary, VersionSummary } from '../../../server/packument/index.ts'
import type { VersionRecord } from '../../../shared/record/index.ts'

const SHA = `sha512-${Buffer.alloc(64, 1).toString('base64')}`
const OTHER = `sha512-${Buffer.alloc(64, 2).toString('base64')}`
const RECORD: VersionRecord = {
  kind: 'version', subject: { name: 'a', version: '1.0.0' }, integrity: SHA, manifest: 'sha256-m', published: '2026-01-01T00:00:00.000Z', evidence: 'claimed',
  recorded: '2026-01-02T00:00:00.000Z',
}
const CLAIM = {
  integrity: SHA, isPlain: true, signatures: [], tarball: 'https://npm.example/a/-/a-1.0.0.tgz', manifest: 'sha256-m', published: '2026-01-01T00:00:00.000Z',
  deprecated: false,
} as unknown as VersionSummary

function summary(claim: Partial<VersionSummary> | undefined = {}, rest: Partial<Summary> = {}): Summary {
  return { name: 'a', tags: { latest: '1.0.0' }, versions: new Map([['1.0.0', { ...CLAIM, ...claim }]]), unusable: [], ...rest } as Summary
}

it('compares a version with its record', () => {
  expect(compareVersion(RECORD, summary())).toEqual({ isPresent: true, integrity: 'equal', manifest: 'equal', time: 'equal' })
  expect(compareVersion(RECORD, summary({ integrity: OTHER, manifest: 'sha256-x', published: '2026-01-01T00:00:00.001Z' })))
    .toEqual({ isPresent: true, integrity: 'other', manifest: 'other', time: 'other' })
  expect(compareVersion(RECORD, summary({ integrity: 'sha1-x', published: undefined }))).toMatchObject({ integrity: 'missing', time: 'missing' })
  expect(compareVersion({ ...RECORD, published: undefined }, summary())).not.toHaveProperty('time')
})

it('knows what is not there from what is there and unusable', () => {
  expect(compareVersion(RECORD, undefined)).toEqual({ isPresent: false })
  expect(compareVersion(RECORD, summary({}, { versions: new Map() }))).toEqual({ isPresent: false })
  expect(compareVersion(RECORD, summary({}, { versions: new Map(), unusable: ['1.0.0'] }))).toEqual({ isPresent: true })
})

it.each([
  [{ latest: '1.0.0' }, { latest: '1.0.0' }, 'equal', 'equal'],
  [{ latest: '1.0.0' }, { latest: '1.10.0', next: '2.0.0' }, 'older', 'other'],
  [{ latest: '1.10.0' }, { latest: '1.9.0' }, 'newer', 'other'],
  [{}, { latest: '1.0.0' }, 'missing', 'other'],
  [{ latest: '1.0.0', old: '0.1.0' }, { latest: '1.0.0' }, 'equal', 'other'],
])('compares tags %j with the authority\'s %j', (tags, expected, latest, all) => {
  const found = compareVersion(RECORD, summary({}, { tags }), summary({}, { tags: expected }))
  expect([found.latest, found.tags]).toEqual([latest, all])
})

it('believes a signature only if it verifies', async () => {
  const signed = (...keyids: string[]) => ({ ...CLAIM, signatures: keyids.map(keyid => ({ keyid, signature: 'c2ln' })) })
  const asked: string[] = []
  const verify = ({ signature: { keyid } }: { signature: { keyid: string } }) => {
    asked.push(keyid)
    if (keyid === 'good') return Promise.resolve()
    return Promise.reject(new RegistryError(keyid === 'bad' ? 'NOT_VERIFIED' : 'UPSTREAM_UNAVAILABLE', 'No.'))
  }
  const check = (...keyids: string[]) => checkSignature(RECORD, signed(...keyids), verify as never)
  expect(await check()).toBe('none')
  expect(await check('good')).toBe('verifies')
  expect(await check('bad')).toBe('invalid')
  expect(await check('away')).toBe('unknown')
  expect(await check('bad', 'good')).toBe('verifies')
  expect(await check('bad', 'away')).toBe('invalid')
  asked.length = 0
  await check(...Array.from({ length: 100 }, () => 'bad'))
  expect(asked).toHaveLength(4)
})
