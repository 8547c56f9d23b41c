import { describe, expect, it } from 'vitest'
import { compareManifests } from '../../../server/inspect/compare.ts'

type Manifest = Record<string, unknown>
const about = { name: 'x', version: '1.2.3' }

/** What is found where registry and tarball have these fields beside a name and a version. */
function compare(registry: Manifest, tarball: Manifest, hasGyp = false) {
  return compareManifests({ ...about, ...registry }, { ...about, ...tarball }, { hasGyp })
}
const fields = (...of: Parameters<typeof compare>) => compare(...of).map(({ field, severity }) => `${severity} ${field}`)

describe('what honest clients change when they publish', () => {
  const added = {
    _id: 'x@1.2.3', _nodeVersion: '24.0.0', _npmVersion: '12.0.0', _integrity: 'sha512-x', gitHead: 'abc', integrity: 'sha512-x', shasum: 'abc',
    readme: '# x', readmeFilename: 'README.md', bugs: { url: 'https://x.example/' }, dist: { tarball: 'https://x.example/x.tgz' },
    maintainers: [{ name: 'x' }], directories: {}, _hasShrinkwrap: false,
  }
  const honest: [what: string, registry: Manifest, tarball: Manifest, hasGyp?: boolean][] = [
    ['a version is cleaned', { version: '1.2.3' }, { version: 'v1.2.3' }],
    ['a version loses its build', { version: '1.2.3' }, { version: ' =1.2.3+build.5' }],
    ['a name is trimmed', {}, { name: ' x ' }],
    ['bin as a text becomes an object (npm, yarn 1, bun)', { bin: { x: 'cli.js' } }, { bin: './cli.js' }],
    ['bin as a text stays (pnpm)', { bin: './cli.js' }, { bin: './cli.js' }],
    ['bin loses its scope', { name: '@s/x', bin: { x: 'cli.js' } }, { name: '@s/x', bin: 'cli.js' }],
    ['bin loses ./ and ways out', { bin: { a: 'a.js', b: 'b.js' } }, { bin: { 'a': './a.js', '../b': '../b.js', 'c': '', 'd': 1 } }],
    ['bin as a list', { bin: { a: 'bin/a' } }, { bin: ['./bin/a'] }],
    ['directories.bin is written down', { bin: { a: 'bin/a', b: 'bin/sub/b' } }, { directories: { bin: './bin' } }],
    ['a build script is added for a binding.gyp (npm)', { scripts: { install: 'node-gyp rebuild' }, gypfile: true }, {}, true],
    ['a build script is added beside others (yarn 1)', { scripts: { test: 't', install: 'node-gyp rebuild' } }, { scripts: { test: 't' } }, true],
    ['a binding.gyp is left as it is (pnpm, bun)', {}, {}, true],
    ['a registry counts a binding.gyp', { hasInstallScript: true }, {}, true],
    ['a start script is added for a server.js', { scripts: { start: 'node server.js' } }, {}],
    ['node_modules/.bin is taken off (npm)', { scripts: { postinstall: 'x build' } }, { scripts: { postinstall: './node_modules/.bin/x build' } }],
    ['node_modules/.bin stays (pnpm)', { scripts: { install: 'node_modules/.bin/x' } }, { scripts: { install: 'node_modules/.bin/x' } }],
    ['scripts that are no texts go', { scripts: {} }, { scripts: { install: 1, postinstall: null } }],
    ['scripts that no installation runs change', { scripts: { test: 'a', prepare: 'a' } }, { scripts: { test: 'b', prepublishOnly: 'c' } }],
    ['keywords, repository and people are normalised', { ...added, keywords: ['a', 'b'], author: { name: 'A' } }, { keywords: 'a, b', author: 'A' }],
    ['bundledDependencies gets its other spelling', { dependencies: { a: '1' }, bundleDependencies: ['a'] }, { dependencies: { a: '1' }, bundledDependencies: ['a'] }],
    ['bundledDependencies keeps its spelling (pnpm)', { dependencies: { a: '1' }, bundledDependencies: ['a'] }, { dependencies: { a: '1' }, bundledDependencies: ['a'] }],
    ['bundleDependencies: false is dropped', {}, { bundleDependencies: false }],
    ['bundleDependencies: true is written down', { dependencies: { b: '1', a: '1' }, bundleDependencies: ['b', 'a'] }, { dependencies: { b: '1', a: '1' }, bundleDependencies: true }],
    ['a bundled package becomes a dependency', { dependencies: { a: '*' }, bundleDependencies: ['a'] }, { bundleDependencies: ['a'] }],
    ['keys with _ are dropped', {}, { _from: 'x', _resolved: 'y' }],
    ['optional dependencies are folded into the others', { dependencies: { a: '1', b: '2' }, optionalDependencies: { b: '2' } }, { dependencies: { a: '1' }, optionalDependencies: { b: '2' } }],
    ['only folded', { dependencies: { a: '1', b: '2' } }, { dependencies: { a: '1' }, optionalDependencies: { b: '2' } }],
    ['optional dependencies go from the others', { dependencies: { a: '1' }, optionalDependencies: { b: '2' } }, { dependencies: { a: '1', b: '1' }, optionalDependencies: { b: '2' } }],
    ['empty objects and lists go', {}, { dependencies: {}, peerDependencies: {}, peerDependenciesMeta: {}, os: [], engines: {}, bin: {} }],
    ['os as a text', { os: ['linux'], cpu: 'x64' }, { os: 'linux', cpu: ['x64'] }],
    ['the order of keys', { engines: { node: '>=18', npm: '>=8' } }, { engines: { npm: '>=8', node: '>=18' } }],
    ['dependencies as a list', { dependencies: { 'a': '1.0', '@s/b': '>=2', 'c': '' } }, { dependencies: ['a@1.0', '@s/b >=2', 'c'] }],
    ['what points at a git host is written out', { dependencies: { a: 'github:u/r', b: 'git+https://git.example/u/r.git#v1', c: 'git+ssh://git@git.example/u/r.git' } },
      { dependencies: { a: 'u/r', b: 'https://git.example/u/r#v1', c: 'git@git.example:u/r.git' } }],
    ['a registry keeps the scripts to itself and says that there are some', { hasInstallScript: true }, { scripts: { postinstall: 'x' } }],
  ]
  it.each(honest)('is no difference: %s', (_, registry, tarball, hasGyp) => {
    expect(compare(registry, tarball, hasGyp)).toEqual([])
  })
})

describe('what is a difference', () => {
  const differences: [what: string, registry: Manifest, tarball: Manifest, found: string[], hasGyp?: boolean][] = [
    ['another name', {}, { name: 'y' }, ['high name']],
    ['no name', {}, { name: undefined }, ['high name']],
    ['another version', {}, { version: '1.2.4' }, ['high version']],
    ['no version', { version: '' }, { version: '' }, ['high version']],
    ['a hidden dependency', { dependencies: { a: '1' } }, { dependencies: { a: '1', evil: '1' } }, ['high dependencies.evil']],
    ['a hidden optional dependency', {}, { optionalDependencies: { evil: '1' } }, ['high dependencies.evil']],
    ['a dependency on something else', { dependencies: { a: '^1' } }, { dependencies: { a: 'https://evil.example/a.tgz' } }, ['high dependencies.a']],
    ['a dependency at another host', { dependencies: { a: 'https://git.example/u/r' } }, { dependencies: { a: 'https://evil.example/u/r' } }, ['high dependencies.a']],
    ['a dependency that only the registry has', { dependencies: { a: '1' } }, {}, ['medium dependencies.a']],
    ['a * that is not bundled', { dependencies: { a: '*' } }, {}, ['medium dependencies.a']],
    ['a dependency that is shown as optional', { optionalDependencies: { a: '1' } }, { dependencies: { a: '1' } }, ['info optionalDependencies.a']],
    ['a hidden peer', {}, { peerDependencies: { evil: '1' } }, ['high peerDependencies.evil']],
    ['a peer that is shown as optional', { peerDependenciesMeta: { a: { optional: true } } }, {}, ['info peerDependenciesMeta']],
    ['a hidden install script', {}, { scripts: { postinstall: 'evil' } }, ['high scripts.postinstall']],
    ['another install script', { scripts: { preinstall: 'a' } }, { scripts: { preinstall: 'b' } }, ['high scripts.preinstall']],
    ['a hidden install script beside a shown one', { scripts: { install: 'a' }, hasInstallScript: true }, { scripts: { install: 'a', postinstall: 'evil' } }, ['high scripts.postinstall']],
    ['a hidden install script beside a binding.gyp', { scripts: { install: 'node-gyp rebuild' } }, { scripts: { install: 'evil' } }, ['high scripts.install'], true],
    ['an install script that only the registry has', { scripts: { install: 'a' } }, {}, ['medium scripts.install']],
    ['a build script without anything to build', { scripts: { install: 'node-gyp rebuild' } }, {}, ['medium scripts.install']],
    ['an uninstall script', {}, { scripts: { uninstall: 'a' } }, ['info scripts.uninstall']],
    ['a denied install script', { hasInstallScript: false, scripts: { install: 'a' } }, { scripts: { install: 'a' } }, ['high hasInstallScript']],
    ['a claimed install script', { hasInstallScript: true }, {}, ['medium hasInstallScript']],
    ['a hidden command', { bin: { x: 'a.js' } }, { bin: { x: 'a.js', npm: 'evil.js' } }, ['medium bin.npm']],
    ['another file for a command', { bin: { x: 'a.js' } }, { bin: { x: 'b.js' } }, ['info bin.x']],
    ['a command outside of directories.bin', { bin: { a: 'other/a' } }, { directories: { bin: 'bin' } }, ['info bin.a']],
    ['other bundled dependencies', { bundleDependencies: ['a'], dependencies: { a: '1' } }, { dependencies: { a: '1' } }, ['info bundleDependencies']],
    ['another platform', { os: ['linux'] }, { os: ['darwin'], cpu: ['x64'] }, ['info os', 'info cpu']],
    ['another engine', { engines: { node: '>=18' } }, { engines: { node: '>=4' } }, ['info engines']],
  ]
  it.each(differences)('%s', (_, registry, tarball, found, hasGyp) => {
    expect(fields(registry, tarball, hasGyp)).toEqual(found)
  })

  it('names both sides, shortly', () => {
    const [one] = compare({ dependencies: { a: '1' } }, { dependencies: { a: 'x'.repeat(100_000) } })
    expect(one).toMatchObject({ field: 'dependencies.a', registry: '1' })
    expect(one!.tarball).toMatch(/^x{200}…$/)
  })

  it('is counted where there is too much of it, the worst first', () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`d${n}`, '1']))
    const found = compare({ dependencies: many, os: ['linux'] }, { scripts: { install: 'evil' } })
    expect(found).toHaveLength(50)
    expect(found[0]).toMatchObject({ field: 'scripts.install', severity: 'high' })
    expect(found.at(-1)).toMatchObject({ field: 'more', tarball: '4953 more differences' })
  })

  it('takes keys of the language for what they are', () => {
    const hostile = JSON.parse('{ "dependencies": { "__proto__": "1", "constructor": "1" }, "scripts": { "__proto__": "x" }, "bin": { "__proto__": "a.js" } }') as Manifest
    expect(fields({}, hostile)).toEqual(['high dependencies.__proto__', 'high dependencies.constructor', 'medium bin.__proto__'])
    expect(fields({ dependencies: { evil: '1' } }, { dependencies: { evil: '1' } })).toEqual([])
  })
})
