import { expect, it } from 'vitest'
import { newestFirst, putInOrder } from '../../../server/package-api/order.ts'

it('puts versions in the order of semantic versioning, and what is none last', () => {
  expect(newestFirst(['1.2.0', '1.10.0', 'v0.9', '2.0.0-rc.1', '2.0.0', '1.10.0+a', '0']))
    .toEqual(['2.0.0', '2.0.0-rc.1', '1.10.0+a', '1.10.0', '1.2.0', 'v0.9', '0'])
})

it('puts versions in the order of their records', () => {
  const versions = new Map([['1.0.0', { index: 4 }], ['2.0.0', { index: 2 }], ['0.9.0', { index: 9 }]])
  expect(putInOrder(versions, 'record')).toEqual(['0.9.0', '1.0.0', '2.0.0'])
  expect(putInOrder(versions, 'version')).toEqual(['2.0.0', '1.0.0', '0.9.0'])
})
