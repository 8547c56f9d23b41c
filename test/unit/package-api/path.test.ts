import { expect, it } from 'vitest'
import { parsePackagePath } from '../../../server/package-api/path.ts'

it.each([
  ['tiny-color', { name: 'tiny-color', part: 'report' }],
  ['@acme/button', { name: '@acme/button', part: 'report' }],
  ['@acme/button/-/registries', { name: '@acme/button', part: 'registries' }],
  ['-/-/differences', { name: '-', part: 'differences' }],
  ['@acme/-', { name: '@acme/-', part: 'report' }],
  ['registries', { name: 'registries', part: 'report' }],
])('reads %s', (path, expected) => {
  expect(parsePackagePath(path)).toEqual(expected)
})

it.each(['', '.', '..', '../x', '@acme', '@acme/', 'a/b', '@a/b/c', 'a b', '%ff', 'a\n', '@acme/-/registries', 'x'.repeat(600), '\ud800'])(
  'refuses %j as a name', (path) => {
    expect(() => parsePackagePath(path)).toThrow(expect.objectContaining({ code: 'BAD_NAME', status: 404 }))
  })
