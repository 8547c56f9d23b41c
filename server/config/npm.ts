// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- the definitions have no types of their own
/// <reference path="./npmcli-config.d.ts" />
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import Config from '@npmcli/config'
import npm from '@npmcli/config/lib/definitions/index.js'
import { showPath } from './show.ts'

/** npm's own default registry, normalised. */
export const NPM_DEFAULT_REGISTRY: string = new URL(npm.definitions.registry.default).href

/** Nearest first, as npm itself prefers them. `default` is left out: it is not something the operator wrote. */
const LAYERS = ['env', 'project', 'user', 'global', 'builtin'] as const

/** A value of the operator's npm configuration, unchecked, and where it was read, for messages. */
export interface Setting {
  value: unknown
  /** `~/.npmrc`, or `environment (npm_config_registry)`. */
  origin: string
}

/** The operator's npm configuration: every layer that npm reads, except for the command line. */
export interface NpmSettings {
  /** All layers that set a key, nearest first. A layer that unsets it (empty or `null`) is left out. */
  layers(key: string): Setting[]
  /** The value that npm itself would use. */
  get(key: string): Setting | undefined
  /** All keys that any layer sets. */
  readonly keys: readonly string[]
  /** Files, in npm's order, as messages show them, with the keys each sets. */
  readonly files: readonly { origin: string, keys: readonly string[] }[]
}

/**
 * Loads the configuration as npm does: environment (`npm_config_*`), the project's, the user's, the global and the builtin
 * `.npmrc`.
 * A file that exists and cannot be read is a problem, where npm would pass over it silently.
 */
export async function readNpmSettings(
  { env, cwd, home, problems }: { env: NodeJS.ProcessEnv, cwd: string, home: string, problems: string[] },
): Promise<NpmSettings> {
  const config = new Config({
    npmPath: npmPath(env),
    definitions: npm.definitions,
    shorthands: npm.shorthands,
    flatten: npm.flatten,
    nerfDarts: npm.nerfDarts,
    // Our command line is not npm's.
    argv: ['node', 'npm'],
    // A copy: loading writes npm_config_* and INIT_CWD into its environment.
    env: { ...env, HOME: home },
    cwd,
    warn: false,
  } as ConstructorParameters<typeof Config>[0])
  try {
    await config.load()
  } catch (error) {
    problems.push(`npm configuration: ${error instanceof Error ? error.message.split('\n')[0] : 'cannot be loaded'}.`)
    return { layers: () => [], get: () => undefined, keys: [], files: [] }
  }

  const layers = LAYERS.flatMap((where) => {
    const layer = config.data.get(where)
    if (!layer) return []
    const file = where !== 'env' && layer.source ? showPath(layer.source, cwd, home) : undefined
    const code = layer.loadError && 'code' in layer.loadError ? layer.loadError.code : undefined
    // ENOTDIR is a way of not being there, too: a file where a directory of the path should be.
    if (layer.loadError && code !== 'ENOENT' && code !== 'ENOTDIR') problems.push(`${file}: cannot be read (${code}). Fix its permissions.`)
    return [{ data: layer.data, file }]
  })
  const settings = (key: string): Setting[] => {
    const set = layers.filter(({ data }) => Object.hasOwn(data, key) && !isUnset(data[key]))
    const [first, second] = set
    // `npm start` copies what its files say into the environment of what it starts. A message should name the file,
    // because that is where the operator can change it.
    const copied = first && second && first.file === undefined && first.data[key] === second.data[key]
    return set.slice(copied ? 1 : 0)
      .map(({ data, file }) => ({ value: data[key], origin: file ?? `environment (npm_config_${key.replaceAll('-', '_')})` }))
  }

  return {
    layers: settings,
    get: key => settings(key)[0],
    keys: [...new Set(layers.flatMap(({ data }) => Object.keys(data)))],
    files: layers.flatMap(({ data, file }) => file === undefined ? [] : [{ origin: file, keys: Object.keys(data) }]),
  }
}

function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === 'null'
}

/** The directory of the npm that started us, or of the one beside our Node.js: its builtin `npmrc` is the last layer. */
function npmPath(env: NodeJS.ProcessEnv): string {
  const started = env.npm_execpath
  if (started && basename(started) === 'npm-cli.js') return dirname(dirname(started))
  const bin = dirname(process.execPath)
  const beside = [join(bin, 'node_modules/npm'), join(dirname(bin), 'lib/node_modules/npm')]
  return beside.find(path => existsSync(path)) ?? beside[0]!
}
