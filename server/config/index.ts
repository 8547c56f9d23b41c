import { homedir } from 'node:os'
import type { CacheConfig, Config } from './types.ts'
import { unscopedCredentials } from './credentials.ts'
import { checkRegistries, checkRoutes, unroutedAuthorities } from './crosscheck.ts'
import { DEFAULT_CACHE, DEFAULT_LIMITS, DEFAULT_POLICY, DEFAULT_PROBES } from './defaults.ts'
import { type Environment, readEnvironment } from './environment.ts'
import { ConfigError } from './error.ts'
import { readConfigFile } from './file.ts'
import { readNetwork } from './network.ts'
import { NPM_DEFAULT_REGISTRY, readNpmSettings } from './npm.ts'
import { completeRoutes, defined, registriesOfFile, webhooksOfFile } from './registries.ts'
import { writeRemembered } from './remembered.ts'
import type { FileConfig } from './schema.ts'
import { describeSelf, localHosts } from './self.ts'
import { showPath } from './show.ts'
import { rememberedPath, upstreamsOfNpm } from './upstreams.ts'

export { readListening } from './environment.ts'
export { ConfigError } from './error.ts'
export { NPM_DEFAULT_REGISTRY } from './npm.ts'

/**
 * The whole configuration: environment variables, the `REGISTRY_CONFIG` file if any, and the operator's npm configuration.
 * Remembers in the data directory which upstream npm configuration named, for the start after it names us.
 *
 * @param options.env environment variables, `process.env`; it is not changed
 * @param options.cwd absolute; relative paths and the project's `.npmrc` are looked up from here
 * @param options.home where `~` is; `HOME` by default
 * @returns deeply frozen
 * @throws {ConfigError} with every problem found, one line each
 */
export async function loadConfig(options: { env: NodeJS.ProcessEnv, cwd: string, home?: string }): Promise<Config> {
  const { env, cwd } = options
  const home = options.home ?? (env.HOME || homedir())
  const problems: string[] = []
  const notices: string[] = []

  const environment = await readEnvironment(env, cwd, problems)
  const { configFile, dataDir, publicUrl, registryHosts, sumdbHosts, databaseUrl, sumdb, registryKey, adminToken } = environment
  const self = describeSelf({ ...environment, registryHosts: [...registryHosts, ...sumdbHosts] })
  const origin = configFile === undefined ? '' : showPath(configFile, cwd, home)
  const file = configFile === undefined ? undefined : await readConfigFile(configFile, origin, problems)

  const settings = await readNpmSettings({ env, cwd, home, problems })
  problems.push(...unscopedCredentials(settings))
  const network = await readNetwork(settings, { env, cwd, problems, notices })
  const completion = { credentials: { settings, cwd, problems, notices }, tls: network.tls }

  // A file that could not be read may name registries: what npm configuration says instead would only confuse.
  if (configFile !== undefined && file === undefined) throw new ConfigError(problems)
  const shown = showPath(rememberedPath(dataDir), cwd, home)
  const { registries, ...derived } = file?.registries
    ? { registries: await registriesOfFile(file.registries, origin, env, completion), routes: [], remember: undefined }
    : await upstreamsOfNpm(settings, { dataDir, shown, self, problems, notices }, completion)
  const routes = completeRoutes(file?.routes ?? derived.routes, registries)
  const unclear = [
    ...(file?.registries ? checkRegistries(registries, self) : []),
    ...(file?.routes ? checkRoutes(file.routes, registries) : []),
  ]
  problems.push(...unclear.map(problem => `${origin}: ${problem}`))
  if (file) notices.push(...unroutedAuthorities(routes, registries).map(sentence => `${origin}: ${sentence}`))

  const config: Config = {
    registries,
    routes,
    private: file?.private ?? [],
    tarballs: file?.tarballs ?? 'auto',
    delivery: file?.delivery ?? 'redirect',
    strategy: file?.strategy ?? 'priority',
    policy: { ...DEFAULT_POLICY, ...defined(file?.policy ?? {}) },
    webhooks: webhooksOfFile(file?.webhooks ?? [], origin, env, problems),
    probes: { ...DEFAULT_PROBES, ...defined(file?.probes ?? {}) },
    signVersions: file?.signVersions ?? false,
    ...(registryKey !== undefined && { registryKey }),
    ...(adminToken !== undefined && { adminToken }),
    defaultHost: file?.defaultHost ?? new URL(NPM_DEFAULT_REGISTRY).host,
    publicUrl,
    localHosts: env.NUXT_PUBLIC_URL?.trim() ? [] : localHosts(self),
    registryHosts,
    sumdbHosts,
    dataDir,
    databaseUrl,
    sumdb,
    cache: cacheConfig(file?.cache ?? {}, environment, origin, problems),
    limits: { ...DEFAULT_LIMITS, ...defined(file?.limits ?? {}), proxy: network.proxy },
    notices,
  }
  if (problems.length > 0) throw new ConfigError(problems)
  if (derived.remember) await writeRemembered(rememberedPath(dataDir), shown, derived.remember, notices)
  return deepFreeze(config)
}

/** A Redis URL in the environment wins over the file's: it is where deployments keep secrets. */
function cacheConfig(
  { driver: chosen, redisUrl: fileUrl, ...bounds }: NonNullable<FileConfig['cache']>, environment: Environment, origin: string, problems: string[],
): CacheConfig {
  const redisUrl = environment.redisUrl ?? fileUrl
  const driver = chosen ?? (redisUrl === undefined ? 'fs' : 'redis')
  if (driver === 'redis' && redisUrl === undefined) {
    problems.push(`${origin}: cache.driver: "redis" needs a URL. Set cache.redisUrl or NUXT_REDIS_URL.`)
  }
  return { driver, ...(driver === 'redis' && redisUrl !== undefined && { redisUrl }), ...DEFAULT_CACHE, ...defined(bounds) }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}
