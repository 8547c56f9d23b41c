import { describe, expect, it } from 'vitest'
import { parseLockfile } from '../../../shared/lockfile/index.ts'

const read = (version: string, packages: Record<string, string>) => parseLockfile([
  `lockfileVersion: '${version}'`, '', 'packages:', '', ...Object.entries(packages).map(([key, entry]) => `  '${key}': ${entry}`),
].join('\n'), 'pnpm-lock.yaml').packages

const entry = '{resolution: {integrity: sha512-AAAA}}'

describe('keys', () => {
  it.each([
    ['9.0', 'a@1.0.0', 'a', '1.0.0', undefined],
    ['9.0', '@s/a@1.0.0-rc.1+build', '@s/a', '1.0.0-rc.1+build', undefined],
    ['9.0', 'a@1.0.0(@s/b@2.0.0(c@3.0.0))(d@4.0.0)', 'a', '1.0.0', undefined],
    ['9.0', 'a@1.0.0(patch_hash=abc)(b@1.0.0)', 'a', '1.0.0', undefined],
    ['9.0', 'a@work:1.0.0', 'a', '1.0.0', 'from the registry "work"'],
    ['6.1', '/a@1.0.0', 'a', '1.0.0', undefined],
    ['6.0', '/@s/a@1.0.0(b@2.0.0)', '@s/a', '1.0.0', undefined],
    ['6.0', 'registry.example/@s/a@1.0.0', '@s/a', '1.0.0', 'from the registry "registry.example"'],
    ['5.4', '/a/1.0.0', 'a', '1.0.0', undefined],
    ['5.4-inlineSpecifiers', '/@s/a/1.0.0-rc.1_b@2.0.0+@s+c@3.0.0', '@s/a', '1.0.0-rc.1', undefined],
    ['5.3', '/a/1.0.0_0123456789abcdef', 'a', '1.0.0', undefined],
    ['5.3', 'registry.example/a/1.0.0', 'a', '1.0.0', 'from the registry "registry.example"'],
  ])('of version %s: %s', (lockfileVersion, key, name, version, note) => {
    expect(read(lockfileVersion, { [key]: entry })).toEqual([
      { name, version, integrity: 'sha512-AAAA', at: key, state: 'registry', ...(note !== undefined && { note }) },
    ])
  })
})

it('lists one package for all the peers it is installed with', () => {
  expect(read('6.0', { '/a@1.0.0(b@1.0.0)': entry, '/a@1.0.0(b@2.0.0)': entry }).map(({ at }) => at)).toEqual(['/a@1.0.0(b@1.0.0)'])
})

it.each([
  ['node@runtime:24.0.0', '{resolution: {type: variations, variants: []}, version: 24.0.0}', 'a runtime, not a package', 'node', '24.0.0'],
  ['a@https://files.example/a.tgz', '{resolution: {tarball: https://files.example/a.tgz}}', 'a remote tarball', 'a', ''],
  ['a@link:../a', '{resolution: {directory: ../a, type: directory}}', 'a folder', 'a', ''],
  ['a@1.0.0', '{resolution: {type: "custom:oci", ref: x}}', 'resolved as "custom:oci"', 'a', ''],
])('does not look in registries for %s', (key, text, note, name, version) => {
  expect(read('9.0', { [key]: text })).toMatchObject([{ name, version, state: 'not-from-registry', note }])
})

it('does not believe that a version comes from elsewhere', () => {
  // pnpm fetches it from that URL, and compares it with the digest.
  expect(read('9.0', { 'a@1.0.0': '{resolution: {integrity: sha512-AAAA, tarball: https://files.example/b.tgz, gitHosted: true}}' }))
    .toMatchObject([{ name: 'a', version: '1.0.0', integrity: 'sha512-AAAA', resolved: 'https://files.example/b.tgz', state: 'registry' }])
  expect(read('9.0', { 'a@1.0.0': '{}' })).toMatchObject([{ name: 'a', state: 'no-integrity' }])
})

it('reads a lockfile without packages', () => {
  expect(parseLockfile('lockfileVersion: 5.4\n\nspecifiers: {}\n', 'pnpm-lock.yaml')).toEqual({ kind: 'pnpm', version: '5.4', packages: [] })
})

it.each([
  ['lockfileVersion: 4\n', 'UNKNOWN_VERSION', 'This is version "4" of pnpm\'s lockfile; known are 5.3, 5.4, 5.4-inlineSpecifiers, 6.0, 6.1, 9.0.'],
  ['packages: {}\n', 'UNKNOWN_VERSION', 'This is version "none" of pnpm\'s lockfile; known are 5.3, 5.4, 5.4-inlineSpecifiers, 6.0, 6.1, 9.0.'],
  ['', 'MALFORMED', 'The lockfile is empty.'],
  ['- a\n', 'MALFORMED', 'The lockfile is not a mapping.'],
  ['---\nlockfileVersion: "9.0"\n'.repeat(3), 'MALFORMED', 'The text has more than 2 YAML documents.'],
  ['lockfileVersion: "9.0"\npackages:\n  a@1.0.0: {}\n  a@1.0.0: {}\n', 'MALFORMED', 'Line 4: The key "a@1.0.0" occurs twice.'],
  ['lockfileVersion: "9.0"\npackages: &all\n  a@1.0.0: {}\nmore: *all\n', 'MALFORMED', 'Line 4: The text uses aliases or other YAML that no client writes.'],
  ['lockfileVersion: "9.0"\npackages:\n  <<: {a@1.0.0: {}}\n', 'MALFORMED', 'Line 3: The text uses merge keys or keys that are not texts.'],
  ['lockfileVersion: "9.0"\npackages:\n  a@1.0.0: {resolution: {integrity: [x]}}\n', 'MALFORMED', 'The field "integrity" of "a@1.0.0" is not a text.'],
  [`lockfileVersion: "9.0"\npackages: ${'['.repeat(51)}${']'.repeat(51)}\n`, 'MALFORMED', 'The text is nested deeper than 50 levels.'],
  [`lockfileVersion: "9.0"\n${Array.from({ length: 52 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')}`, 'MALFORMED',
    'Line 53: The text is nested deeper than 50 levels.'],
])('refuses %j', (text, code, message) => {
  expect(() => parseLockfile(text, 'pnpm-lock.yaml')).toThrow(expect.objectContaining({ name: 'LockfileError', code, message }))
})

it('refuses tags and says in which line broken YAML is', () => {
  expect(() => parseLockfile('lockfileVersion: "9.0"\npackages: !!set {a}\n', 'pnpm-lock.yaml'))
    .toThrow(expect.objectContaining({ code: 'MALFORMED', line: 2 }))
  expect(() => parseLockfile('lockfileVersion: "9.0"\npackages:\n\ta: b\n', 'pnpm-lock.yaml'))
    .toThrow(expect.objectContaining({ code: 'MALFORMED', line: 3 }))
})
