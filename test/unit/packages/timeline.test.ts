import { expect, it } from 'vitest'
import { packageAddress, packagePath, readPackageQuery } from '../../../app/packages/address.ts'
import { tellChanges } from '../../../app/packages/timeline.ts'
import type { PackageChange } from '../../../shared/types/packages.ts'

const at = (second: number) => new Date(1_700_000_000_000 + second * 1_000).toISOString()

function change(index: number, second: number, kind: string, more: object): PackageChange {
  return { index, record: { kind, recorded: at(second), subject: { name: 'a', ...more }, ...more } as unknown as PackageChange['record'] }
}

it('tells versions that were recorded together as one thing', () => {
  const items = tellChanges([
    change(9, 500, 'version', { version: '2.0.0' }),
    change(7, 61, 'version', { version: '1.2.0' }),
    change(6, 60, 'version', { version: '1.1.0' }),
    change(5, 59, 'withdrawn', { version: '1.0.0' }),
    change(4, 58, 'version', { version: '1.0.0' }),
  ])
  expect(items).toEqual([
    { kind: 'versions', index: 9, last: 9, recorded: at(500), versions: ['2.0.0'] },
    { kind: 'versions', index: 6, last: 7, recorded: at(61), versions: ['1.2.0', '1.1.0'] },
    { kind: 'withdrawn', index: 5, recorded: at(59), version: '1.0.0' },
    { kind: 'versions', index: 4, last: 4, recorded: at(58), versions: ['1.0.0'] },
  ])
})

it('tells how tags moved, were new, and went', () => {
  const items = tellChanges([
    change(3, 30, 'tags', { tags: [{ name: 'latest', version: '2.0.0' }, { name: 'beta', version: '3.0.0' }] }),
    change(2, 20, 'conflict', { version: '1.0.0', source: 'east' }),
    change(1, 10, 'tags', { tags: [{ name: 'latest', version: '1.0.0' }, { name: 'old', version: '0.1.0' }] }),
  ])
  expect(items.map(item => item.kind === 'tags' ? item.moved : item)).toEqual([
    [
      { name: 'latest', from: '1.0.0', to: '2.0.0' }, { name: 'beta', from: null, to: '3.0.0' }, { name: 'old', from: '0.1.0', to: null },
    ],
    { kind: 'conflict', index: 2, recorded: at(20), version: '1.0.0', source: 'east' },
    [{ name: 'latest', from: null, to: '1.0.0' }, { name: 'old', from: null, to: '0.1.0' }],
  ])
})

it('keeps what it knows of an address, and makes one', () => {
  expect(readPackageQuery({ order: 'record', skip: ['1', '2'], other: 'x', left: '' })).toEqual({ order: 'record' })
  expect(packageAddress('@a/b', { skip: '20', order: undefined }, '#versions'))
    .toEqual({ name: 'registry-package', params: { name: ['@a', 'b'] }, query: { skip: '20' }, hash: '#versions' })
  expect(packagePath('@a/b', '/-/registries', { order: 'record' })).toBe('/api/packages/@a/b/-/registries?order=record')
  expect(packagePath('../x?y#z', '', {})).toBe('/api/packages/..%2Fx%3Fy%23z')
})
