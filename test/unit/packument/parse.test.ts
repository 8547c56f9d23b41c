import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RegistryError } from '../../../server/errors.ts'
import { formatRecord, manifestDigest, parseRecord, type LogRecord } from '../../../shared/record/index.ts'
import { parsePackument } from '../../../server/packument/parse.ts'
import { packumentText } from './arbitraries.ts'

const SHA512 = `sha512-${Buffer.alloc(64, 1).toString('base64')}`
const OTHER_SHA512 = `sha512-${Buffer.alloc(64, 2).toString('base64')}`
const SHA384 = `sha384-${Buffer.alloc(48, 1).toString('base64')}`
const SHA1 = `sha1-${Buffer.alloc(20, 1).toString('base64')}`
const SHASUM = '01'.repeat(20)

const manifest = (version: string, more: object = {}) =>
  ({ name: 'x', version, dist: { tarball: `https://npm.example/x/-/x-${version}.tgz`, integrity: SHA512 }, ...more })
const versionsOf = (...versions: string[]) => Object.fromEntries(versions.map(version => [version, manifest(version)]))
const parse = (document: unknown, name = 'x') => parsePackument(Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)), name)
const withVersions = (versions: unknown, more: object = {}) => parse({ name: 'x', versions, ...more })

function refused(bytes: Buffer | string, name = 'x'): RegistryError {
  try {
    parsePackument(Buffer.from(bytes), name)
  } catch (error) {
    if (error instanceof RegistryError) return error
    throw error
  }
  throw new Error('The document was accepted')
}

describe('documents', () => {
  it.each<[what: string, bytes: Buffer | string, sentence: RegExp]>([
    ['nothing', '', /is not JSON/],
    ['text', 'not json', /is not JSON/],
    ['HTML', '<!doctype html>', /is not JSON/],
    ['truncated JSON', JSON.stringify({ name: 'x', versions: versionsOf('1.0.0') }).slice(0, -1), /is not JSON, or was cut short/],
    ['two documents', '{"name":"x","versions":{}}{}', /is not JSON/],
    ['another encoding', Buffer.from('{"name":"x","versions":{},"readme":"caf\u00e9"}', 'latin1'), /is not JSON/],
    ['UTF-16', Buffer.from('{"name":"x","versions":{}}', 'utf16le'), /is not JSON/],
    ['null', 'null', /is not a JSON object/],
    ['a list', '[]', /is not a JSON object/],
    ['a text', '"x"', /is not a JSON object/],
    ['no name', '{"versions":{}}', /is about another package/],
    ['another name', '{"name":"y","versions":{}}', /is about another package \("y"\)/],
    ['the name in other case', '{"name":"X","versions":{}}', /is about another package/],
    ['a name that is no text', '{"name":["x"],"versions":{}}', /is about another package/],
    ['no versions', '{"name":"x"}', /has no "versions" map/],
    ['a list of versions', '{"name":"x","versions":[]}', /has no "versions" map/],
    ['versions that are null', '{"name":"x","versions":null}', /has no "versions" map/],
  ])('%s is refused', (_, bytes, sentence) => {
    const error = refused(bytes)
    expect(error.code).toBe('UPSTREAM_INVALID')
    expect(error.message).toMatch(sentence)
  })

  it('with a scope are compared as a whole', () => {
    expect(refused('{"name":"x","versions":{}}', '@s/x').code).toBe('UPSTREAM_INVALID')
    expect(parse({ name: '@s/x', versions: {} }, '@s/x').packument.name).toBe('@s/x')
  })

  it('of an unpublished package are a 404', () => {
    const error = refused('{"name":"x","time":{"unpublished":{"time":"2024-01-01T00:00:00.000Z"}}}')
    expect(error.code).toBe('NOT_FOUND')
    expect(error.message).toBe('x was unpublished.')
    expect(refused('{"name":"x","time":{"unpublished":"yes"}}').code).toBe('UPSTREAM_INVALID')
  })

  it('may begin with a byte order mark, and may have no versions left', () => {
    expect(parse('\ufeff{"name":"x","versions":{}}')).toEqual({
      packument: { 'name': 'x', 'versions': {}, 'dist-tags': {} }, summary: { name: 'x', tags: {}, versions: new Map(), unusable: [] }, dropped: [],
    })
  })

  it('name in a sentence is bounded', () => {
    expect(refused(JSON.stringify({ name: 'y'.repeat(10_000), versions: {} })).message.length).toBeLessThan(250)
  })
})

describe('versions', () => {
  const dist = (more: object) => ({ dist: { tarball: 'https://npm.example/x.tgz', integrity: SHA512, ...more } })

  it.each<[why: string, key: string, value: unknown]>([
    ['is another version', '1.0.0', manifest('1.0.1')],
    ['is another package', '1.0.0', manifest('1.0.0', { name: 'y' })],
    ['has no name', '1.0.0', manifest('1.0.0', { name: undefined })],
    ['has no version', '1.0.0', manifest('1.0.0', { version: undefined })],
    ['is no object', '1.0.0', 'x'],
    ['is a list', '1.0.0', []],
    ['is null', '1.0.0', null],
    ['is no version', 'latest', manifest('latest')],
    ['is a range', '^1.0.0', manifest('^1.0.0')],
    ['is a path', '../1.0.0', manifest('../1.0.0')],
    ['has a slash', '1.0.0/x', manifest('1.0.0/x')],
    ['has a line break', '1.0.0\n', manifest('1.0.0\n')],
    ['is too long', `1.0.0-${'a'.repeat(300)}`, manifest(`1.0.0-${'a'.repeat(300)}`)],
    ['is __proto__', '__proto__', manifest('__proto__')],
    ['has no dist', '1.0.0', manifest('1.0.0', { dist: undefined })],
    ['has a dist that is no object', '1.0.0', manifest('1.0.0', { dist: 'x' })],
    ['has no tarball', '1.0.0', manifest('1.0.0', dist({ tarball: undefined }))],
    ['has a tarball that is no text', '1.0.0', manifest('1.0.0', dist({ tarball: { url: 'x' } }))],
    ['has no digest', '1.0.0', manifest('1.0.0', dist({ integrity: undefined }))],
    ['has an integrity that is no text', '1.0.0', manifest('1.0.0', dist({ integrity: [SHA512] }))],
    ['has a shasum that is no text', '1.0.0', manifest('1.0.0', dist({ shasum: 1 }))],
    ['has a shasum of another length', '1.0.0', manifest('1.0.0', dist({ integrity: undefined, shasum: '01' }))],
    ['has an empty integrity', '1.0.0', manifest('1.0.0', dist({ integrity: '' }))],
    ['has an empty integrity beside a shasum', '1.0.0', manifest('1.0.0', dist({ integrity: '', shasum: SHASUM }))],
    ['has an unknown algorithm', '1.0.0', manifest('1.0.0', dist({ integrity: 'md5-AAAAAAAAAAAAAAAAAAAAAA==' }))],
    ['has two digests of one algorithm', '1.0.0', manifest('1.0.0', dist({ integrity: `${SHA512} ${OTHER_SHA512}` }))],
    ['has two weak digests of one algorithm', '1.0.0', manifest('1.0.0', dist({ integrity: `${SHA1} sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=` }))],
    ['has a digest that is cut short', '1.0.0', manifest('1.0.0', dist({ integrity: SHA512.slice(0, 40) }))],
    ['has a digest with more than base64 in it', '1.0.0', manifest('1.0.0', dist({ integrity: `sha512-"\u0001${'A'.repeat(84)}==` }))],
    ['has a digest in no canonical base64', '1.0.0', manifest('1.0.0', dist({ integrity: SHA512.replace(/Q==$/, 'R==') }))],
    ['has a digest of another algorithm\'s length', '1.0.0', manifest('1.0.0', dist({ integrity: SHA1.replace('sha1', 'sha512') }))],
  ])('one that %s is left out, and the others stay', (_, key, value) => {
    // Written by hand: a `__proto__` key must reach the parser as one.
    const text = `{"name":"x","versions":{"2.0.0":${JSON.stringify(manifest('2.0.0'))},${JSON.stringify(key)}:${JSON.stringify(value)}}}`
    const { packument, summary, dropped } = parse(text)
    expect(Object.keys(packument.versions)).toEqual(['2.0.0'])
    expect(dropped).toEqual([key.slice(0, 100)])
    expect([...summary.versions.keys()]).toEqual(['2.0.0'])
  })

  it.each<[integrity: string | undefined, shasum: string | undefined, digest: string, isPlain: boolean]>([
    [SHA512, SHASUM, SHA512, true],
    [`${SHA1} ${SHA512}`, undefined, SHA512, false],
    [`${SHA512}?opt`, undefined, SHA512, false],
    [`${SHA512} ${SHA512}`, undefined, SHA512, false],
    [` ${SHA512} `, undefined, SHA512, false],
    [SHA384, SHASUM, SHA384, false],
    [SHA1, SHASUM, SHA1, false],
    [undefined, SHASUM, SHA1, false],
    [undefined, SHASUM.toUpperCase(), SHA1, false],
  ])('with integrity %.16s… and shasum %.8s stand for %.8s…', (integrity, shasum, digest, isPlain) => {
    const { packument, summary, dropped } = withVersions({ '1.0.0': manifest('1.0.0', dist({ integrity, shasum })) })
    expect(dropped).toEqual([])
    expect(summary.versions.get('1.0.0')).toMatchObject({ integrity: digest, isPlain, tarball: 'https://npm.example/x.tgz' })
    // The manifest itself still says what the authority said.
    expect(packument.versions['1.0.0']!.dist.integrity).toBe(integrity)
  })

  it('as old ones are written are kept', () => {
    const old = ['1.0.0', '1.0.0-beta1', '1.2.3beta', '01.2.3', '1.0.0+build']
    expect(Object.keys(withVersions(versionsOf(...old)).packument.versions)).toEqual(old)
  })
})

describe('the summary', () => {
  it('has what a record says of each version', () => {
    const time = { '1.0.0': '2018-07-04T17:08:58.238+02:00', '2.0.0': 'whenever' }
    const { summary } = withVersions({ ...versionsOf('1.0.0', '2.0.0'), '3.0.0': manifest('3.0.0', { deprecated: 'old', bin: { x: 'x' } }) }, { time })
    const of = (version: string) => summary.versions.get(version)!
    expect([of('1.0.0'), of('2.0.0'), of('3.0.0')].map(({ published }) => published)).toEqual(['2018-07-04T15:08:58.238Z', undefined, undefined])
    expect([of('1.0.0'), of('3.0.0')].map(({ deprecated }) => deprecated)).toEqual([false, true])
    expect(of('1.0.0').manifest).toBe(manifestDigest(manifest('1.0.0')))
    expect(of('3.0.0').manifest).toBe(manifestDigest({ name: 'x', version: '3.0.0', bin: { x: 'x' } }))
  })

  it('has nothing that a record could not say', () => {
    const version = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'0123456789.-+vab_'), maxLength: 20 }),
      fc.tuple(fc.constantFrom('', 'v', 'vv', '='), fc.nat(99), fc.nat(99), fc.nat(99), fc.constantFrom('', 'beta', '-rc.1', '-', '-a-', '+b', '+b-', '-01'))
        .map(([prefix, a, b, c, rest]) => `${prefix}${a}.${b}.${c}${rest}`),
    )
    fc.assert(fc.property(version, (version) => {
      const { summary } = withVersions({ [version]: manifest(version) }, { time: { [version]: '2018-07-04' } })
      for (const [key, { integrity, manifest, published }] of summary.versions) {
        const recorded = '2026-11-21T19:46:03.120Z'
        const record: LogRecord = { kind: 'version', subject: { name: 'x', version: key }, integrity, manifest, published, recorded, evidence: 'claimed' }
        expect(parseRecord(formatRecord(record))).toEqual(record)
      }
    }))
  })

  it('has no version whose manifest cannot be digested, and the document does not have it either', () => {
    const levels = 10_000
    const deep = `${'['.repeat(levels)}${']'.repeat(levels)}`
    const text = JSON.stringify({ 'name': 'x', 'versions': { ...versionsOf('1.0.0'), '2.0.0': manifest('2.0.0', { engines: { node: 'DEEP' } }) }, 'dist-tags': { latest: '2.0.0' } })
    const { packument, summary, dropped } = parse(text.replace('"DEEP"', deep))
    expect(Object.keys(packument.versions)).toEqual(['1.0.0'])
    expect([...summary.versions.keys()]).toEqual(['1.0.0'])
    expect(summary.tags).toEqual({ latest: '1.0.0' })
    expect(dropped).toEqual(['2.0.0', 'dist-tag latest'])
    // Elsewhere in a manifest nobody has to digest it.
    expect(parse(text.replace('"engines":{"node":"DEEP"}', `"config":${deep}`)).dropped).toEqual([])
  })
})

describe('dist-tags', () => {
  it('that dangle, are no text or cannot be a tag are left out', () => {
    const { packument, dropped } = withVersions(versionsOf('1.0.0'), {
      'dist-tags': { 'latest': '1.0.0', 'gone': '0.9.0', 'number': 1, 'a b': '1.0.0', 'a/b': '1.0.0', 'proto': '__proto__', 'inherited': 'toString' },
    })
    expect(packument['dist-tags']).toEqual({ latest: '1.0.0' })
    expect(dropped).toEqual(['gone', 'number', 'a b', 'a/b', 'proto', 'inherited'].map(tag => `dist-tag ${tag}`))
  })

  it.each<[what: string, versions: Record<string, object>, latest: string | undefined]>([
    ['the highest release', versionsOf('1.9.0', '1.10.0', '2.0.0-rc.1', '0.1.0'), '1.10.0'],
    ['not a deprecated one', { ...versionsOf('1.0.0'), '2.0.0': manifest('2.0.0', { deprecated: 'broken' }) }, '1.0.0'],
    ['a deprecated release before a prerelease', { ...versionsOf('2.0.0-rc.1'), '1.0.0': manifest('1.0.0', { deprecated: 'old' }) }, '1.0.0'],
    ['a prerelease if there is nothing else', versionsOf('1.0.0-a', '1.0.0-b'), '1.0.0-b'],
    ['nothing of nothing', {}, undefined],
  ])('`latest` is repaired: %s', (_, versions, latest) => {
    for (const tags of [undefined, null, [], {}, { latest: '9.9.9' }, { latest: 7 }]) {
      expect(withVersions(versions, { 'dist-tags': tags }).packument['dist-tags'].latest).toBe(latest)
    }
  })

  it('`latest` is not moved when it stands', () => {
    expect(withVersions(versionsOf('1.0.0', '2.0.0'), { 'dist-tags': { latest: '1.0.0' } }).packument['dist-tags']).toEqual({ latest: '1.0.0' })
  })
})

describe('time', () => {
  it('stays as the registry claims it, as far as it is text', () => {
    const time = { 'created': '2024-01-01T00:00:00.000Z', '1.0.0': 'whenever', '0.9.0': '2023-01-01' }
    expect(withVersions(versionsOf('1.0.0'), { time: { ...time, unpublished: { name: 'me' }, number: 1 } }).packument.time).toEqual(time)
  })

  it.each([{}, { time: null }, { time: 'today' }, { time: [1] }])('is absent in %j', (more) => {
    expect(withVersions(versionsOf('1.0.0'), more).packument).not.toHaveProperty('time')
  })
})

describe('prototypes', () => {
  it('have no part in any map, and `__proto__` is a key like any other', () => {
    const text = `{"name":"x","__proto__":{"polluted":1},"versions":{"1.0.0":${JSON.stringify(manifest('1.0.0'))}},`
      + '"dist-tags":{"latest":"1.0.0","__proto__":"1.0.0"},"time":{"1.0.0":"t","__proto__":"t"}}'
    const { packument } = parse(text)
    for (const map of [packument.versions, packument['dist-tags'], packument.time!]) expect(Object.getPrototypeOf(map)).toBeNull()
    expect(Object.getOwnPropertyDescriptor(packument['dist-tags'], '__proto__')?.value).toBe('1.0.0')
    expect(Object.hasOwn(packument.time!, '__proto__')).toBe(true)
    expect('polluted' in {}).toBe(false)
    expect(packument.polluted).toBeUndefined()
    expect(JSON.stringify(packument)).toContain('"__proto__":{"polluted":1}')
  })
})

it('reads any text without an error of its own', () => {
  const hostile = fc.oneof(fc.json(), fc.string(), packumentText('y'), fc.uint8Array().map(bytes => Buffer.from(bytes).toString('latin1')))
  fc.assert(fc.property(hostile, (text) => {
    expect(refused(text).code).toBe('UPSTREAM_INVALID')
  }))
})

it('keeps whatever manifests say', () => {
  fc.assert(fc.property(packumentText('x'), (text) => {
    const { packument, dropped } = parse(text)
    expect(dropped).toEqual([])
    expect(JSON.stringify(packument.versions)).toBe(JSON.stringify((JSON.parse(text) as { versions: object }).versions))
  }))
})
