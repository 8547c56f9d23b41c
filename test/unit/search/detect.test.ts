import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { detect, LONGEST_SEARCH } from '../../../shared/search/index.ts'

const SHA512 = `sha512-${Buffer.alloc(64, 7).toString('base64')}`
const HASH = Buffer.alloc(32, 9).toString('base64')
const meanings = (text: string) => detect(text).meanings
/** Without what names begin with: nearly everything is the beginning of a name. */
const certain = (text: string) => meanings(text).filter(({ kind }) => kind !== 'names')

describe('packages', () => {
  it.each([
    ['react', { kind: 'package', name: 'react' }],
    ['  @nuxt/ui ', { kind: 'package', name: '@nuxt/ui' }],
    ['JSONStream', { kind: 'package', name: 'JSONStream' }],
    ['"react"', { kind: 'package', name: 'react' }],
    ['react@19.0.0', { kind: 'version', name: 'react', version: '19.0.0' }],
    ['react 19.0.0', { kind: 'version', name: 'react', version: '19.0.0' }],
    ['@nuxt/ui@4.0.0-beta.1', { kind: 'version', name: '@nuxt/ui', version: '4.0.0-beta.1' }],
    ['react@latest', { kind: 'tag', name: 'react', tag: 'latest' }],
    ['react@^19', { kind: 'package', name: 'react' }],
    ['react@', { kind: 'package', name: 'react' }],
    ['npm install @nuxt/ui@4.0.0', { kind: 'version', name: '@nuxt/ui', version: '4.0.0' }],
    ['pkg:npm/%40nuxt/ui@4.0.0', { kind: 'version', name: '@nuxt/ui', version: '4.0.0' }],
    ['pkg:npm/@nuxt/ui', { kind: 'package', name: '@nuxt/ui' }],
    ['pkg:npm/is-number@7.0.0?repository_url=npm.acme.example', { kind: 'version', name: 'is-number', version: '7.0.0', namespace: 'npm.acme.example' }],
    ['https://pages.example/package/@nuxt/ui/v/4.0.0', { kind: 'version', name: '@nuxt/ui', version: '4.0.0' }],
    ['https://pages.example/package/react?activeTab=code', { kind: 'package', name: 'react' }],
    ['https://files.example/npm/react@19.0.0/index.js', { kind: 'version', name: 'react', version: '19.0.0' }],
    ['http://127.0.0.1:4873/@nuxt%2fui/-/ui-4.0.0.tgz', { kind: 'version', name: '@nuxt/ui', version: '4.0.0' }],
    ['http://127.0.0.1:4873/npm/react/-/react-19.0.0.tgz', { kind: 'version', name: 'react', version: '19.0.0' }],
  ])('%s', (text, meaning) => {
    expect(certain(text)).toEqual([meaning])
  })

  it('may be beginnings of names', () => {
    expect(meanings('@nuxt/')).toEqual([{ kind: 'names', prefix: '@nuxt/' }])
    expect(meanings('tiny-c')).toContainEqual({ kind: 'names', prefix: 'tiny-c' })
  })
})

describe('digests, hashes and keys', () => {
  it.each([
    [SHA512], [SHA512.slice(7)], [Buffer.alloc(64, 7).toString('hex')], [`sha1-xxx ${SHA512}`], [SHA512.replace('-', ':')],
    [`sha512-${Buffer.alloc(64, 7).toString('hex').toUpperCase()}`], [Buffer.alloc(64, 7).toString('base64url')],
  ])('%s is the digest of a tarball', (text) => {
    expect(certain(text)[0]).toEqual({ kind: 'integrity', integrity: SHA512 })
  })

  it('32 bytes are a hash, and may be a key without what its id begins with', () => {
    expect(certain(HASH)).toEqual([{ kind: 'hash', hash: HASH }])
    expect(certain(Buffer.alloc(32, 9).toString('hex'))).toContainEqual({ kind: 'hash', hash: HASH })
    expect(certain(HASH.slice(0, -1))).toContainEqual({ kind: 'key', keyid: `SHA256:${HASH.slice(0, -1)}` })
    expect(certain(`SHA256:${HASH.slice(0, -1)}`)).toEqual([{ kind: 'key', keyid: `SHA256:${HASH.slice(0, -1)}` }])
  })

  it.each(['sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=', `sha256-${HASH}`, 'sha512-short', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'])('%s is none that the log has', (text) => {
    expect(detect(text).hint).toBe('other-digest')
    expect(meanings(text).some(({ kind }) => kind === 'integrity' || kind === 'hash')).toBe(false)
  })
})

describe('numbers', () => {
  it('are places, sizes, and names of packages', () => {
    expect(meanings('42').map(({ kind }) => kind)).toEqual(['entry', 'checkpoint', 'package', 'names'])
    expect(meanings('1,204')[0]).toEqual({ kind: 'entry', index: 1204 })
    expect(meanings('0').map(({ kind }) => kind)).not.toContain('checkpoint')
    expect(certain('99999999999999999999')).toEqual([{ kind: 'package', name: '99999999999999999999' }])
  })

  it.each([
    ['#7', { kind: 'incident', id: 7 }],
    ['incident 7', { kind: 'incident', id: 7 }],
    ['record 1,204', { kind: 'entry', index: 1204 }],
    ['size:1204', { kind: 'checkpoint', size: 1204 }],
    ['http://127.0.0.1:3000/log/12', { kind: 'entry', index: 12 }],
    ['http://127.0.0.1:3000/registry/incidents/3', { kind: 'incident', id: 3 }],
  ])('%s says what it is of', (text, meaning) => {
    expect(meanings(text)).toEqual([meaning])
  })
})

describe('hostile input', () => {
  it('is told why it means nothing', () => {
    expect(detect('a'.repeat(LONGEST_SEARCH + 1))).toMatchObject({ meanings: [], hint: 'too-long' })
    expect(detect('pkg:pypi/django@1.0')).toMatchObject({ meanings: [], hint: 'other-purl' })
    expect(detect('pkg:npm/%zz')).toMatchObject({ meanings: [], hint: 'other-purl' })
    expect(detect('https://pages.example/about')).toMatchObject({ meanings: [], hint: 'other-address' })
    expect(detect('https://')).toMatchObject({ meanings: [], hint: 'other-address' })
    expect(detect('<script>alert(1)</script>').meanings).toEqual([])
    expect(detect('../../etc/passwd').meanings).toEqual([])
  })

  it('never throws, and means only a few things', () => {
    const pieces = fc.constantFrom('@', '/', '-', 'pkg:npm/', 'https://', '%', '%40', 'sha512-', '#', '?', 'a', '1', '.', ' ', '‮', '\0', '\ud800')
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.array(pieces, { maxLength: 30 }).map(all => all.join(''))), text =>
      detect(text).meanings.length <= 5), { numRuns: 1_000 })
  })

  it('takes no time', () => {
    const started = performance.now()
    for (const text of ['@'.repeat(1024), `${'a '.repeat(500)}1`, '1,'.repeat(512), 'a@'.repeat(512), `https://${'/-'.repeat(500)}`]) detect(text)
    expect(performance.now() - started).toBeLessThan(500)
  })
})
