import { describe, expect, it } from 'vitest'
import { parseLockfile } from '../../../shared/lockfile/index.ts'
import { foreign } from './fixture.ts'

const parse = (text: string) => parseLockfile(text, 'bun.lock')
const read = (packages: string) => parse(`{ "lockfileVersion": 0, "workspaces": { "": { "name": "root" } }, "packages": { ${packages} } }`).packages

it('reads comments, trailing commas and no packages at all', () => {
  expect(parse('// made by hand\n{ "lockfileVersion": 0, /* nothing else */ }')).toEqual({ kind: 'bun', version: '0', packages: [] })
})

it('takes versions from registries only', () => {
  expect(read('"x": ["@s/a@1.0.0-rc.1", "", {}, "sha512-AAAA",],')).toEqual([
    { name: '@s/a', version: '1.0.0-rc.1', integrity: 'sha512-AAAA', at: 'x', state: 'registry' },
  ])
  expect(read('"a": ["a@1.0.0", "", {}, ""], "b": ["b@1.0.0", "https://registry.example/"]')).toEqual([
    { name: 'a', version: '1.0.0', at: 'a', state: 'no-integrity' },
    { name: 'b', version: '1.0.0', resolved: 'https://registry.example/', at: 'b', state: 'no-integrity' },
  ])
})

it.each([
  ['github:fixtures/a#abc', ', {}, "fixtures-a-abc"', 'from a git repository'],
  ['link:../a', ', {}', 'a folder'],
  ['workspace:nowhere', '', 'a folder'],
  ['./a.tgz', ', {}', 'a local tarball'],
])('takes %s from no registry', (place, rest, note) => {
  expect(read(`"a": ["a@${place}"${rest}]`)).toEqual([foreign('a@', 'a', place, note)])
})

it('does not list the project itself', () => {
  expect(read('"root": ["root@root:", { "bin": "x" }]')).toEqual([])
})

describe('refusals', () => {
  it.each([
    ['"a": "a@1.0.0"', 'The entry "a" is not one of Bun\'s lists.'],
    ['"a": []', 'The entry "a" is not one of Bun\'s lists.'],
    ['"a": ["a@1.0.0", {}, "sha512-AAAA"]', 'The entry "a" is not one of Bun\'s lists.'],
    ['"a": ["a@1.0.0", "", {}, 1]', 'The entry "a" is not one of Bun\'s lists.'],
    ['"a": ["a@latest", "", {}, "sha512-AAAA"]', 'The entry "a" is not one of Bun\'s lists.'],
    ['"a": ["a@1.0.0", "", []]', 'The details of "a" is not a mapping.'],
    ['"a": ["a@1.0.0", ""], "a": ["a@2.0.0", ""]', 'Line 1: The key "a" occurs twice.'],
    ['"a": ["", {}]', 'The entry "a" has no package name.'],
    ['"a": ["a@1.0.0" "", {}]', 'Line 1: The text is not JSON (CommaExpected).'],
  ])('of %s', (packages, message) => {
    expect(() => read(packages)).toThrow(expect.objectContaining({ name: 'LockfileError', code: 'MALFORMED', message }))
  })

  it('of other versions', () => {
    expect(() => parse('{ "lockfileVersion": 3 }')).toThrow(expect.objectContaining({
      code: 'UNKNOWN_VERSION', message: 'This is version "3" of Bun\'s lockfile; known are 0, 1 and 2.',
    }))
    expect(() => parse('{}')).toThrow('This is version "none" of Bun\'s lockfile; known are 0, 1 and 2.')
  })
})
