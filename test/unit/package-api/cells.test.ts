import { expect, it } from 'vitest'
import type { SourceView } from '../../../server/compare/index.ts'
import { cellOf, cellOfUnrecorded, howFar } from '../../../server/package-api/cells.ts'
import type { VersionSummary } from '../../../server/packument/index.ts'
import type { VersionRecord } from '../../../shared/record/index.ts'

const SHA = `sha512-${Buffer.alloc(64, 1).toString('base64')}`
const OTHER = `sha512-${Buffer.alloc(64, 2).toString('base64')}`
const TIMES = new Map([['1.0.0', 1], ['1.1.0', 2], ['1.2.0', 3]])
const timeOf = (version: string) => TIMES.get(version)

function record(version: string): VersionRecord {
  return {
    kind: 'version', subject: { name: 'a', version }, integrity: SHA, manifest: 'sha256-m', evidence: 'claimed',
    recorded: '2026-01-02T00:00:00.000Z',
  }
}

function claim(more: Partial<VersionSummary> = {}): VersionSummary {
  return {
    integrity: SHA, isPlain: true, signatures: [], tarball: 'https://npm.example/a.tgz', manifest: 'sha256-m', published: undefined,
    deprecated: false, ...more,
  }
}

function source(versions: Record<string, VersionSummary> | undefined, more: object = {}) {
  const view = {
    registry: { id: 'm', role: 'mirror' }, at: 0, state: versions ? 'found' : 'missing', ...more,
    ...(versions && { summary: { name: 'a', tags: {}, versions: new Map(Object.entries(versions)), unusable: ['0.1.0'] } }),
  } as unknown as SourceView
  return howFar(view, timeOf)
}

const empty = { about: null, integrity: null }

it('says whether a source has what is recorded', () => {
  const mirror = source({ '1.0.0': claim(), '1.1.0': claim({ integrity: OTHER }), '1.2.0': claim({ manifest: 'sha256-x' }) })
  expect(cellOf(record('1.0.0'), mirror, timeOf)).toEqual({ state: 'equal', ...empty })
  expect(cellOf(record('1.1.0'), mirror, timeOf)).toEqual({ state: 'differs', about: 'integrity', integrity: OTHER })
  expect(cellOf(record('1.2.0'), mirror, timeOf)).toEqual({ state: 'differs', about: 'manifest', integrity: null })
  expect(cellOf(record('0.1.0'), mirror, timeOf)).toEqual({ state: 'unclear', about: 'contradiction', integrity: null })
  expect(cellOf(record('1.0.0'), source({ '1.0.0': claim({ integrity: 'sha1-x' }) }), timeOf)).toEqual({ state: 'unclear', about: 'no-sha512', integrity: null })
})

it('tells a mirror that is behind from one that lacks something, and both from one that cannot be asked', () => {
  expect(cellOf(record('1.2.0'), source({ '1.1.0': claim() }), timeOf).state).toBe('lagging')
  expect(cellOf(record('1.0.0'), source({ '1.1.0': claim() }), timeOf).state).toBe('absent')
  expect(cellOf(record('1.2.0'), source(undefined), timeOf).state).toBe('absent')
  expect(cellOf(record('9.0.0'), source({ '1.1.0': claim() }), timeOf).state).toBe('absent')
  expect(cellOf(record('1.2.0'), source({ '1.1.0': claim() }, { registry: { id: 'n', role: 'authority' } }), timeOf).state).toBe('absent')
  expect(cellOf(record('1.2.0'), source(undefined, { state: 'failed' }), timeOf)).toEqual({ state: 'error', ...empty })
})

it('compares what is not recorded with its authority, and calls none of it equal', () => {
  const own = claim()
  const cell = (one: ReturnType<typeof source>) => cellOfUnrecorded('1.1.0', own, one, timeOf)
  expect(cell(source({ '1.1.0': own })).state).toBe('listed')
  expect(cell(source({ '1.1.0': claim() })).state).toBe('listed')
  expect(cell(source({ '1.1.0': claim({ integrity: OTHER }) }))).toEqual({ state: 'differs', about: 'integrity', integrity: OTHER })
  expect(cell(source({ '1.1.0': claim({ manifest: 'sha256-x' }) }))).toMatchObject({ state: 'differs', about: 'manifest' })
  expect(cell(source({ '1.1.0': claim({ integrity: 'sha1-x' }) })).state).toBe('unclear')
  expect(cell(source({ '1.0.0': claim() })).state).toBe('lagging')
  expect(cell(source({ '1.2.0': claim() })).state).toBe('absent')
  expect(cell(source(undefined, { state: 'failed' })).state).toBe('error')
})
