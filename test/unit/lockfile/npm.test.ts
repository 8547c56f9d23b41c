import { describe, expect, it } from 'vitest'
import { parseLockfile } from '../../../shared/lockfile/index.ts'
import { foreign, published, tarballUrl } from './fixture.ts'

const read = (lockfile: object) => parseLockfile(JSON.stringify(lockfile), 'package-lock.json').packages
const byLocation = (packages: object, more: object = {}) => read({ lockfileVersion: 3, packages: { '': { name: 'root' }, ...packages }, ...more })
const inTree = (dependencies: object) => read({ lockfileVersion: 1, dependencies })

const lib = { version: '1.1.0', resolved: tarballUrl('fx-lib@1.1.0'), integrity: published('fx-lib@1.1.0', '').integrity }

describe('what is locked', () => {
  it.each([
    ['sha512-AAAA', 'registry', undefined],
    ['sha1-AAAA sha512-BBBB', 'registry', undefined],
    ['  sha512-AAAA?option  sha512-BBBB', 'registry', undefined],
    ['sha1-AAAA', 'other-digest', 'only a sha1 digest is locked: only that the version exists can be proven'],
    ['sha384-AAAA', 'other-digest', 'only a sha384 digest is locked: only that the version exists can be proven'],
    // npm ignores what it does not understand, and then checks nothing.
    ['SHA512-AAAA', 'no-integrity', 'its integrity is not a digest'],
    ['whatever', 'no-integrity', 'its integrity is not a digest'],
  ])('%j is %s', (integrity, state, note) => {
    expect(byLocation({ 'node_modules/fx-lib': { ...lib, integrity } })).toEqual([
      { name: 'fx-lib', ...lib, integrity, at: 'node_modules/fx-lib', state, ...(note !== undefined && { note }) },
    ])
  })

  it('may be nothing', () => {
    const { integrity, ...rest } = lib
    expect(integrity).toBeDefined()
    expect(byLocation({ 'node_modules/fx-lib': rest })).toEqual([{ name: 'fx-lib', ...rest, at: 'node_modules/fx-lib', state: 'no-integrity' }])
    expect(inTree({ 'fx-lib': { version: '1.0.0', resolved: false, integrity: false } }))
      .toEqual([{ name: 'fx-lib', version: '1.0.0', at: 'fx-lib', state: 'no-integrity' }])
  })

  it('may lack the URL or the version', () => {
    const { resolved, ...rest } = lib
    expect(resolved).toBeDefined()
    expect(byLocation({ 'node_modules/fx-lib': rest, 'node_modules/fx-peer': { optional: true, peer: true } })).toEqual([
      published('fx-lib@1.1.0', 'node_modules/fx-lib'),
      { name: 'fx-peer', version: '', at: 'node_modules/fx-peer', state: 'no-integrity', note: 'the lockfile names no version' },
    ])
  })
})

describe('equal entries', () => {
  it('are listed once, at the first place', () => {
    expect(byLocation({ 'node_modules/a/node_modules/fx-lib': lib, 'node_modules/b/node_modules/fx-lib': lib }))
      .toEqual([published('fx-lib@1.1.0', 'node_modules/a/node_modules/fx-lib', { resolved: lib.resolved })])
  })

  it('are both listed if their digests differ', () => {
    expect(byLocation({
      'node_modules/a/node_modules/fx-lib': lib,
      'node_modules/b/node_modules/fx-lib': { ...lib, integrity: 'sha512-AAAA' },
    }).map(({ integrity }) => integrity)).toEqual([lib.integrity, 'sha512-AAAA'])
  })

  it('are both listed if only one comes from a registry', () => {
    expect(byLocation({
      'node_modules/fx-lib': { version: '1.1.0' },
      'packages/fx-lib': { version: '1.1.0' },
    }).map(({ state }) => state)).toEqual(['no-integrity', 'not-from-registry'])
  })
})

describe('version 2', () => {
  it('also lists what only its list for old clients says', () => {
    const { packages } = parseLockfile(JSON.stringify({
      lockfileVersion: 2,
      packages: { 'node_modules/fx-lib': lib },
      dependencies: { 'fx-lib': { ...lib, integrity: 'sha512-AAAA' } },
    }), 'package-lock.json')
    expect(packages.map(({ at, integrity }) => [at, integrity])).toEqual([
      ['node_modules/fx-lib', lib.integrity], ['fx-lib', 'sha512-AAAA'],
    ])
  })

  it('has that list ignored in version 3', () => {
    expect(byLocation({}, { dependencies: { 'fx-lib': lib } })).toEqual([])
  })
})

describe('bundled', () => {
  it('is what npm takes out of its parent\'s tarball', () => {
    const at = 'node_modules/a/node_modules/@fx/util'
    expect(byLocation({ [at]: { version: '1.2.3', inBundle: true } }))
      .toEqual([foreign('@fx/util@1.2.3', at, undefined, 'bundled in the tarball of its parent')])
  })

  it('is not what the project itself bundles: npm fetches it', () => {
    expect(byLocation({ 'node_modules/fx-lib': { version: '1.1.0', inBundle: true } }))
      .toMatchObject([{ name: 'fx-lib', state: 'no-integrity' }])
    expect(inTree({ 'fx-lib': { version: '1.1.0', bundled: true } })).toMatchObject([{ name: 'fx-lib', state: 'no-integrity' }])
  })

  it('does not hide a digest: a mark is easily set', () => {
    const marked = { ...lib, inBundle: true }
    expect(byLocation({ 'node_modules/a/node_modules/fx-lib': marked })).toMatchObject([{ name: 'fx-lib', state: 'registry', integrity: lib.integrity }])
    expect(inTree({ a: { version: '1.0.0', dependencies: { 'fx-lib': { ...lib, bundled: true } } } }))
      .toMatchObject([{ name: 'a' }, { name: 'fx-lib', state: 'registry', integrity: lib.integrity }])
  })
})

describe('places', () => {
  it.each([
    ['git+ssh://git@files.example/a.git#abc', 'from a git repository'],
    ['git://files.example/a.git', 'from a git repository'],
    ['github:fixtures/a#abc', 'from a git repository'],
    ['file:../a', 'a folder'],
    ['file:a.tar.gz', 'a local tarball'],
  ])('%s is %s', (place, note) => {
    expect(byLocation({ 'node_modules/a': { version: '1.0.0', resolved: place } })).toEqual([foreign('a@1.0.0', 'node_modules/a', place, note)])
    expect(inTree({ a: { version: place } })).toEqual([foreign('a@', 'a', place, note)])
  })

  it('are remote tarballs if somebody depends on that URL, in whatever form registries have theirs', () => {
    const url = 'https://files.example/download/fx-lib/1.1.0'
    const entry = { 'node_modules/fx-lib': { ...lib, resolved: `${url}#1` } }
    expect(byLocation(entry)).toMatchObject([{ state: 'registry', resolved: `${url}#1` }])
    expect(byLocation({ ...entry, 'packages/a': { dependencies: { 'fx-lib': url } } }))
      .toMatchObject([{ name: 'fx-lib', state: 'not-from-registry', note: 'a remote tarball' }, { name: 'a' }])
  })

  it('of links are their targets\' if those are listed', () => {
    expect(byLocation({
      'node_modules/a': { resolved: 'packages/a', link: true },
      'node_modules/@fx/b': { resolved: '../b', link: true },
      'packages/a': { version: '1.0.0' },
      'packages/@fx/c': {},
      'd': {},
    })).toEqual([
      foreign('@fx/b@', 'node_modules/@fx/b', 'file:../b', 'a link to a folder'),
      foreign('a@1.0.0', 'packages/a', 'file:packages/a', 'a folder'),
      foreign('@fx/c@', 'packages/@fx/c', 'file:packages/@fx/c', 'a folder'),
      foreign('d@', 'd', 'file:d', 'a folder'),
    ])
  })
})

it('knows aliases of scoped packages', () => {
  expect(inTree({ alias: { version: 'npm:@fx/util@1.2.3', integrity: 'sha512-AAAA' } })).toMatchObject([{ name: '@fx/util', version: '1.2.3', at: 'alias' }])
  expect(byLocation({ 'node_modules/alias': { name: '@fx/util', version: '1.2.3', integrity: 'sha512-AAAA' } }))
    .toMatchObject([{ name: '@fx/util', version: '1.2.3', at: 'node_modules/alias', state: 'registry' }])
})
