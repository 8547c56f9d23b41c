import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import validatePackageName from 'validate-npm-package-name'
import { parseNpmPath, type Target } from '../../../server/npm/path.ts'

const unknown = { route: 'unknown' }

describe('what the surface knows', () => {
  it.each<[path: string, target: Target]>([
    ['/', { route: 'root' }],
    ['/?write=true', { route: 'root' }],
    ['/x', { route: 'packument', name: 'x' }],
    ['/x?write=true', { route: 'packument', name: 'x' }],
    ['/JSONStream', { route: 'packument', name: 'JSONStream' }],
    ['/x.y~z!', { route: 'packument', name: 'x.y~z!' }],
    ['/constructor', { route: 'packument', name: 'constructor' }],
    ['/@s/x', { route: 'packument', name: '@s/x' }],
    ['/@s%2fx', { route: 'packument', name: '@s/x' }],
    ['/@s%2Fx', { route: 'packument', name: '@s/x' }],
    ['/%40s%2fx', { route: 'packument', name: '@s/x' }],
    ['/%40s/x', { route: 'packument', name: '@s/x' }],
    ['/x/1.0.0', { route: 'manifest', name: 'x', selector: '1.0.0' }],
    ['/x/1.0.0%2bbuild.1', { route: 'manifest', name: 'x', selector: '1.0.0+build.1' }],
    ['/x/latest', { route: 'manifest', name: 'x', selector: 'latest' }],
    ['/x/__proto__', { route: 'manifest', name: 'x', selector: '__proto__' }],
    ['/@s/x/latest', { route: 'manifest', name: '@s/x', selector: 'latest' }],
    ['/@s%2fx/1.0.0', { route: 'manifest', name: '@s/x', selector: '1.0.0' }],
    ['/x/-/x-1.0.0.tgz', { route: 'tarball', name: 'x', file: 'x-1.0.0.tgz' }],
    ['/@s/x/-/x-1.0.0.tgz', { route: 'tarball', name: '@s/x', file: 'x-1.0.0.tgz' }],
    ['/@s%2fx/-/x-1.0.0.tgz', { route: 'tarball', name: '@s/x', file: 'x-1.0.0.tgz' }],
    ['/@s/x/-/@s/x-1.0.0.tgz', { route: 'tarball', name: '@s/x', file: 'x-1.0.0.tgz' }],
    ['/x/-/x-1.0.0%2Bb.tgz', { route: 'tarball', name: 'x', file: 'x-1.0.0+b.tgz' }],
    ['/-/package/x/dist-tags', { route: 'dist-tags', name: 'x' }],
    ['/-/package/@s%2fx/dist-tags', { route: 'dist-tags', name: '@s/x' }],
    ['/-/package/@s/x/dist-tags', { route: 'dist-tags', name: '@s/x' }],
    ['/-/package/x/dist-tags/beta', { route: 'account' }],
    ['/-/package/x/access', { route: 'account' }],
    ['/-/package/x/collaborators', { route: 'account' }],
    ['/-/npm/v1/keys', { route: 'keys' }],
    ['/-/npm/v1/attestations/x@1.0.0', { route: 'attestations', name: 'x', version: '1.0.0' }],
    ['/-/npm/v1/attestations/@s%2fx@1.0.0', { route: 'attestations', name: '@s/x', version: '1.0.0' }],
    ['/-/npm/v1/attestations/@s/x@1.0.0', { route: 'attestations', name: '@s/x', version: '1.0.0' }],
    ['/-/npm/v1/security/advisories/bulk', { route: 'audit-bulk' }],
    ['/-/npm/v1/security/audits', { route: 'audit-quick' }],
    ['/-/npm/v1/security/audits/quick', { route: 'audit-quick' }],
    ['/-/v1/search?text=x&size=20', { route: 'search' }],
    ['/-/v1/login', { route: 'login' }],
    ['/-/ping?write=true', { route: 'ping' }],
    ['/-/whoami', { route: 'whoami' }],
    ['/-/user/org.couchdb.user:me', { route: 'account' }],
    ['/-/user/token/secret', { route: 'account' }],
    ['/-/npm/v1/tokens', { route: 'account' }],
    ['/-/npm/v1/user', { route: 'account' }],
    ['/-/org/acme/user', { route: 'account' }],
  ])('%s', (path, target) => {
    expect(parseNpmPath(path)).toEqual(target)
  })
})

describe('what it does not know', () => {
  it.each([
    '', 'x', '?', '//', '//x', '/x/', '/x//', '/@s/x/', '/@s//x', '/@s', '/@s/', '/@s%2f', '/@/x', '/@%2fx',
    // Decoded once and never again.
    '/a%252fb', '/@s%252fx', '/%2540s/x', '/@s%2fx%252f1.0.0',
    // Ways out of the place.
    '/.', '/..', '/../x', '/x/..', '/x/.', '/..%2fx', '/%2e%2e/x', '/%2e%2e%2fx', '/@s/..', '/@s%2f..', '/@s%2f../x', '/@../x',
    '/x%2fy', '/x%2f..', '/@s%2fx%2fy', '/@s%2f%2fx', '/x/@s%2fy', '/x/-/@s%2fx.tgz', '/x/a%2fb', '/x/%2e%2e',
    '/a\\b', '/a%5cb', '/@s%5cx', '/x/-/..%2fx-1.0.0.tgz', '/x/-/..\\x.tgz', '/x/-/%2e%2e%5cx.tgz',
    // What no name, version or file is made of.
    '/%', '/%zz', '/%e0%a4', '/x%00', '/%00', '/x/1.0.0%00', '/x/-/x%00.tgz', '/x%0d%0a', '/x/%0a', '/x y', '/x%20y', '/x/1%200',
    '/.x', '/_x', '/-', '/-x', '/x\u00e9', '/%c3%a9', '/@s/.x', '/node_modules', '/favicon.ico', '/x#y', '/x%23y', '/x%3fy', '/x:y',
    // One segment too many or too few, or the wrong one.
    '/x/1.0.0/y', '/@s/x/1.0.0/y', '/x/-', '/x/-/', '/x/-/x-1.0.0', '/x/-/y/x-1.0.0.tgz', '/@s/x/-/@t/x-1.0.0.tgz', '/x/-/x.tgz/y',
    '/-/', '/-/nothing', '/-/npm/v1', '/-/npm/v1/', '/-/npm/v1/keys/', '/-/npm/v1/keys/x', '/-/constructor', '/-/__proto__',
    '/-/package', '/-/package/x', '/-/package/x/nothing', '/-/package/../dist-tags', '/-/package/@s/dist-tags',
    '/-/npm/v1/attestations/x', '/-/npm/v1/attestations/@1.0.0', '/-/npm/v1/attestations/x@', '/-/npm/v1/attestations/a/b@1.0.0',
    '/-/npm/v1/attestations/@s%2fx%401.0.0%2f..', '/-/v1%2fsearch', '/-%2fping', '/%2d/ping/x', '/-/npm/v1/attestations/x@1.0.0/y',
    `/${'x'.repeat(1100)}`,
  ])('%j', (path) => {
    expect(parseNpmPath(path)).toEqual(unknown)
  })
})

const nameCharacter = fc.constantFrom(...'abcXYZ019.-_~')
const bareName = fc.stringMatching(/^[a-zA-Z0-9~][a-zA-Z0-9._~-]{0,20}$/).filter(name => validatePackageName(name).validForOldPackages)
const scope = fc.array(nameCharacter, { minLength: 1, maxLength: 12 }).map(characters => characters.join(''))
const packageName = fc.oneof(bareName, fc.tuple(scope, bareName).map(([s, x]) => `@${s}/${x}`))
  .filter(name => validatePackageName(name).validForOldPackages && !/^@\.{1,2}\//.test(name))
const version = fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99), fc.constantFrom('', '-rc.1', '+build.5', '-a.0+b'))
  .map(([major, minor, patch, rest]) => `${major}.${minor}.${patch}${rest}`)

/** Every way in which clients and proxies write one name. */
const spellings = (name: string): string[] => name.startsWith('@')
  ? [name, name.replace('/', '%2f'), name.replace('/', '%2F'), `%40${name.slice(1)}`, `%40${name.slice(1).replace('/', '%2f')}`]
  : [name, `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`]

/** Requests in the shape of an attack: pieces of real paths, separators and escapes in any order. */
const hostilePath = fc.array(fc.oneof(
  fc.constantFrom('/', '//', '-', '@', '%', '%2f', '%2F', '%5c', '\\', '..', '.', '%2e', '%00', '%0a', '%25', '%252f', '%40', '?', '#', ' ', '\u0000', '\r\n'),
  fc.constantFrom('x', '@s', '1.0.0', '.tgz', 'x-1.0.0.tgz', '-/', 'package/', 'dist-tags', 'npm/v1/', 'attestations/', 'x@1.0.0', '__proto__'),
  fc.string({ unit: 'binary', maxLength: 4 }),
), { maxLength: 12 }).map(parts => `/${parts.join('')}`)

describe('for every path', () => {
  it('never throws, whatever the bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map(array => `/${Buffer.from(array).toString('latin1')}`)
    const anyPath = fc.oneof(hostilePath, bytes, fc.string({ unit: 'binary', maxLength: 200 }), fc.webPath(), fc.string({ maxLength: 3000 }))
    fc.assert(fc.property(anyPath, (path) => {
      expect(parseNpmPath(path).route).toBeTypeOf('string')
    }), { numRuns: 3000 })
  })

  it.each(['/package/@.', '/package/@..', '/package/..', '/@./x'])('is nothing: %s', (path) => {
    expect(parseNpmPath(path)).toEqual(unknown)
  })

  it('accepts nothing that climbs, controls or has a slash too many', () => {
    fc.assert(fc.property(fc.oneof(hostilePath, fc.webPath()), (path) => {
      const { route: _route, ...parts } = parseNpmPath(path)
      for (const [part, value] of Object.entries(parts as Record<string, string>)) {
        expect(value).not.toMatch(/[\p{Cc}\s\\]|^\.{0,2}$|(?:^|\/)@?\.{1,2}(?:\/|$)/u)
        const slashes = value.split('/').length - 1
        expect(slashes).toBe(part === 'name' && value.startsWith('@') ? 1 : 0)
        if (part === 'name') expect(validatePackageName(value).validForOldPackages).toBe(true)
      }
    }), { numRuns: 5000 })
  })

  it('gives the same answer a second time, from memory', () => {
    fc.assert(fc.property(hostilePath, (path) => {
      expect(parseNpmPath(path)).toEqual(parseNpmPath(path))
    }))
  })
})

describe('for every name', () => {
  it('all spellings are one package', () => {
    fc.assert(fc.property(packageName, version, (name, v) => {
      const file = `${name.slice(name.lastIndexOf('/') + 1)}-${v}.tgz`
      for (const spelling of spellings(name)) {
        expect(parseNpmPath(`/${spelling}`)).toEqual({ route: 'packument', name })
        expect(parseNpmPath(`/${spelling}/${v}`)).toEqual({ route: 'manifest', name, selector: v })
        expect(parseNpmPath(`/${spelling}/${encodeURIComponent(v)}`)).toEqual({ route: 'manifest', name, selector: v })
        expect(parseNpmPath(`/${spelling}/-/${file}`)).toEqual({ route: 'tarball', name, file })
        expect(parseNpmPath(`/-/package/${spelling}/dist-tags`)).toEqual({ route: 'dist-tags', name })
        expect(parseNpmPath(`/-/npm/v1/attestations/${spelling}@${v}`)).toEqual({ route: 'attestations', name, version: v })
      }
    }))
  })

  it('a doubly encoded spelling is none of them', () => {
    fc.assert(fc.property(packageName.filter(name => name.startsWith('@')), (name) => {
      expect(parseNpmPath(`/${encodeURIComponent(encodeURIComponent(name))}`)).toEqual(unknown)
    }))
  })
})
