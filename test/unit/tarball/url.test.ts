import { describe, expect, test } from 'vitest'
import { canonicalTarballUrl, fileNameOf, tarballFileName, tarballPath } from '../../../server/tarball/url.ts'

test.each([
  ['x', '1.0.0', 'x-1.0.0.tgz', '/x/-/x-1.0.0.tgz'],
  ['@s/x', '1.0.0', 'x-1.0.0.tgz', '/@s/x/-/x-1.0.0.tgz'],
  ['JSONStream', '0.1.0-beta.1', 'JSONStream-0.1.0-beta.1.tgz', '/JSONStream/-/JSONStream-0.1.0-beta.1.tgz'],
  ['x', '1.0.0+build.5', 'x-1.0.0+build.5.tgz', '/x/-/x-1.0.0+build.5.tgz'],
  ['a~b\'(!)*', '1.0.0', 'a~b\'(!)*-1.0.0.tgz', '/a~b\'(!)*/-/a~b\'(!)*-1.0.0.tgz'],
  ['x', '1?#%', 'x-1?#%.tgz', '/x/-/x-1%3F%23%25.tgz'],
])('%s@%s', (name, version, file, path) => {
  expect(tarballFileName(name, version)).toBe(file)
  expect(tarballPath(name, version)).toBe(path)
  expect(fileNameOf(path)).toBe(file)
})

test.each([
  ['http://registry.example/', 'http://registry.example/@s/x/-/x-1.0.0.tgz'],
  ['http://registry.example/a/b/', 'http://registry.example/a/b/@s/x/-/x-1.0.0.tgz'],
])('below %s', (registry, expected) => {
  expect(canonicalTarballUrl(registry, '@s/x', '1.0.0')).toBe(expected)
})

test('a name cannot lead to another host', () => {
  expect(new URL(canonicalTarballUrl('http://registry.example/npm/', '/evil.example', '1.0.0')).host).toBe('registry.example')
})

describe('fileNameOf', () => {
  test.each([
    ['http://registry.example/x/-/x-1.0.0.tgz?a=/b.tgz#/c.tgz', 'x-1.0.0.tgz'],
    ['/@s%2fx/-/x-1.0.0.tgz', 'x-1.0.0.tgz'],
    ['http://registry.example/~/11/@jsr/std__x/0.1.0.tgz', '0.1.0.tgz'],
    ['http://registry.example/download/@s/x/1.0.0/0123456789abcdef', undefined],
    ['http://registry.example/x/-/.tgz', undefined],
    ['http://registry.example/x/-/', undefined],
    ['', undefined],
    ['/x/-/%zz.tgz', undefined],
    ['/x/-/..%2f..%2fx-1.0.0.tgz', undefined],
    ['/x/-/..%5cx-1.0.0.tgz', undefined],
    ['/x/-/x%00-1.0.0.tgz', undefined],
    ['/x/-/x%0a-1.0.0.tgz', undefined],
    ['/x/-/x-1.0.0.tgz\n', undefined],
  ])('%j', (url, expected) => {
    expect(fileNameOf(url)).toBe(expected)
  })
})
