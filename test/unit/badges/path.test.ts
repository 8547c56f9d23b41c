import { describe, expect, it } from 'vitest'
import { parseBadgePath } from '../../../server/badges/path.ts'

const SCOPED = { name: '@scope/name', version: '1.0.0' }

describe('paths of badges', () => {
  it.each([
    ['/npm/name.svg', { name: 'name' }],
    ['/npm/name@1.0.0.svg', { name: 'name', version: '1.0.0' }],
    ['/npm/JSONStream@2.0.0-RC.1+build.svg?x=1', { name: 'JSONStream', version: '2.0.0-RC.1+build' }],
    ['/npm/lodash.svg@1.0.0.svg', { name: 'lodash.svg', version: '1.0.0' }],
    ['/npm/@scope/name.svg', { name: '@scope/name' }],
    ['/npm/@scope%2fname.svg', { name: '@scope/name' }],
    ['/npm/%40scope%2Fname.svg', { name: '@scope/name' }],
    ['/npm/@scope/name@1.0.0.svg', SCOPED],
    ['/npm/@scope%2fname@1.0.0.svg', SCOPED],
    ['/npm/@scope%2Fname%401.0.0.svg', SCOPED],
    ['/npm/%40scope%2fname@1.0.0.svg', SCOPED],
    ['/npm/%40scope/name%401.0.0.svg', SCOPED],
    ['/npm/name@1.0.0%2bbuild.svg', { name: 'name', version: '1.0.0+build' }],
  ])('%s', (path, target) => {
    expect(parseBadgePath(path)).toEqual(target)
  })

  it.each([
    '/npm/.svg', '/npm/@.svg', '/npm/@scope.svg', '/npm/@scope/.svg', '/npm/@1.0.0.svg', '/npm/name@.svg', '/npm/name@latest.svg',
    '/npm/a/b.svg', '/npm/..%2f..%2fetc.svg', '/npm/../name.svg', '/npm/%00.svg', '/npm/%zz.svg', '/npm/name@%zz.svg', '/npm/a@b@1.0.0.svg',
    '/npm/%3Cscript%3E.svg', '/npm/name@1%22onload=x.svg', '/npm/name%2540.svg', '/npm/name@1.0.0@1.0.0.svg', '/npm/a%0Ab.svg',
    '/npm/-/ping.svg', '/npm/name/-/name-1.0.0.tgz.svg', '/npm/@../x.svg', `/npm/${'a'.repeat(2_000)}.svg`,
  ])('%s names no package', (path) => {
    expect(parseBadgePath(path)).toBe('malformed')
  })

  it.each(['/', '/npm', '/npm/name', '/npm/name.png', '/pypi/name.svg', '/npm/name.svg/x'])('%s is none', (path) => {
    expect(parseBadgePath(path)).toBeUndefined()
  })
})
