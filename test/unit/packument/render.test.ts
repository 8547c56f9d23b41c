import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePackument } from '../../../server/packument/parse.ts'
import { render } from '../../../server/packument/render.ts'
import type { ManifestRendering, Packument, Rendering } from '../../../server/packument/types.ts'
import { packumentText } from './arbitraries.ts'

const BASE = 'http://proxy.example/npm/'
const ORIGIN = 'https://npm.example'
const INTEGRITY = `sha512-${Buffer.alloc(64).toString('base64')}`

function packument(name: string, version: string, tarball: string): Packument {
  const versions = { [version]: { name, version, dist: { tarball, integrity: INTEGRITY } } }
  return parsePackument(Buffer.from(JSON.stringify({ name, versions })), name).packument
}
function read<T = Packument>(document: Packument, rendering: Rendering | ManifestRendering): T {
  return JSON.parse(render(document, rendering).toString()) as T
}

describe('dist.tarball', () => {
  it.each<[name: string, version: string, tarball: string]>([
    ['x', '1.0.0', `${BASE}x/-/x-1.0.0.tgz`],
    ['@s/x', '1.0.0', `${BASE}@s/x/-/x-1.0.0.tgz`],
    ['x', '1.0.0-rc.1+b', `${BASE}x/-/x-1.0.0-rc.1+b.tgz`],
  ])('of %s@%s is ours by convention', (name, version, tarball) => {
    const document = packument(name, version, `${ORIGIN}/anything/else.tgz`)
    for (const form of ['full', 'corgi'] as const) {
      expect(read(document, { form, tarballs: { base: BASE } }).versions[version]!.dist.tarball).toBe(tarball)
    }
    expect(read<{ dist: object }>(document, { form: 'manifest', version, tarballs: { base: BASE } }).dist).toEqual({ tarball, integrity: INTEGRITY })
  })

  it('is kept where it is at the authority', () => {
    for (const tarball of [`${ORIGIN}/x/-/x-1.0.0.tgz`, `${ORIGIN}/download/123`]) {
      const { versions } = read(packument('x', '1.0.0', tarball), { form: 'full', tarballs: { base: BASE, keep: ORIGIN } })
      expect(versions['1.0.0']!.dist.tarball).toBe(tarball)
    }
  })

  it.each([
    'https://other.example/x/-/x-1.0.0.tgz',
    'https://npm.example:8443/x/-/x-1.0.0.tgz',
    'http://npm.example/x/-/x-1.0.0.tgz',
    'https://npm.example.evil.example/x-1.0.0.tgz',
    'https://npm.example@evil.example/x-1.0.0.tgz',
    'https://user:password@npm.example/x-1.0.0.tgz',
    'http://169.254.169.254/latest/meta-data/',
    'http://localhost:4873/x.tgz',
    'file:///etc/passwd',
    'javascript:alert(1)',
    '//npm.example/x.tgz',
    '/x/-/x-1.0.0.tgz',
    'https://npm.example',
    '',
  ])('is never one of another place: %j', (tarball) => {
    const { versions } = read(packument('x', '1.0.0', tarball), { form: 'full', tarballs: { base: BASE, keep: ORIGIN } })
    expect(versions['1.0.0']!.dist.tarball).toBe(`${BASE}x/-/x-1.0.0.tgz`)
  })
})

it('changes nothing else in any document', () => {
  fc.assert(fc.property(packumentText('@s/x'), fc.constantFrom(undefined, ORIGIN), (text, keep) => {
    const { packument: document } = parsePackument(Buffer.from(text), '@s/x')
    const rendered = render(document, { form: 'full', tarballs: { base: BASE, keep } }).toString()
    // Compared as text, so that a key's order, a `__proto__` and a lost field all show; with our URLs put into the original.
    const original = JSON.parse(text) as { versions: Record<string, { version: string, dist: { tarball: string } }> }
    for (const { version, dist } of Object.values(original.versions)) {
      if (!keep || !dist.tarball.startsWith(`${keep}/`)) dist.tarball = `${BASE}@s/x/-/x-${version}.tgz`
    }
    expect(rendered).toBe(JSON.stringify(original))
  }))
})

it('writes each manifest as it stands in the document', () => {
  fc.assert(fc.property(packumentText('x'), (text) => {
    const { packument: document } = parsePackument(Buffer.from(text), 'x')
    const tarballs = { base: BASE }
    const full = read(document, { form: 'full', tarballs })
    for (const version of Object.keys(document.versions)) {
      const manifest = render(document, { form: 'manifest', version, tarballs }).toString()
      expect(manifest).toBe(JSON.stringify(full.versions[version]))
    }
  }))
})

describe('what is left out', () => {
  const versions = Object.fromEntries(['1.0.0', '1.1.0', '2.0.0'].map(version =>
    [version, { name: 'x', version, dist: { tarball: `${ORIGIN}/x.tgz`, integrity: INTEGRITY } }]))
  const time = { 'created': '2024-01-01T00:00:00.000Z', 'modified': '2024-01-02T00:00:00.000Z', '1.0.0': '2024-01-01T00:00:00.000Z', '2.0.0': '2024-05-01T00:00:00.000Z' }
  const { packument: document } = parsePackument(Buffer.from(JSON.stringify({ 'name': 'x', 'readme': 'r', versions, time, 'dist-tags': { latest: '2.0.0', old: '1.0.0' } })), 'x')
  const omissions = { versions: new Set(['2.0.0']), tags: { latest: '1.1.0', old: '1.0.0' } }

  it.each(['full', 'corgi'] as const)('has neither version nor time in the %s document, and the tags are the given ones', (form) => {
    const rendered = JSON.parse(render(document, { form, tarballs: { base: BASE } }, omissions).toString()) as Packument
    expect(Object.keys(rendered.versions)).toEqual(['1.0.0', '1.1.0'])
    expect(rendered['dist-tags']).toEqual(omissions.tags)
    expect(rendered.time).toEqual({ 'created': time.created, 'modified': time.modified, '1.0.0': time['1.0.0'] })
    if (form === 'full') expect(Object.keys(rendered)).toEqual(['name', 'readme', 'versions', 'time', 'dist-tags'])
    else expect(rendered.modified).toBe(time.modified)
  })

  it('is not taken from the document', () => {
    render(document, { form: 'full', tarballs: { base: BASE } }, omissions)
    expect(Object.keys(document.versions)).toEqual(['1.0.0', '1.1.0', '2.0.0'])
    expect(document.time).toHaveProperty(['2.0.0'])
    expect(document['dist-tags'].latest).toBe('2.0.0')
  })
})

it('leaves the parsed document alone', () => {
  const document = packument('x', '1.0.0', 'https://other.example/x.tgz')
  const before = JSON.stringify(document)
  render(document, { form: 'full', tarballs: { base: BASE } })
  render(document, { form: 'corgi', tarballs: { base: BASE } })
  expect(JSON.stringify(document)).toBe(before)
})

it('says so when a document can be read but not written', () => {
  const levels = 100_000
  const text = `{"name":"x","versions":{},"deep":${'['.repeat(levels)}${']'.repeat(levels)}}`
  const { packument: document } = parsePackument(Buffer.from(text), 'x')
  expect(() => render(document, { form: 'full', tarballs: { base: BASE } })).toThrow(expect.objectContaining({ code: 'UPSTREAM_INVALID' }))
})

it('does not invent a version', () => {
  expect(() => render(packument('x', '1.0.0', ''), { form: 'manifest', version: '2.0.0', tarballs: { base: BASE } })).toThrow(/no version 2\.0\.0/)
  expect(() => render(packument('x', '1.0.0', ''), { form: 'manifest', version: '__proto__', tarballs: { base: BASE } })).toThrow(/no version/)
})
