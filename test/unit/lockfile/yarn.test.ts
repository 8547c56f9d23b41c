import { describe, expect, it } from 'vitest'
import { parseLockfile } from '../../../shared/lockfile/index.ts'
import { foreign } from './fixture.ts'

const read = (...lines: string[]) => parseLockfile(['# yarn lockfile v1', '', ...lines, ''].join('\n'), 'yarn.lock').packages
const SHA1 = '0123456789abcdef0123456789abcdef01234567'

describe('Yarn 1', () => {
  it('locks a SHA-1 in the URL if it has nothing better', () => {
    expect(read('a@^1.0.0:', '  version "1.0.0"', `  resolved "https://registry.example/a/-/a-1.0.0.tgz#${SHA1}"`)).toEqual([{
      name: 'a',
      version: '1.0.0',
      resolved: `https://registry.example/a/-/a-1.0.0.tgz#${SHA1}`,
      at: 'a@^1.0.0',
      state: 'other-digest',
      note: 'only a sha1 digest is locked, in its URL: only that the version exists can be proven',
    }])
    expect(read('a@^1.0.0:', '  version "1.0.0"', '  resolved "https://registry.example/a/-/a-1.0.0.tgz"')).toMatchObject([{ state: 'no-integrity' }])
  })

  it('calls the same package by several names', () => {
    const fields = ['  version "1.0.0"', '  integrity sha512-AAAA']
    const real = (name: string, at: string) => ({ name, version: '1.0.0', integrity: 'sha512-AAAA', at, state: 'registry' })
    expect(read('"@s/a@^1.0.0", "b@npm:@s/a@1.0.0", c@1.0.0, "d@>= 1.0.0 <2", e@:', ...fields)).toEqual([
      real('@s/a', '@s/a@^1.0.0'), real('c', 'c@1.0.0'), real('d', 'd@>= 1.0.0 <2'), real('e', 'e@'),
    ])
  })

  it.each([
    ['a@fixtures/a', 'from a git repository'],
    ['a@fixtures/a#abc', 'from a git repository'],
    ['a@github:fixtures/a', 'from a git repository'],
    ['a@https://files.example/a.git#v1', 'from a git repository'],
    ['a@https://files.example/a', 'a remote tarball'],
    ['a@link:../a', 'a folder'],
    ['a@./a', 'a folder or local tarball'],
    ['a@other:a', 'resolved as "other:a"'],
  ])('takes %s from no registry', (pattern, note) => {
    expect(read(`"${pattern}":`, '  version "0.0.0"', '  uid abc')).toEqual([foreign('a@0.0.0', pattern, pattern.slice(2), note)])
  })

  it('has no say in where a version comes from that was asked for as such', () => {
    expect(read('a@^1.0.0:', '  version "1.0.0"', '  resolved "git+https://files.example/a.git#abc"')).toMatchObject([{ name: 'a', state: 'no-integrity' }])
  })

  it('reads lists, comments and Windows line ends', () => {
    expect(read('a@1:\r', '  version "1.0.0"\r', '  dependencies:\r', '    "@s/b" "^1.0.0"\r', '    c "1"\r', '\r', '  # why\r', '  integrity sha512-AAAA\r'))
      .toMatchObject([{ name: 'a', integrity: 'sha512-AAAA', state: 'registry' }])
    expect(parseLockfile('', 'yarn.lock')).toEqual({ kind: 'yarn-classic', version: '1', packages: [] })
  })

  it.each([
    [['a@1'], 'Line 3: An entry begins with what was asked for, and a colon.'],
    [['a@1:', 'b@1:', '  version "1.0.0"'], 'Line 3: The entry has no version.'],
    [['a@1:'], 'Line 3: The entry has no version.'],
    [['  version "1.0.0"'], 'Line 3: The indentation is not Yarn\'s.'],
    [['a@1:', '  version "1.0.0"', '  version "2.0.0"'], 'Line 5: The field "version" occurs twice.'],
    [['a@1:', '  version "1.0.0" "2.0.0"'], 'Line 4: A field is a name and a value.'],
    [['a@1:', '  version:', '    "1.0.0" x', '  "a" "b":'], 'Line 6: Commas separate what was asked for, spaces separate a field and its value.'],
    [['a@1:', '  version "1.0.0"', '    integrity sha512-AAAA'], 'Line 5: The indentation is not Yarn\'s.'],
    [['a@1:', '   version "1.0.0"'], 'Line 4: The indentation is not Yarn\'s.'],
    [['a@1:', '\tversion "1.0.0"'], 'Line 4: The text "\\tversion \\"1.0.0\\"" is not what Yarn writes.'],
    [['a@1, b@1'], 'Line 3: Commas separate what was asked for, spaces separate a field and its value.'],
    [['a@1 b@1:'], 'Line 3: Commas separate what was asked for, spaces separate a field and its value.'],
    [['a@1: b@1:'], 'Line 3: The text "a@1: b@1:" is not what Yarn writes.'],
    [['a@1:', '  version "1.0.0'], 'Line 4: The text "\\"1.0.0" is not what Yarn writes.'],
    [['a@1:', '  version "\\x"'], 'Line 4: The text "\\"\\\\x\\"" is not quoted as JSON.'],
    [['a@1:', '  version "1.0.0\\u001b[2J"'], 'The entry "a@1" holds control characters.'],
    [[`${Array.from({ length: 21 }, (_, index) => `a${index}@1`).join(', ')}:`, '  version "1.0.0"'], 'Line 3: The entry stands for more than 20 names.'],
  ])('refuses %j', (lines, message) => {
    expect(() => read(...lines)).toThrow(expect.objectContaining({ name: 'LockfileError', code: 'MALFORMED', message }))
  })

  it('has no other version', () => {
    expect(() => parseLockfile('# yarn lockfile v2\n', 'yarn.lock')).toThrow(expect.objectContaining({
      code: 'UNKNOWN_VERSION', message: 'Line 1: This is version "2" of Yarn\'s lockfile; known is 1.',
    }))
  })
})

const readBerry = (version: string, ...lines: string[]) =>
  parseLockfile(['__metadata:', `  version: ${version}`, '', ...lines, ''].join('\n'), 'yarn.lock').packages

describe('Yarn 2 and later', () => {
  it.each([
    ['patch:a@npm%3A1.0.0#optional!builtin<compat/a>::version=1.0.0&hash=abc', 'a patched copy of a package that is listed by itself'],
    ['link:../a::locator=x', 'a folder'],
    ['file:../a.tgz#../a.tgz::hash=abc', 'a local tarball'],
    ['git@files.example:a.git#commit=abc', 'from a git repository'],
    ['https://files.example/a.tgz', 'a remote tarball'],
    ['exec:./a.js', 'resolved as "exec:./a.js"'],
    ['npm:latest', 'resolved as "npm:latest"'],
  ])('takes %s from no registry', (place, note) => {
    expect(readBerry('8', '"a@x":', '  version: 1.0.0', `  resolution: "a@${place}"`, '  checksum: 10c0/abc'))
      .toEqual([foreign('a@1.0.0', 'a@x', place, note)])
  })

  it('fetches the version that it resolved, whatever else the entry says', () => {
    expect(readBerry('8', '"a@x":', '  version: 2.0.0', '  resolution: "@s/a@npm:1.0.0"', '  checksum: 10c0/abc'))
      .toMatchObject([{ name: '@s/a', version: '1.0.0', state: 'other-digest' }])
    expect(readBerry('4', '"a@x":', '  version: 1.0.0', '  resolution: "a@npm:1.0.0"'))
      .toEqual([{ name: 'a', version: '1.0.0', at: 'a@x', state: 'no-integrity' }])
  })

  it.each([['3'], ['11'], ['x']])('refuses version %s', (version) => {
    expect(() => readBerry(version)).toThrow(expect.objectContaining({
      code: 'UNKNOWN_VERSION', message: `This is version "${version}" of Yarn's lockfile; known are 4, 5, 6, 7, 8, 9, 10, and Yarn 1's.`,
    }))
  })

  it('refuses entries that resolve to nothing, equal ones, and several documents', () => {
    expect(() => readBerry('8', '"a@x":', '  version: 1.0.0')).toThrow('The entry "a@x" has no resolution or no version.')
    expect(() => readBerry('8', '"a@x": {}', '"a@x": {}')).toThrow('Line 5: The key "a@x" occurs twice.')
    expect(() => readBerry('8', '---', 'a: b')).toThrow('The lockfile is not one YAML document.')
  })
})
