import { randomFrom } from '../random.ts'
import type { Random } from '../random.ts'

/** What makes one package's document larger or smaller than another's. */
export interface Shape {
  versions: number
  dependencies: number
  devDependencies: number
  contributors: number
  scripts: number
  readme: number
}

/** Chosen so that bytes and gzip ratios are those of new packages, small tools, frameworks and the largest type packages. */
export const SHAPES = {
  'bench-few': { versions: 10, dependencies: 3, devDependencies: 2, contributors: 0, scripts: 1, readme: 1_000 },
  'bench-small': { versions: 120, dependencies: 1, devDependencies: 0, contributors: 0, scripts: 0, readme: 3_000 },
  'bench-medium': { versions: 240, dependencies: 20, devDependencies: 6, contributors: 0, scripts: 5, readme: 20_000 },
  '@bench/types': { versions: 2_300, dependencies: 1, devDependencies: 0, contributors: 30, scripts: 0, readme: 2_000 },
} as const satisfies Record<string, Shape>

type Manifest = Record<string, unknown> & {
  name: string
  version: string
  dist: { integrity: string, shasum: string, tarball: string } & Record<string, unknown>
}

export interface Packument extends Record<string, unknown> {
  'name': string
  'dist-tags': Record<string, string>
  'versions': Record<string, Manifest>
  'time': Record<string, string>
}

/** What a caller decides itself, where the shape alone would decide by chance. */
export interface Decided {
  versions?: readonly string[]
  dependencies?: Record<string, string>
  /** Digests of versions whose tarballs exist. */
  dist?: ReadonlyMap<string, { integrity: string, shasum: string }>
}

export const WORDS = ['acorn', 'ansi', 'async', 'babel', 'buffer', 'cache', 'cli', 'color', 'compiler', 'core', 'css', 'debug', 'dom', 'env',
  'event', 'file', 'fs', 'glob', 'hash', 'http', 'json', 'loader', 'map', 'node', 'parse', 'path', 'plugin', 'promise', 'router', 'schema',
  'server', 'source', 'stream', 'string', 'test', 'token', 'tree', 'url', 'util', 'watch'] as const

/** The versions of a package, oldest first: patches often, minors sometimes, majors rarely. */
export function versionList(random: Random, count: number): string[] {
  let [major, minor, patch] = [1, 0, 0]
  return Array.from({ length: count }, () => {
    const version = `${major}.${minor}.${patch}`
    if (random.chance(0.03)) [major, minor, patch] = [major + 1, 0, 0]
    else if (random.chance(0.2)) [minor, patch] = [minor + 1, 0]
    else patch += 1
    return version
  })
}

/** A full packument. `origin` is the upstream's URL with a trailing slash. */
export function packumentOf(name: string, origin: string, shape: Shape, decided: Decided = {}): Packument {
  const random = randomFrom(name)
  const versions = decided.versions ?? versionList(random, shape.versions)
  const packages = (count: number) => Object.fromEntries(
    Array.from({ length: count }, () => [`${random.pick(WORDS)}-${random.pick(WORDS)}`, `^${random.between(1, 9)}.${random.between(0, 20)}.0`]),
  )
  const people = Array.from({ length: Math.max(2, shape.contributors) }, () => {
    const login = `${random.pick(WORDS)}${random.pick(WORDS)}${random.between(1, 99)}`
    return { name: `${login} ${random.pick(WORDS)}`, url: `https://code.example/${login}`, githubUsername: login }
  })
  const maintainers = people.slice(0, 2).map(person => ({ name: person.githubUsername, email: `${person.githubUsername}@mail.example` }))
  const dependencies = decided.dependencies ?? packages(shape.dependencies)
  const devDependencies = packages(shape.devDependencies)
  const scripts = Object.fromEntries(Array.from({ length: shape.scripts }, () => {
    const task = random.pick(WORDS)
    return [`build:${task}`, `${task} --config ./config/${task}.config.json --out dist`]
  }))
  const repository = { type: 'git', url: `git+https://code.example/bench/${name}.git` }
  const description = `Keeps ${random.pick(WORDS)} and ${random.pick(WORDS)} apart`
  const keyid = `SHA256:${random.bytes(32).toString('base64').slice(0, 43)}`
  const file = name.slice(name.indexOf('/') + 1)

  const time: Record<string, string> = {}
  const manifests: Record<string, Manifest> = {}
  let published = Date.UTC(2016, 0, 4)
  for (const version of versions) {
    published += random.between(3_600_000, 200_000_000)
    time[version] = new Date(published).toISOString()
    // A release now and then moves one dependency: neighbours resemble each other, as real ones do.
    const moved = !decided.dependencies && random.chance(0.3) && random.pick(Object.keys(dependencies))
    if (moved) dependencies[moved] = `^${random.between(1, 9)}.${random.between(0, 20)}.0`
    manifests[version] = {
      name,
      version,
      ...(shape.scripts && { description, keywords: WORDS.slice(0, 6), homepage: `https://code.example/bench/${name}#readme` }),
      license: 'MIT',
      _id: `${name}@${version}`,
      ...(shape.contributors && { contributors: people, typesPublisherContentHash: random.bytes(32).toString('hex') }),
      ...((shape.scripts || shape.contributors) && { gitHead: random.bytes(20).toString('hex') }),
      ...(shape.contributors && {
        _npmOperationalInternal: { host: 's3://packages.example', tmp: `tmp/${file}_${version}_${published}_0.${random.bytes(6).readUIntBE(0, 6)}` },
      }),
      maintainers,
      repository,
      main: './dist/index.js',
      ...(shape.scripts && { type: 'module', types: './dist/index.d.ts', bin: { [file]: './bin/cli.js' }, scripts }),
      ...(shape.scripts && { exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' } }),
      engines: { node: '>=18' },
      ...(Object.keys(dependencies).length && { dependencies: { ...dependencies } }),
      ...(shape.devDependencies && { devDependencies: { ...devDependencies } }),
      dist: {
        integrity: `sha512-${random.bytes(64).toString('base64')}`,
        shasum: random.bytes(20).toString('hex'),
        ...decided.dist?.get(version),
        tarball: `${origin}${name}/-/${file}-${version}.tgz`,
        fileCount: random.between(5, 80),
        unpackedSize: random.between(5_000, 900_000),
        signatures: [{ keyid, sig: random.bytes(70).toString('base64') }],
      },
    }
  }
  return {
    '_id': name,
    name,
    'dist-tags': { latest: versions.at(-1) ?? '1.0.0' },
    'versions': manifests,
    'time': { created: new Date(Date.UTC(2016, 0, 4)).toISOString(), modified: new Date(published).toISOString(), ...time },
    maintainers,
    description,
    repository,
    'license': 'MIT',
    'readme': prose(random, shape.readme),
    'readmeFilename': 'README.md',
  }
}

const ABBREVIATED = ['name', 'version', 'deprecated', 'dependencies', 'optionalDependencies', 'peerDependencies', 'bin', 'directories', 'dist', 'engines']

/** The corgi form, as a registry that knows it answers. */
export function abbreviate(packument: Packument): Record<string, unknown> {
  return {
    'name': packument.name,
    'dist-tags': packument['dist-tags'],
    'modified': packument.time.modified,
    'versions': Object.fromEntries(Object.entries(packument.versions).map(([version, manifest]) => [
      version,
      Object.fromEntries(ABBREVIATED.filter(key => key in manifest).map(key => [key, manifest[key]])),
    ])),
  }
}

/** About `length` characters that compress like text. */
export function prose(random: Random, length: number): string {
  let text = '# Read me\n\n'
  while (text.length < length) text += `${random.pick(WORDS)} ${random.chance(0.1) ? `${random.between(1, 9999)}.\n` : ''}`
  return text
}
