import fc from 'fast-check'
import { PackageURL } from 'packageurl-js'
import validatePackageName from 'validate-npm-package-name'
import { describe, expect, it } from 'vitest'
import { type PackageSubject, RecordError, type VersionSubject, formatPurl, parsePurl } from '../../../shared/record/index.ts'
import { namespace, packageName, packageVersion } from './arbitraries.ts'

const subject: fc.Arbitrary<PackageSubject | VersionSubject> = fc.record(
  { name: packageName, version: packageVersion, namespace },
  { requiredKeys: ['name'], noNullPrototype: true },
)

const PURLS: [string, PackageSubject | VersionSubject][] = [
  ['pkg:npm/is-number', { name: 'is-number' }],
  ['pkg:npm/is-number@7.0.0', { name: 'is-number', version: '7.0.0' }],
  ['pkg:npm/%40nuxt/ui@4.11.2', { name: '@nuxt/ui', version: '4.11.2' }],
  ['pkg:npm/JSONStream@1.3.5', { name: 'JSONStream', version: '1.3.5' }],
  ['pkg:npm/-@0.0.1', { name: '-', version: '0.0.1' }],
  ['pkg:npm/_', { name: '_' }],
  ['pkg:npm/%40_x/-y~', { name: '@_x/-y~' }],
  ['pkg:npm/hey%21%27%28%29%2A~', { name: 'hey!\'()*~' }],
  ['pkg:npm/x@1.0.0-rc.1%2Bbuild.5', { name: 'x', version: '1.0.0-rc.1+build.5' }],
  ['pkg:npm/x@1.0.0?repository_url=npm.acme.example:4873%2Fnpm', { name: 'x', version: '1.0.0', namespace: 'npm.acme.example:4873/npm' }],
  ['pkg:npm/x?repository_url=x.example%2F%2520', { name: 'x', namespace: 'x.example/%20' }],
  [`pkg:npm/${'x'.repeat(300)}`, { name: 'x'.repeat(300) }],
]

describe('formatPurl and parsePurl', () => {
  it.each(PURLS)('%s', (purl, subject) => {
    expect(formatPurl(subject)).toBe(purl)
    expect(parsePurl(purl)).toStrictEqual(subject)
  })

  it('are each other\'s inverse', () => {
    fc.assert(fc.property(subject, (subject) => {
      expect(parsePurl(formatPurl(subject))).toStrictEqual(subject)
      expect(formatPurl(subject)).toMatch(/^[\w.~:/@?=&#%-]+$/)
    }), { numRuns: 2_000 })
  })

  it('know every name that npm accepts', () => {
    const name = fc.oneof(packageName, fc.string({ maxLength: 4 }), fc.tuple(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3 })).map(([a, b]) => `@${a}/${b}`))
    fc.assert(fc.property(name, (name) => {
      // npm takes the two scopes that are path segments as well; the proxy does not.
      fc.pre(validatePackageName(name).validForOldPackages && !/^@\.{1,2}\//.test(name))
      expect(parsePurl(formatPurl({ name }))).toStrictEqual({ name })
    }), { numRuns: 5_000 })
  })

  /**
   * We follow ECMA-427's one rule of percent-encoding for every component, and keep the name's case, which the type `npm` would
   * fold although the registry tells `JSONStream` and `jsonstream` apart. packageurl-js folds case, leaves `!'()*` as they are
   * everywhere and `+` in versions, and writes qualifiers as forms do, where `:` and `~` are encoded. It also refuses what npm
   * refuses for new packages. For everything else the two must agree.
   */
  it('write what packageurl-js writes', () => {
    let compared = 0
    fc.assert(fc.property(subject, (subject) => {
      const { name, namespace, version } = subject as VersionSubject
      fc.pre(name === name.toLowerCase() && !/[!'()*]/.test(name) && !version?.includes('+') && !/[:~]/.test(namespace ?? ''))
      fc.pre(validatePackageName(name).validForNewPackages)
      const parts = name.split('/')
      const theirs = new PackageURL('npm', parts.length > 1 ? parts[0] : undefined, parts.at(-1)!, version, namespace && { repository_url: namespace }, undefined)
      expect(formatPurl(subject)).toBe(theirs.toString())
      expect(PackageURL.fromString(formatPurl(subject)).toString()).toBe(formatPurl(subject))
      compared++
    }), { numRuns: 2_000 })
    expect(compared).toBeGreaterThan(500)
  })
})

describe('a subject without a package URL is refused', () => {
  it.each([
    '', '.', '..', '.x', '@', '/', '@s', '@s/', '@/x', '@./x', '@../x', '@s/.x', '@s/..', 'a/b', '@a/b/c', '../x', 'x y', 'x\ny', 'x%2fy', 'x@1', 'é', 'x\\y', '\uD800',
  ])('name %j', (name) => {
    expect(() => formatPurl({ name })).toThrow(expect.objectContaining({ name: 'RecordError', code: 'BAD_SUBJECT' }))
  })

  it.each(['', 'latest', '.1', '1.0.0.', '1.0.0 ', '1/2', '..', '1@2', '1:2', '1\n', 'é', '1'.repeat(257)])('version %j', (version) => {
    expect(() => formatPurl({ name: 'x', version })).toThrow(RecordError)
  })

  it.each(['', 'x y', 'x\n', 'é', 'x'.repeat(1025)])('namespace %j', (namespace) => {
    expect(() => formatPurl({ name: 'x', namespace })).toThrow(RecordError)
  })
})

describe('a text that is no canonical package URL is refused', () => {
  it.each([
    '', 'x', 'pkg:npm/', 'pkg:npm', 'PKG:npm/x', 'pkg:NPM/x', 'pkg://npm/x', 'pkg:/npm/x', 'pkg:pypi/x', 'pkg:npm//x', 'pkg:npm/x/', 'pkg:npm/x@', 'pkg:npm/@s/x', 'pkg:npm/%40s%2Fx',
    'pkg:npm/%78', 'pkg:npm/x%2by', 'pkg:npm/x%', 'pkg:npm/%FF', 'pkg:npm/x@1.0.0+b', 'pkg:npm/x@1%3A0', 'pkg:npm/x@1@2', 'pkg:npm/x?repository_url=', 'pkg:npm/x?repository_url=a/b',
    'pkg:npm/x?repository_url=a%3A1', 'pkg:npm/x?repository_url=a&arch=b', 'pkg:npm/x?arch=b', 'pkg:npm/x#y', 'pkg:npm/x?', 'pkg:npm/x\n', ' pkg:npm/x', 'pkg:npm/hey!', 'pkg:npm/%2e%2e',
  ])('%j', (text) => {
    expect(() => parsePurl(text)).toThrow(expect.objectContaining({ name: 'RecordError', code: 'BAD_SUBJECT' }))
  })

  it('whatever it is', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webPath().map(path => `pkg:npm${path}`)), (text) => {
      let parsed
      try {
        parsed = parsePurl(text)
      } catch (error) {
        expect(error).toBeInstanceOf(RecordError)
        return
      }
      expect(formatPurl(parsed)).toBe(text)
    }), { numRuns: 3_000 })
  })
})
