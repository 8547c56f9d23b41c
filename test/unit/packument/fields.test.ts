import { expect, it } from 'vitest'
import { KEY_ORDER, readFields } from '../../../server/packument/fields.ts'

it('reads a document field by field, in one spelling', () => {
  const { package: ofPackage, versions } = readFields({
    'name': 'a',
    'dist-tags': { latest: '1.0.0' },
    'versions': { '1.0.0': { version: '1.0.0', dist: { b: 1, a: { d: 1, c: 2 } }, engines: { node: '>=1', bun: '*' } } },
    'time': { '1.0.0': 'then', 'modified': 'now' },
  })
  expect([...ofPackage]).toEqual([['name', '"a"'], ['dist-tags.latest', '"1.0.0"'], ['time.modified', '"now"']])
  expect([...versions.get('1.0.0')!]).toEqual([
    ['version', '"1.0.0"'], ['dist.b', '1'], ['dist.a', '{"c":2,"d":1}'], ['engines', '{"bun":"*","node":">=1"}'],
    [KEY_ORDER, 'version dist engines'], ['time', '"then"'],
  ])
})

it('tells long values apart by their digest, and keeps little of them', () => {
  const [one, other] = ['a', 'b'].map(end => readFields({ readme: 'x'.repeat(100_000) + end }).package.get('readme')!)
  expect(one).not.toBe(other)
  expect(one!.length).toBeLessThan(400)
})

it('reads what cannot be written', () => {
  let deep: unknown = 1
  for (let n = 0; n < 20_000; n++) deep = [deep]
  const { package: fields } = readFields({ deep, lone: '\ud800', nothing: undefined, versions: [], time: 'x' })
  expect(fields.get('lone')).toContain('\\ud800')
  expect(fields.get('deep')).toBeDefined()
})
