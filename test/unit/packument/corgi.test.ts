import { describe, expect, it } from 'vitest'
import { toCorgi } from '../../../server/packument/corgi.ts'
import type { Manifest, Packument } from '../../../server/packument/types.ts'

const dist = { tarball: 'https://npm.example/x/-/x-1.0.0.tgz', integrity: 'sha512-x', shasum: 'y', signatures: [{ keyid: 'k', sig: 's' }], attestations: { url: 'u' } }

/** What clients read of a version when they install it. */
const KEPT = {
  name: 'x',
  version: '1.0.0',
  deprecated: 'use y',
  dependencies: { a: '1' },
  acceptDependencies: { a: '2' },
  optionalDependencies: { b: '1' },
  devDependencies: { c: '1' },
  bundleDependencies: ['a'],
  peerDependencies: { d: '1' },
  peerDependenciesMeta: { d: { optional: true } },
  bin: { x: 'x.js' },
  directories: { bin: 'bin' },
  dist,
  engines: { node: '>=24' },
  _hasShrinkwrap: true,
  hasInstallScript: true,
  cpu: ['x64'],
  os: ['linux'],
  libc: ['glibc'],
  funding: { url: 'https://fund.example' },
}
const LEFT_OUT = {
  _id: 'x@1.0.0', scripts: { test: 't' }, readme: '# x', description: 'd', maintainers: [], exports: {}, gitHead: 'g', types: 'x.d.ts',
  _npmOperationalInternal: {}, _nodeVersion: '24', repository: {}, license: 'MIT', keywords: [],
}

interface Corgi {
  'name': string
  'dist-tags': Record<string, string>
  'versions': Record<string, Record<string, unknown>>
  'modified'?: string
  'time'?: Record<string, string>
}

function corgi(manifest: object, document: object = {}): Corgi {
  const packument = { 'name': 'x', 'dist-tags': { latest: '1.0.0' }, 'versions': { '1.0.0': { name: 'x', version: '1.0.0', dist, ...manifest } as Manifest }, ...document }
  return JSON.parse(JSON.stringify(toCorgi(packument as Packument))) as Corgi
}
const abbreviated = (manifest: object) => corgi(manifest).versions['1.0.0']!

it('keeps of a version exactly what installing needs', () => {
  expect(abbreviated({ ...LEFT_OUT, ...KEPT })).toEqual(KEPT)
  expect(abbreviated({})).toEqual({ name: 'x', version: '1.0.0', dist })
})

it('keeps falsy values as they are', () => {
  const falsy = { deprecated: '', bundleDependencies: false, _hasShrinkwrap: false, bin: null, dependencies: {} }
  expect(abbreviated(falsy)).toEqual({ name: 'x', version: '1.0.0', dist, ...falsy })
})

it('keeps of the document name, tags, times and nothing else', () => {
  const time = { 'created': '2024-01-01T00:00:00.000Z', 'modified': '2024-02-01T00:00:00.000Z', '1.0.0': '2024-01-02T00:00:00.000Z' }
  const document = corgi({}, { time, readme: '# x', maintainers: [], _rev: '1-a', _id: 'x', users: {} })
  expect(Object.keys(document).toSorted()).toEqual(['dist-tags', 'modified', 'name', 'time', 'versions'])
  expect(document).toMatchObject({ 'name': 'x', 'dist-tags': { latest: '1.0.0' }, time, 'modified': time.modified })
})

describe('hasInstallScript', () => {
  it.each([{ preinstall: 'x' }, { install: 'x' }, { postinstall: 'x' }, { test: 't', postinstall: 'x' }])('is said of %j', (scripts) => {
    expect(abbreviated({ scripts })).toEqual({ name: 'x', version: '1.0.0', dist, hasInstallScript: true })
  })

  it.each([{ test: 't' }, {}, null, 'install', ['install'], { prepare: 'x', prepublish: 'x' }])('is not said of %j', (scripts) => {
    expect(abbreviated({ scripts })).not.toHaveProperty('hasInstallScript')
  })
})

describe('publisher', () => {
  it('keeps what trust policies compare', () => {
    const trust = { trustedPublisher: { id: 'github', oidcConfigId: 'x' }, approver: { name: 'me' } }
    expect(abbreviated({ _npmUser: { name: 'me', email: 'me@mail.example', ...trust } })._npmUser).toEqual(trust)
    expect(abbreviated({ _npmUser: { name: 'me', approver: trust.approver } })._npmUser).toEqual({ approver: trust.approver })
  })

  it.each([{ name: 'me', email: 'me@mail.example' }, 'me', null, 1])('is left out of %j', (_npmUser) => {
    expect(abbreviated({ _npmUser })).not.toHaveProperty('_npmUser')
  })
})

describe('modified', () => {
  it.each<[why: string, document: object, modified: string | undefined]>([
    ['the registry\'s own', { time: { 'modified': '2024-05-01T00:00:00.000Z', '1.0.0': '2024-01-01T00:00:00.000Z' } }, '2024-05-01T00:00:00.000Z'],
    ['the youngest version\'s if that is later', { time: { 'modified': '2024-01-01T00:00:00.000Z', '1.0.0': '2024-05-01T00:00:00.000Z' } }, '2024-05-01T00:00:00.000Z'],
    ['the youngest version\'s if there is no other', { time: { '0.9.0': '2024-05-01T00:00:00.000Z', '1.0.0': '2024-01-01T00:00:00.000Z' } }, '2024-05-01T00:00:00.000Z'],
    ['the document\'s if there is no time', { modified: '2024-05-01T00:00:00.000Z' }, '2024-05-01T00:00:00.000Z'],
    ['compared as times, not as texts', { time: { 'modified': '2024-05-01T00:00:00+02:00', '1.0.0': '2024-04-30T23:00:00Z' } }, '2024-04-30T23:00:00Z'],
    ['a time even if the registry\'s own is none', { time: { 'modified': 'recently', '1.0.0': '2024-05-01T00:00:00.000Z' } }, '2024-05-01T00:00:00.000Z'],
    ['absent if nothing is known', {}, undefined],
    ['absent if nothing is a time', { modified: { at: 1 } }, undefined],
  ])('is %s', (_, document, modified) => {
    expect(corgi({}, document).modified).toBe(modified)
  })
})
