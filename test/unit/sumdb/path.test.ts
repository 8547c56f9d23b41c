import { describe, expect, it } from 'vitest'
import { parseSumdbPath } from '../../../server/sumdb/path.ts'

describe('packages', () => {
  it.each([
    ['/lookup/npm/x@1.0.0', 'x', '1.0.0'], ['/lookup/npm/@s/x@1.0.0', '@s/x', '1.0.0'], ['/lookup/npm/@s%2fx@1.0.0', '@s/x', '1.0.0'],
    ['/lookup/npm/%40s%2Fx@1.0.0', '@s/x', '1.0.0'], ['/lookup/npm/%40s/x%401.0.0', '@s/x', '1.0.0'], ['/lookup/npm/x@1.0.0?a=b', 'x', '1.0.0'],
    ['/lookup/npm/x@1.0.0-rc.1+build.5', 'x', '1.0.0-rc.1+build.5'], ['/lookup/npm/x@1.0.0-rc.1%2Bbuild.5', 'x', '1.0.0-rc.1+build.5'],
    ['/lookup/npm/JSONStream@1.0.0', 'JSONStream', '1.0.0'], ['/lookup/npm/npm@1.0.0', 'npm', '1.0.0'],
  ])('%s', (path, name, version) => {
    expect(parseSumdbPath(path)).toEqual({ route: 'lookup', name, version })
    expect(parseSumdbPath(path.replace('/lookup/', '/proof/'))).toEqual({ route: 'proof', name, version })
  })

  it.each([
    '', 'x', 'x@', '@1.0.0', 'x@latest', 'x@^1.0.0', 'x/@1.0.0', '/x@1.0.0', '@s@1.0.0', '@s/@1.0.0', '@s/x/y@1.0.0', 's/x@1.0.0', '@s%252fx@1.0.0', 'a%252fb@1.0.0',
    '..%2fx@1.0.0', '../x@1.0.0', '%2e%2e/x@1.0.0', '@../x@1.0.0', '@s/..@1.0.0', '.x@1.0.0', 'x%00@1.0.0', 'x@1.0.0%00', 'x%0d%0aa:b@1.0.0', 'x@1.0.0%0a', 'x%20y@1.0.0',
    'x\\y@1.0.0', 'x%5cy@1.0.0', '%@1.0.0', '%c3%28@1.0.0', 'x@1.0.0/y', 'x@1.0.0%2fy', '__proto__', 'x@__proto__', 'caf%c3%a9@1.0.0', `x@1.0.0-${'a'.repeat(300)}`,
  ])('none: %j', (spec) => {
    expect(parseSumdbPath(`/lookup/npm/${spec}`)).toEqual({ route: 'malformed', form: 'lookup/npm/<name>@<version>' })
    expect(parseSumdbPath(`/proof/npm/${spec}`)).toEqual({ route: 'malformed', form: 'proof/npm/<name>@<version>' })
  })

  it.each(['/lookup/x@1.0.0', '/lookup/pypi/x@1.0.0', '/lookup/'])('of another ecosystem: %s', (path) => {
    expect(parseSumdbPath(path)).toMatchObject({ route: 'malformed' })
  })

  it.each([
    ['npm.npmx.dev/is-number@7.0.0', 'is-number', '7.0.0'], ['npm.npmx.dev/nuxt/ui@4.0.0', '@nuxt/ui', '4.0.0'],
    ['npm.npmx.dev/!j!s!o!n!stream@1.0.0-!r!c1', 'JSONStream', '1.0.0-RC1'], ['hex.npm.npmx.dev/7631@1.0.0', 'v1', '1.0.0'],
    ['npm.npmx.dev/%21j!s!o!n!stream@1.0.0%2B1', 'JSONStream', '1.0.0+1'],
  ])('as Go asks for them: %s', (path, name, version) => {
    expect(parseSumdbPath(`/go/lookup/${path}`)).toEqual({ route: 'go-lookup', name, version })
  })

  it.each(['is-number@7.0.0', 'npm.npmx.dev/JSONStream@1.0.0', 'npm.npmx.dev/@nuxt/ui@1.0.0', 'npm.npmx.dev/x', 'golang.org/x/mod@v0.1.0', 'npm.npmx.dev/x@1.0.0%', 'hex.npm.npmx.dev/78@1.0.0', ''])(
    'as Go would not ask: %s', (path) => {
      expect(parseSumdbPath(`/go/lookup/${path}`)).toMatchObject({ route: 'malformed' })
    })
})

describe('tiles', () => {
  it.each([
    ['/tile/0/000', { route: 'tile', tile: { level: 0, index: 0, width: 256 } }],
    ['/tile/63/x001/x234/067', { route: 'tile', tile: { level: 63, index: 1234067, width: 256 } }],
    ['/tile/1/005.p/255', { route: 'tile', tile: { level: 1, index: 5, width: 255 } }],
    ['/tile/entries/000', { route: 'entries', index: 0, width: 256 }],
    ['/tile/entries/x001/000.p/1', { route: 'entries', index: 1000, width: 1 }],
    ['/go/tile/8/0/000.p/7', { route: 'go-tile', tile: { level: 0, index: 0, width: 7 } }],
    ['/go/tile/8/data/001.p/7', { route: 'go-data', index: 1, width: 7 }],
    ['/tile/0/000?x=/../y', { route: 'tile', tile: { level: 0, index: 0, width: 256 } }],
  ])('%s', (path, target) => {
    expect(parseSumdbPath(path)).toEqual(target)
  })

  it.each([
    'tile/', 'tile/0', 'tile/0/', 'tile/0/0', 'tile/0/00', 'tile/0/0000', 'tile/00/000', 'tile/64/000', 'tile/-1/000', 'tile/0/-01', 'tile/0/x000/001', 'tile/0/000.p/0',
    'tile/0/000.p/256', 'tile/0/000.p/01', 'tile/0/000.p/', 'tile/0/000.p', 'tile/0/000.p/1/', 'tile/0/000/', 'tile//000', 'tile/0//000', 'tile/0/%30%30%30', 'tile/0/x001',
    'tile/0/x999/x999/x999/x999/x999/999', 'tile/entries/', 'tile/entries/0', 'tile/entries/000.p/256', 'tile/data/000', 'tile/8/0/000', 'tile/0/٠٠٠', 'tile/0/000\n',
    'go/tile/8/0/0', 'go/tile/0/000', 'go/tile/7/0/000', 'go/tile/8/data/000.p/256', 'go/tile/8/-1/000', 'go/tile/8/entries/000', `tile/0/${'x000/'.repeat(100)}000`,
  ])('none: %j', (path) => {
    expect(parseSumdbPath(`/${path}`)).toMatchObject({ route: 'malformed' })
  })
})

it.each([
  '/', '', '//', '//checkpoint', '/checkpoint/', '/Checkpoint', '/%63heckpoint', '/latest', '/supported', '/go', '/go/', '/go/checkpoint', '/go/latest/', '/__proto__', '/constructor',
  '/toString', '/../checkpoint', '/go/../checkpoint', '/tile', '/lookup', `/${'x'.repeat(5000)}`, `/lookup/npm/${'x'.repeat(5000)}@1.0.0`,
])('%j is nothing', (path) => {
  expect(parseSumdbPath(path)).toEqual({ route: 'unknown' })
})

it.each(['checkpoint', 'vkey', 'add'])('/%s', (route) => {
  expect(parseSumdbPath(`/${route}`)).toEqual({ route })
  expect(parseSumdbPath(`/${route}?x`)).toEqual({ route })
})

it.each(['latest', 'vkey', 'supported'])('/go/%s', (name) => {
  expect(parseSumdbPath(`/go/${name}`)).toEqual({ route: `go-${name}` })
})
