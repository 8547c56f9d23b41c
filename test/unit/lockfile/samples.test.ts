import { expect, it } from 'vitest'
import type { PUBLISHED } from './fixture.ts'
import { COMMIT, DIGESTS, foreign, published, REMOTE_URL, sample, tarballUrl } from './fixture.ts'
import type { LockedPackage } from '../../../shared/lockfile/index.ts'

type Spec = keyof typeof PUBLISHED

/** A published package whose URL is locked too. */
const withUrl = (spec: Spec, at: string, more: Partial<LockedPackage> = {}) =>
  published(spec, at, { resolved: tarballUrl(spec), ...more })

const inModules = (spec: Spec, path: string) => withUrl(spec, `node_modules/${path}`)

const BY_LOCATION = [
  foreign('fx-folder@6.0.0', 'folder', 'file:folder', 'a folder'),
  inModules('@fx/native-darwin-arm64@1.0.0', '@fx/native-darwin-arm64'),
  inModules('@fx/native-linux-x64-gnu@1.0.0', '@fx/native-linux-x64-gnu'),
  inModules('@fx/native-linux-x64-musl@1.0.0', '@fx/native-linux-x64-musl'),
  inModules('@fx/util@1.2.3', '@fx/util'),
  inModules('fx-bundler@1.0.0', 'fx-bundler'),
  foreign('fx-bundled@0.5.0', 'node_modules/fx-bundler/node_modules/fx-bundled', undefined, 'bundled in the tarball of its parent'),
  foreign('fx-git@3.0.0', 'node_modules/fx-git', `git+https://files.example/fx-git.git#${COMMIT}`, 'from a git repository'),
  inModules('fx-host@1.0.0', 'fx-host'),
  inModules('fx-lib@1.1.0', 'fx-lib'),
  inModules('fx-native@1.0.0', 'fx-native'),
  foreign('fx-packed@5.0.0', 'node_modules/fx-packed', 'file:fx-packed-5.0.0.tgz', 'a local tarball', DIGESTS.local),
  foreign('fx-remote@4.0.0', 'node_modules/fx-remote', REMOTE_URL, 'a remote tarball', DIGESTS.remote),
  // Also at packages/inner/node_modules/fx-lib.
  inModules('fx-lib@2.0.0', 'fx-two'),
  foreign('@sample/inner@0.1.0', 'packages/inner', 'file:packages/inner', 'a folder'),
]

it('reads npm\'s lockfile of version 3', async () => {
  expect(await sample('npm-v3/package-lock.json')).toEqual({ kind: 'npm', version: '3', packages: BY_LOCATION })
})

it('reads npm\'s lockfile of version 2, whose two lists agree', async () => {
  expect(await sample('npm-v2/npm-shrinkwrap.json')).toEqual({ kind: 'npm', version: '2', packages: BY_LOCATION })
})

it('reads npm\'s lockfile of version 1', async () => {
  expect(await sample('npm-v1/package-lock.json')).toEqual({
    kind: 'npm',
    version: '1',
    packages: [
      withUrl('@fx/native-darwin-arm64@1.0.0', '@fx/native-darwin-arm64'),
      withUrl('@fx/native-linux-x64-gnu@1.0.0', '@fx/native-linux-x64-gnu'),
      withUrl('@fx/native-linux-x64-musl@1.0.0', '@fx/native-linux-x64-musl'),
      withUrl('@fx/util@1.2.3', '@fx/util'),
      foreign('@sample/inner@', '@sample/inner', 'file:packages/inner', 'a folder'),
      withUrl('fx-lib@2.0.0', '@sample/inner > fx-lib'),
      withUrl('fx-bundler@1.0.0', 'fx-bundler'),
      foreign('fx-bundled@0.5.0', 'fx-bundler > fx-bundled', undefined, 'bundled in the tarball of its parent'),
      foreign('fx-folder@', 'fx-folder', 'file:folder', 'a folder'),
      foreign('fx-git@', 'fx-git', `git+https://files.example/fx-git.git#${COMMIT}`, 'from a git repository'),
      withUrl('fx-host@1.0.0', 'fx-host'),
      withUrl('fx-lib@1.1.0', 'fx-lib'),
      withUrl('fx-native@1.0.0', 'fx-native'),
      foreign('fx-packed@', 'fx-packed', 'file:fx-packed-5.0.0.tgz', 'a local tarball', DIGESTS.local),
      foreign('fx-remote@', 'fx-remote', REMOTE_URL, 'a remote tarball', DIGESTS.remote),
    ],
  })
})

const PNPM_9 = [
  published('@fx/native-darwin-arm64@1.0.0', '@fx/native-darwin-arm64@1.0.0'),
  published('@fx/native-linux-x64-gnu@1.0.0', '@fx/native-linux-x64-gnu@1.0.0'),
  published('@fx/native-linux-x64-musl@1.0.0', '@fx/native-linux-x64-musl@1.0.0'),
  published('@fx/util@1.2.3', '@fx/util@1.2.3'),
  published('fx-bundler@1.0.0', 'fx-bundler@1.0.0'),
  foreign('fx-folder@', 'fx-folder@file:folder', 'file:folder', 'a folder'),
  foreign('fx-git@3.0.0', `fx-git@git+https://files.example/fx-git.git#${COMMIT}`,
    `https://files.example/fx-git.git#${COMMIT}`, 'from a git repository'),
  published('fx-host@1.0.0', 'fx-host@1.0.0'),
  published('fx-lib@1.1.0', 'fx-lib@1.1.0'),
  published('fx-lib@2.0.0', 'fx-lib@2.0.0'),
  published('fx-native@1.0.0', 'fx-native@1.0.0'),
  foreign('fx-packed@5.0.0', 'fx-packed@file:fx-packed-5.0.0.tgz', 'file:fx-packed-5.0.0.tgz', 'a local tarball', DIGESTS.local),
  foreign('fx-remote@4.0.0', `fx-remote@${REMOTE_URL}`, REMOTE_URL, 'a remote tarball', DIGESTS.remote),
]

it('reads pnpm\'s lockfile of version 9', async () => {
  expect(await sample('pnpm-v9/pnpm-lock.yaml')).toEqual({ kind: 'pnpm', version: '9.0', packages: PNPM_9 })
})

it('reads both documents of a lockfile that also locks what pnpm itself needs', async () => {
  expect(await sample('pnpm-v9-two/pnpm-lock.yaml')).toEqual({
    kind: 'pnpm', version: '9.0', packages: [published('fx-cli@2.1.0', 'fx-cli@2.1.0'), ...PNPM_9],
  })
})

/** Versions 5 and 6 differ in how keys end. */
const pnpmBefore9 = (key: (spec: Spec, peers?: string) => string) => [
  published('@fx/native-darwin-arm64@1.0.0', key('@fx/native-darwin-arm64@1.0.0')),
  published('@fx/native-linux-x64-gnu@1.0.0', key('@fx/native-linux-x64-gnu@1.0.0')),
  published('@fx/util@1.2.3', key('@fx/util@1.2.3')),
  published('fx-host@1.0.0', key('fx-host@1.0.0', 'fx-lib@1.1.0')),
  published('fx-lib@1.1.0', key('fx-lib@1.1.0')),
  published('fx-lib@2.0.0', key('fx-lib@2.0.0'), { resolved: tarballUrl('fx-lib@2.0.0') }),
  published('fx-native@1.0.0', key('fx-native@1.0.0')),
  foreign('fx-remote@4.0.0', '@files.example/fx-remote.tgz', REMOTE_URL, 'a remote tarball', DIGESTS.remote),
  foreign('fx-folder@', 'file:folder', 'file:folder', 'a folder'),
  foreign('fx-packed@5.0.0', 'file:fx-packed-5.0.0.tgz', 'file:fx-packed-5.0.0.tgz', 'a local tarball', DIGESTS.local),
  foreign('fx-git@3.0.0', `git@files.example+fx-git/${COMMIT}`, `https://files.example/fx-git.git#${COMMIT}`, 'from a git repository'),
  foreign('fx-hub@7.0.0', `github.com/fixtures/fx-hub/${COMMIT}`, `https://hub.example/fixtures/fx-hub/tar.gz/${COMMIT}`, 'a remote tarball'),
]

it('reads pnpm\'s lockfile of version 6', async () => {
  expect(await sample('pnpm-v6/pnpm-lock.yaml')).toEqual({
    kind: 'pnpm',
    version: '6.0',
    packages: pnpmBefore9((spec, peers) => `/${spec}${peers ? `(${peers})` : ''}`),
  })
})

it('reads pnpm\'s lockfile of version 5.4', async () => {
  expect(await sample('pnpm-v5.4/pnpm-lock.yaml')).toEqual({
    kind: 'pnpm',
    version: '5.4',
    packages: pnpmBefore9((spec, peers) => `/${spec.replace(/@([^@]*)$/, '/$1')}${peers ? `_${peers}` : ''}`),
  })
})

it('reads the lockfile of Yarn 1', async () => {
  const locked = (spec: Spec, at: string, sha1: string) => published(spec, at, { resolved: `${tarballUrl(spec)}#${sha1}` })
  expect(await sample('yarn-classic/yarn.lock')).toEqual({
    kind: 'yarn-classic',
    version: '1',
    packages: [
      locked('@fx/native-darwin-arm64@1.0.0', '@fx/native-darwin-arm64@1.0.0', '11e1ad3894618c6be2029c1515dd6186e83fc96c'),
      locked('@fx/native-linux-x64-gnu@1.0.0', '@fx/native-linux-x64-gnu@1.0.0', '65ab047138082f6e9cd6c5c4ac982a9b38402dbd'),
      locked('@fx/native-linux-x64-musl@1.0.0', '@fx/native-linux-x64-musl@1.0.0', '6f50846f94e4b4a87c47084b5ab075edb7288683'),
      locked('@fx/util@1.2.3', '@fx/util@^1.0.0', '4342f15173fd6c2668472f4d0fd0862319927fdf'),
      locked('fx-bundled@0.5.0', 'fx-bundled@^0.5.0', '6876d60aba0a59609709779a28b72bfe5005a5d8'),
      locked('fx-bundler@1.0.0', 'fx-bundler@1.0.0', '0c64d69aa3015c4d331a6571d73bf3389b740a7d'),
      foreign('fx-folder@6.0.0', 'fx-folder@file:folder', 'file:folder', 'a folder'),
      foreign('fx-git@3.0.0', 'fx-git@git+https://files.example/fx-git.git',
        `git+https://files.example/fx-git.git#${COMMIT}`, 'from a git repository'),
      locked('fx-host@1.0.0', 'fx-host@1.0.0', '9fcf80e688115c8f85f700644f8291f6a5fc054f'),
      // Also as fx-two@npm:fx-lib@2.0.0.
      locked('fx-lib@2.0.0', 'fx-lib@2.0.0', '49cba96cdf7e92c89f055a3969858e7718ed9cf5'),
      locked('fx-lib@1.1.0', 'fx-lib@^1.0.0', '0623182835e175d4bd679499514bc98bbe9a3458'),
      locked('fx-native@1.0.0', 'fx-native@^1.0.0', 'c8234455f29a46c30df51c259a02e7a5dd921c9b'),
      foreign('fx-packed@5.0.0', 'fx-packed@file:fx-packed-5.0.0.tgz',
        'file:fx-packed-5.0.0.tgz#eb673a30e6c20c7b1ee943c93df93953124de2be', 'a local tarball'),
      foreign('fx-remote@4.0.0', `fx-remote@${REMOTE_URL}`, `${REMOTE_URL}#456fe371db415530846e9e750187339321304576`, 'a remote tarball'),
    ],
  })
})

/** Published, but Yarn's checksum is its own. */
const zipped = (name: string, version: string, at: string, resolved?: string): LockedPackage => ({
  name,
  version,
  ...(resolved !== undefined && { resolved }),
  at,
  state: 'other-digest',
  note: 'Yarn\'s checksum is of its own archive, not of the tarball: only that the version exists can be proven',
})
const otherPlatform = (name: string): LockedPackage => ({
  name, version: '1.0.0', at: `${name}@npm:1.0.0`, state: 'no-integrity', note: 'Yarn has no checksum of what other platforms install',
})

it('reads the lockfile of Yarn 4', async () => {
  const folder = 'locator=sample%40workspace%3A.'
  expect(await sample('yarn-berry-v10/yarn.lock')).toEqual({
    kind: 'yarn-berry',
    version: '10',
    packages: [
      otherPlatform('@fx/native-darwin-arm64'),
      otherPlatform('@fx/native-linux-x64-gnu'),
      otherPlatform('@fx/native-linux-x64-musl'),
      zipped('@fx/util', '1.2.3', '@fx/util@npm:^1.0.0'),
      foreign('@sample/inner@0.0.0-use.local', '@sample/inner@workspace:packages/inner', 'workspace:packages/inner', 'a folder'),
      zipped('fx-bundled', '0.5.0', 'fx-bundled@npm:^0.5.0'),
      zipped('fx-bundler', '1.0.0', 'fx-bundler@npm:1.0.0'),
      foreign('fx-folder@6.0.0', `fx-folder@file:folder::${folder}`, `file:folder#folder::hash=0d7286&${folder}`, 'a folder'),
      foreign('fx-git@3.0.0', 'fx-git@https://files.example/fx-git.git',
        `https://files.example/fx-git.git#commit=${COMMIT}`, 'from a git repository'),
      zipped('fx-host', '1.0.0', 'fx-host@npm:1.0.0, fx-host@npm:^1.0.0'),
      zipped('fx-lib', '2.0.0', 'fx-lib@npm:2.0.0, fx-two@npm:fx-lib@2.0.0'),
      zipped('fx-lib', '1.1.0', 'fx-lib@npm:^1.0.0'),
      zipped('fx-native', '1.0.0', 'fx-native@npm:^1.0.0'),
      foreign('fx-packed@5.0.0', `fx-packed@file:fx-packed-5.0.0.tgz::${folder}`,
        `file:fx-packed-5.0.0.tgz#fx-packed-5.0.0.tgz::hash=357070&${folder}`, 'a local tarball'),
      foreign('fx-remote@4.0.0', `fx-remote@${REMOTE_URL}`, REMOTE_URL, 'a remote tarball'),
    ],
  })
})

it('reads the lockfile of Yarn 3, with patches, portals, archive URLs and keys longer than YAML\'s short form allows', async () => {
  const folder = 'locator=sample%40workspace%3A.'
  const ranges = ['^1.0.0', ...Array.from({ length: 40 }, (_, patch) => `>=1.0.${patch} <2`)]
  expect(await sample('yarn-berry-v6/yarn.lock')).toEqual({
    kind: 'yarn-berry',
    version: '6',
    packages: [
      otherPlatform('@fx/native-darwin-arm64'),
      zipped('@fx/util', '1.2.3', '@fx/util@npm:^1.0.0'),
      zipped('fx-lib', '2.0.0', 'fx-lib@npm:2.0.0, fx-two@npm:fx-lib@2.0.0'),
      zipped('fx-lib', '1.1.0', 'fx-lib@npm:^1.0.0'),
      foreign('fx-lib@1.1.0', `fx-lib@patch:fx-lib@^1.0.0#./patches/fx-lib.patch::${folder}`,
        `patch:fx-lib@npm%3A1.1.0#./patches/fx-lib.patch::version=1.1.0&hash=41b7d1&${folder}`,
        'a patched copy of a package that is listed by itself'),
      foreign('fx-portal@0.0.0-use.local', `fx-portal@portal:../fx-portal::${folder}`, `portal:../fx-portal::${folder}`, 'a folder'),
      zipped('fx-private', '1.0.0', ranges.map(range => `fx-private@npm:${range}`).join(', '),
        'https://registry.example/download/fx-private/1.0.0'),
    ],
  })
})

/** With Bun 1.4 entries have the registry's URLs, with the default registry they have none. */
const bun = (url: (spec: Spec) => Partial<LockedPackage>, local: LockedPackage, remoteDigest?: string) => [
  published('@fx/native-darwin-arm64@1.0.0', '@fx/native-darwin-arm64', url('@fx/native-darwin-arm64@1.0.0')),
  published('@fx/native-linux-x64-gnu@1.0.0', '@fx/native-linux-x64-gnu', url('@fx/native-linux-x64-gnu@1.0.0')),
  published('@fx/native-linux-x64-musl@1.0.0', '@fx/native-linux-x64-musl', url('@fx/native-linux-x64-musl@1.0.0')),
  published('@fx/util@1.2.3', '@fx/util', url('@fx/util@1.2.3')),
  foreign('@sample/inner@0.1.0', '@sample/inner', 'workspace:packages/inner', 'a folder'),
  published('fx-bundler@1.0.0', 'fx-bundler', url('fx-bundler@1.0.0')),
  foreign('fx-folder@', 'fx-folder', 'file:folder', 'a folder'),
  foreign('fx-git@', 'fx-git', `git+https://files.example/fx-git.git#${COMMIT}`, 'from a git repository'),
  published('fx-host@1.0.0', 'fx-host', url('fx-host@1.0.0')),
  published('fx-lib@1.1.0', 'fx-lib', url('fx-lib@1.1.0')),
  published('fx-native@1.0.0', 'fx-native', url('fx-native@1.0.0')),
  local,
  foreign('fx-remote@', 'fx-remote', REMOTE_URL, 'a remote tarball', remoteDigest),
  // Also at @sample/inner/fx-lib.
  published('fx-lib@2.0.0', 'fx-two', url('fx-lib@2.0.0')),
]

it('reads Bun\'s lockfile of version 2', async () => {
  expect(await sample('bun-v2/bun.lock')).toEqual({
    kind: 'bun',
    version: '2',
    packages: [
      ...bun(spec => ({ resolved: tarballUrl(spec) }),
        foreign('fx-packed@', 'fx-packed', 'fx-packed-5.0.0.tgz', 'a local tarball', DIGESTS.local), DIGESTS.remote),
      withUrl('fx-bundled@0.5.0', 'fx-bundler/fx-bundled', { note: 'marked as bundled; this is the registry\'s copy' }),
    ],
  })
})

it('reads Bun\'s lockfile of version 1', async () => {
  expect(await sample('bun-v1/bun.lock')).toEqual({
    kind: 'bun',
    version: '1',
    packages: bun(() => ({}), foreign('fx-packed@', 'fx-packed', './fx-packed-5.0.0.tgz', 'a local tarball')),
  })
})
