import semver from 'semver'
import { binOf, bundledOf, dependenciesOf, fileOf, meaningOf, membersOf, scriptsOf } from './normalize.ts'
import { finding, type Finding, type Severity } from './types.ts'

type Manifest = Record<string, unknown>

interface Contents {
  /** Whether there is a `*.gyp` beside the tarball's package.json: then npm adds a script, and clients build without one. */
  hasGyp: boolean
}

/** Scripts that run when a package is installed. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'] as const
/** No client of today runs them. */
const UNINSTALL_SCRIPTS = ['preuninstall', 'uninstall', 'postuninstall'] as const
const GYP_SCRIPT = 'node-gyp rebuild'

/** So many differences say enough. */
const MOST = 50

/**
 * What a registry's manifest says differently than the package.json in the tarball, as far as it matters to whoever installs.
 * What npm, pnpm, Yarn and Bun change when they publish is no difference.
 * @returns the worst first, at most 50
 */
export function compareManifests(fromRegistry: Manifest, fromTarball: Manifest, { hasGyp }: Contents): Finding[] {
  const findings = [
    ...compareIdentity(fromRegistry, fromTarball),
    ...compareDependencies(fromRegistry, fromTarball),
    ...comparePeers(fromRegistry, fromTarball),
    ...compareScripts(fromRegistry, fromTarball, hasGyp),
    ...compareBin(fromRegistry, fromTarball),
    ...compareRest(fromRegistry, fromTarball),
  ]
  return bounded(findings)
}

/** @returns the worst first; what is too much is counted */
export function bounded(findings: readonly Finding[]): Finding[] {
  const sorted = findings.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity))
  if (sorted.length <= MOST) return sorted
  return [...sorted.slice(0, MOST - 1), finding('more', 'info', undefined, `${sorted.length - MOST + 1} more differences`)]
}

const ORDER: Severity[] = ['high', 'medium', 'info']

function* compareIdentity(registry: Manifest, tarball: Manifest): Generator<Finding> {
  const nameOf = ({ name }: Manifest) => typeof name === 'string' ? name.trim() : undefined
  if (nameOf(registry) === undefined || nameOf(registry) !== nameOf(tarball)) yield finding('name', 'high', registry.name, tarball.name)
  const versionOf = ({ version }: Manifest) => typeof version === 'string' ? semver.clean(version, { loose: true }) : null
  if (versionOf(registry) === null || versionOf(registry) !== versionOf(tarball)) {
    yield finding('version', 'high', registry.version, tarball.version)
  }
}

/** Optional dependencies are dependencies: npm lists them twice, once or where it likes. */
function compareDependencies(registry: Manifest, tarball: Manifest): Finding[] {
  const all = ({ dependencies, optionalDependencies }: Manifest) =>
    new Map([...dependenciesOf(dependencies), ...dependenciesOf(optionalDependencies)])
  const [shown, real] = [all(registry), all(tarball)]
  // A bundled package that is no dependency is made one by npm.
  for (const name of bundledOf(tarball)) {
    if (!real.has(name) && shown.get(name) === '*') shown.delete(name)
  }
  const isOptional = ({ optionalDependencies }: Manifest) => new Set(dependenciesOf(optionalDependencies).keys())
  const [shownOptional, reallyOptional] = [isOptional(registry), isOptional(tarball)]
  const both = [...real.keys()].filter(name => shown.has(name))
  return [
    ...compareMaps('dependencies', shown, real),
    // Registries of old put optional dependencies among the others, so only what becomes optional is worth a note.
    ...both.filter(name => shownOptional.has(name) && !reallyOptional.has(name))
      .map(name => finding(`optionalDependencies.${name}`, 'info', shown.get(name), undefined)),
  ]
}

function* comparePeers(registry: Manifest, tarball: Manifest): Generator<Finding> {
  yield* compareMaps('peerDependencies', dependenciesOf(registry.peerDependencies), dependenciesOf(tarball.peerDependencies))
  yield* compareMeaning('peerDependenciesMeta', registry.peerDependenciesMeta, tarball.peerDependenciesMeta)
}

function* compareScripts(registry: Manifest, tarball: Manifest, hasGyp: boolean): Generator<Finding> {
  const [shown, real] = [scriptsOf(registry), scriptsOf(tarball)]
  const { hasInstallScript } = registry
  // Some registries keep the scripts to themselves, and say only that there are some.
  const isHidden = registry.scripts === undefined && hasInstallScript === true
  for (const name of INSTALL_SCRIPTS) {
    const [one, other] = [shown.get(name), real.get(name)]
    if (one === other || (isHidden && one === undefined)) continue
    if (other !== undefined) yield finding(`scripts.${name}`, 'high', one, other)
    else if (!(name === 'install' && one === GYP_SCRIPT && hasGyp)) yield finding(`scripts.${name}`, 'medium', one, undefined)
  }
  for (const name of UNINSTALL_SCRIPTS) {
    if (shown.get(name) !== real.get(name)) yield finding(`scripts.${name}`, 'info', shown.get(name), real.get(name))
  }
  const runs = INSTALL_SCRIPTS.some(name => real.has(name))
  if (hasInstallScript === true && !runs && !hasGyp) yield finding('hasInstallScript', 'medium', true, false)
  if (hasInstallScript === false && runs) yield finding('hasInstallScript', 'high', false, true)
}

function* compareBin(registry: Manifest, tarball: Manifest): Generator<Finding> {
  const [shown, real] = [binOf(registry), binOf(tarball)]
  const folder = Object.fromEntries(membersOf(tarball.directories)).bin
  const listed = typeof folder === 'string' && real.size === 0 ? `${fileOf(folder)}/` : undefined
  for (const [command, file] of real) {
    if (shown.get(command) !== file) yield finding(`bin.${command}`, shown.has(command) ? 'info' : 'medium', shown.get(command), file)
  }
  for (const [command, file] of shown) {
    // npm writes down what is in `directories.bin`.
    const isListed = listed !== undefined && (listed === '/' || file.startsWith(listed))
    if (!real.has(command) && !isListed) yield finding(`bin.${command}`, 'info', file, undefined)
  }
}

function* compareRest(registry: Manifest, tarball: Manifest): Generator<Finding> {
  yield* compareMeaning('bundleDependencies', bundledOf(registry), bundledOf(tarball))
  for (const field of ['os', 'cpu', 'libc'] as const) {
    yield* compareMeaning(field, listOf(registry[field]), listOf(tarball[field]))
  }
  yield* compareMeaning('engines', registry.engines, tarball.engines)
}

function compareMaps(field: string, shown: ReadonlyMap<string, string>, real: ReadonlyMap<string, string>): Finding[] {
  return [
    // Another range is one that nobody was shown.
    ...[...real].filter(([name, range]) => shown.get(name) !== range)
      .map(([name, range]) => finding(`${field}.${name}`, 'high', shown.get(name), range)),
    ...[...shown].filter(([name]) => !real.has(name)).map(([name, range]) => finding(`${field}.${name}`, 'medium', range, undefined)),
  ]
}

function* compareMeaning(field: string, shown: unknown, real: unknown): Generator<Finding> {
  const [one, other] = [meaningOf(shown), meaningOf(real)]
  if (one !== other) yield finding(field, 'info', one, other)
}

function listOf(value: unknown): unknown {
  return typeof value === 'string' ? [value] : value
}
