import { expect, it } from 'vitest'
import { diffDocuments, type Side } from '../../../server/package-api/diff.ts'
import { readFields } from '../../../server/packument/fields.ts'

const LEFT = 'https://one.example/'
const RIGHT = 'https://two.example/npm/'

function side(base: string, document: Record<string, unknown>): Side {
  return { base, fields: readFields(document) }
}

function manifest(base: string, version: string, more: Record<string, unknown> = {}, dist: Record<string, unknown> = {}) {
  return {
    name: 'a', version, dependencies: { x: '^1.0.0', y: '*' },
    dist: { tarball: `${base}a/-/a-${version}.tgz`, integrity: `sha512-${version}`, ...dist }, ...more,
  }
}

function documentOf(versions: object[], more: Record<string, unknown> = {}) {
  return {
    'name': 'a', 'dist-tags': { latest: '1.0.0' }, 'versions': Object.fromEntries(versions.map(one => [(one as { version: string }).version, one])),
    'time': { '1.0.0': '2024-01-01T00:00:00.000Z' }, ...more,
  }
}

it('takes what only registries write differently for noise, and counts it', () => {
  const { dependencies, ...rest } = manifest(RIGHT, '1.0.0', { _id: 'a@1.0.0', readme: 'two' })
  const found = diffDocuments(
    side(LEFT, documentOf([manifest(LEFT, '1.0.0', { _id: 'other', readme: 'one' })], { _rev: '1-a' })),
    side(RIGHT, documentOf([{ ...rest, dependencies: { y: '*', x: dependencies.x } }], { _rev: '2-b' })),
  )
  expect(found).toMatchObject({ fields: [], versions: [], differing: 0, common: 1 })
  expect(found.noise).toEqual([
    { what: '(order of fields)', count: 1 }, { what: '_id', count: 1 }, { what: '_rev', count: 1 },
    { what: 'dist.tarball', count: 1 }, { what: 'readme', count: 1 },
  ])
})

it('tells fields that decide over an installation, those first', () => {
  const left = manifest(LEFT, '1.0.0', { deprecated: 'old' }, { signatures: [{ keyid: 'k', sig: 's' }] })
  const right = manifest(RIGHT, '1.0.0', { dependencies: { x: '^2.0.0' } }, { integrity: 'sha512-other', tarball: `${RIGHT}a/-/b.tgz` })
  const found = diffDocuments(
    side(LEFT, documentOf([left], { 'dist-tags': { latest: '1.0.0', next: '2.0.0' } })),
    side(RIGHT, documentOf([right], { time: { '1.0.0': '2024-01-02T00:00:00.000Z' } })),
  )
  expect(found.fields).toEqual([{ field: 'dist-tags.next', left: '"2.0.0"', right: null }])
  expect(found.versions).toEqual([{ version: '1.0.0', fields: [
    { field: 'dist.integrity', left: '"sha512-1.0.0"', right: '"sha512-other"' },
    { field: 'dist.tarball', left: `"${LEFT}a/-/a-1.0.0.tgz"`, right: `"${RIGHT}a/-/b.tgz"` },
    { field: 'dist.signatures', left: '[{"keyid":"k","sig":"s"}]', right: null },
    { field: 'dependencies', left: '{"x":"^1.0.0","y":"*"}', right: '{"x":"^2.0.0"}' },
    { field: 'deprecated', left: '"old"', right: null },
    { field: 'time', left: '"2024-01-01T00:00:00.000Z"', right: '"2024-01-02T00:00:00.000Z"' },
  ] }])
})

it('names versions that only one has, and bounds everything', () => {
  const many = Array.from({ length: 200 }, (_, n) => manifest(LEFT, `1.${n}.0`))
  const others = many.map(one => manifest(RIGHT, one.version, {}, { integrity: 'sha512-other' }))
  const found = diffDocuments(side(LEFT, documentOf([...many, manifest(LEFT, '2.0.0')])), side(RIGHT, documentOf(others)))
  expect(found).toMatchObject({ differing: 200, common: 200, only: { left: { total: 1, versions: ['2.0.0'] }, right: { total: 0 } } })
  expect(found.versions.map(({ version }) => version).slice(0, 2)).toEqual(['1.199.0', '1.198.0'])
  expect(found.versions).toHaveLength(50)
})

it('compares whatever a registry sends', () => {
  const hostile = JSON.parse('{"name":"a","versions":{"__proto__":{"dist":null},"1.0.0":7,"constructor":[]},"time":[],"dist-tags":"x","__proto__":{"a":1}}') as Record<string, unknown>
  const found = diffDocuments(side(LEFT, hostile), side(RIGHT, documentOf([manifest(RIGHT, '1.0.0')])))
  expect(found.only.left.versions.toSorted()).toEqual(['__proto__', 'constructor'])
  expect(found.common).toBe(1)
  expect(({} as { a?: number }).a).toBeUndefined()
})
