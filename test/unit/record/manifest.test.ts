import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toCorgi } from '../../../server/packument/corgi.ts'
import type { Manifest } from '../../../server/packument/types.ts'
import { RecordError, manifestDigest } from '../../../shared/record/index.ts'

const digestOf = (json: string) => `sha256-${createHash('sha256').update(json).digest('base64')}`
const base = { name: 'x', version: '1.0.0' }

describe('manifestDigest', () => {
  it('is over the canonical JSON of what an installation depends on', () => {
    const manifest = {
      version: '1.0.0',
      name: 'x',
      description: 'not digested',
      scripts: { test: 'x', postinstall: 'y' },
      devDependencies: { z: '1' },
      dist: { tarball: 'https://npm.example/x.tgz' },
      dependencies: { b: '^1.0.0', a: '>=2 <3', 10: '1', 9: '1', é: '€' },
      optionalDependencies: { c: '*' },
      peerDependencies: { d: '*' },
      peerDependenciesMeta: { d: { optional: true } },
      bundledDependencies: ['a'],
      bin: { x: 'cli.js' },
      directories: { lib: 'lib' },
      engines: { node: '>=18' },
      os: ['linux'],
      cpu: ['x64', '!arm'],
      libc: 'glibc',
    }
    expect(manifestDigest(manifest)).toBe(digestOf('{"bin":{"x":"cli.js"},"bundleDependencies":["a"],"cpu":["x64","!arm"],'
      + '"dependencies":{"10":"1","9":"1","a":">=2 <3","b":"^1.0.0","é":"€"},"directories":{"lib":"lib"},"engines":{"node":">=18"},"hasInstallScript":true,'
      + '"libc":"glibc","name":"x","optionalDependencies":{"c":"*"},"os":["linux"],"peerDependencies":{"d":"*"},'
      + '"peerDependenciesMeta":{"d":{"optional":true}},"version":"1.0.0"}'))
  })

  it('does not depend on the order of keys', () => {
    expect(manifestDigest({ dependencies: { a: '1', b: '2' }, ...base })).toBe(manifestDigest({ ...base, dependencies: { b: '2', a: '1' } }))
  })

  it.each(['name', 'version', 'dependencies', 'optionalDependencies', 'peerDependencies', 'peerDependenciesMeta', 'bundleDependencies', 'bundledDependencies', 'bin', 'directories', 'engines', 'os', 'cpu', 'libc'])('depends on %s', (field) => {
    expect(manifestDigest({ ...base, [field]: { a: '1' } })).not.toBe(manifestDigest({ ...base, [field]: { a: '2' } }))
    expect(manifestDigest({ ...base, [field]: { a: '1' } })).not.toBe(manifestDigest(base))
  })

  it.each([null, false, '', [], {}])('is the same for a field that is %j and one that is absent', (empty) => {
    for (const field of ['dependencies', 'bin', 'os', 'bundleDependencies', 'bundledDependencies', 'hasInstallScript', 'scripts']) {
      expect(manifestDigest({ ...base, [field]: empty })).toBe(manifestDigest(base))
    }
  })

  it('keeps what is empty inside a field', () => {
    expect(manifestDigest({ ...base, dependencies: { a: '' } })).toBe(digestOf('{"dependencies":{"a":""},"name":"x","version":"1.0.0"}'))
  })

  it('knows an install script by its name or by the registry\'s word', () => {
    const marked = manifestDigest({ ...base, hasInstallScript: true })
    for (const script of ['preinstall', 'install', 'postinstall']) {
      expect(manifestDigest({ ...base, scripts: { [script]: 'x' } })).toBe(marked)
      expect(manifestDigest({ ...base, hasInstallScript: false, scripts: { [script]: '' } })).toBe(marked)
    }
    for (const other of [{ hasInstallScript: 'true' }, { scripts: { prepare: 'x' } }, { scripts: 'install' }, { scripts: null }]) {
      expect(manifestDigest({ ...base, ...other })).toBe(manifestDigest(base))
    }
  })

  it('reads both spellings of bundleDependencies', () => {
    const bundled = manifestDigest({ ...base, bundleDependencies: ['a'] })
    expect(bundled).toBe(digestOf('{"bundleDependencies":["a"],"name":"x","version":"1.0.0"}'))
    expect(manifestDigest({ ...base, bundledDependencies: ['a'] })).toBe(bundled)
    expect(manifestDigest({ ...base, bundleDependencies: ['a'], bundledDependencies: ['a'] })).toBe(bundled)
    expect(manifestDigest({ ...base, bundleDependencies: ['a'], bundledDependencies: null })).toBe(bundled)
    expect(manifestDigest({ ...base, bundleDependencies: true })).toBe(digestOf('{"bundleDependencies":true,"name":"x","version":"1.0.0"}'))
    expect(manifestDigest({ ...base, bundleDependencies: false, bundledDependencies: [] })).toBe(manifestDigest(base))
    // Clients differ on which one counts, so neither may change unseen.
    expect(manifestDigest({ ...base, bundleDependencies: ['a'], bundledDependencies: [] }))
      .toBe(digestOf('{"bundleDependencies":["a"],"bundledDependencies":[],"name":"x","version":"1.0.0"}'))
    expect(manifestDigest({ ...base, bundleDependencies: false, bundledDependencies: ['a'] }))
      .toBe(digestOf('{"bundleDependencies":false,"bundledDependencies":["a"],"name":"x","version":"1.0.0"}'))
  })

  it('takes dangerous keys as data', () => {
    const manifest = JSON.parse('{"name":"x","version":"1.0.0","__proto__":{"bin":"a"},"dependencies":{"__proto__":"1","toJSON":"2","constructor":"3"}}') as object
    expect(manifestDigest(manifest)).toBe(digestOf('{"dependencies":{"__proto__":"1","constructor":"3","toJSON":"2"},"name":"x","version":"1.0.0"}'))
  })

  it('is that of RFC 8785 for any JSON', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      fc.pre(value !== null && value !== false && value !== '' && !(typeof value === 'object' && Object.keys(value).length === 0))
      const engines = JSON.parse(JSON.stringify(value)) as unknown
      expect(manifestDigest({ ...base, engines })).toBe(digestOf(canonicalize({ ...base, engines })!))
    }), { numRuns: 2_000 })
  })

  it('is the same for the full and the abbreviated form', () => {
    const json = fc.jsonValue({ maxDepth: 2 }).map(value => JSON.parse(JSON.stringify(value)) as unknown)
    const field = fc.oneof(json, fc.constantFrom(null, false, true, '', [], {}, { install: 'x' }, { a: '1' }, ['a']))
    const manifest = fc.record({
      dependencies: field,
      optionalDependencies: field,
      peerDependenciesMeta: field,
      bundleDependencies: field,
      bundledDependencies: field,
      bin: field,
      directories: field,
      engines: field,
      os: field,
      libc: field,
      scripts: field,
      hasInstallScript: field,
      description: field,
    }, { requiredKeys: [] })
    fc.assert(fc.property(manifest, (fields) => {
      const full = { ...fields, ...base, dist: { tarball: '' } } as Manifest
      const { versions } = toCorgi({ 'name': 'x', 'dist-tags': {}, 'versions': { '1.0.0': full } }) as { versions: Record<string, Manifest> }
      expect(manifestDigest(versions['1.0.0']!)).toBe(manifestDigest(full))
    }), { numRuns: 2_000 })
  })

  it('refuses what has no canonical JSON', () => {
    const deep = (levels: number) => JSON.parse(`${'['.repeat(levels)}1${']'.repeat(levels)}`) as unknown
    expect(manifestDigest({ ...base, engines: deep(63) })).toMatch(/^sha256-/)
    for (const engines of [deep(64), deep(100_000), { a: '\uD800' }, { '\uDC00': 'a' }, JSON.parse('{"a":1e999}')]) {
      expect(() => manifestDigest({ ...base, engines })).toThrow(expect.objectContaining({ name: 'RecordError', code: 'BAD_MANIFEST' }))
    }
    expect(manifestDigest({ ...base, engines: '\\ud800 \u{1F600}' })).toBe(digestOf('{"engines":"\\\\ud800 \u{1F600}","name":"x","version":"1.0.0"}'))
  })

  it('throws nothing but a RecordError', () => {
    fc.assert(fc.property(fc.object({ key: fc.constantFrom('name', 'bin', 'bundleDependencies', 'bundledDependencies', 'scripts', 'engines', '__proto__', 'a'), withBigInt: true, withDate: true, withNullPrototype: true }), (manifest) => {
      try {
        expect(manifestDigest(manifest)).toMatch(/^sha256-.{43}=$/)
      } catch (error) {
        expect(error).toBeInstanceOf(RecordError)
      }
    }), { numRuns: 1_000 })
  })
})
