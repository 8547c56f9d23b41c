import { createPrivateKey } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DATABASE_FILE, DEFAULT_DATA_DIR, DEFAULT_PORT } from './defaults.ts'
import { BadValue } from './error.ts'
import { show } from './show.ts'
import type { SumdbConfig } from './types.ts'
import { parseBaseUrl, parseHost } from './url.ts'

/** What environment variables say, checked. */
export interface Environment {
  port: number
  /** Undefined where the server listens on all addresses. */
  host?: string
  dataDir: string
  publicUrl: string
  registryHosts: string[]
  sumdbHosts: string[]
  databaseUrl: string
  sumdb: SumdbConfig
  redisUrl?: string
  registryKey?: string
  adminToken?: string
  /** Absolute path. */
  configFile?: string
}

/** Reads our environment variables; an empty one counts as not set. Problems name the variable. */
export async function readEnvironment(env: NodeJS.ProcessEnv, cwd: string, problems: string[]): Promise<Environment> {
  const read = createReader(env, problems)
  const { port, host } = readListening(env, problems)
  const dataDir = await checkDataDir(resolve(cwd, env.NUXT_DATA_DIR?.trim() || DEFAULT_DATA_DIR), problems)
  const origin = read(['NUXT_SUMDB_ORIGIN'], parseOrigin)
  const signerKey = read(['NUXT_SUMDB_SIGNER_KEY'], parseKey)
  return {
    port,
    host,
    dataDir,
    publicUrl: read(['NUXT_PUBLIC_URL'], parseBaseUrl) ?? `http://${host ?? 'localhost'}:${port}/`,
    registryHosts: read(['NUXT_REGISTRY_HOSTS'], parseHosts) ?? [],
    sumdbHosts: read(['NUXT_SUMDB_HOSTS'], parseHosts) ?? [],
    databaseUrl: read(['NUXT_DATABASE_URL'], parseDatabaseUrl) ?? pathToFileURL(join(dataDir, DATABASE_FILE)).href,
    sumdb: { ...(origin !== undefined && { origin }), ...(signerKey !== undefined && { signerKey }) },
    redisUrl: read(['NUXT_REDIS_URL'], parseRedisUrl),
    registryKey: read(['NUXT_REGISTRY_SIGNER_KEY'], parseRegistryKey),
    adminToken: read(['NUXT_ADMIN_TOKEN'], parseAdminToken),
    configFile: read(['REGISTRY_CONFIG'], path => resolve(cwd, path)),
  }
}

/** Where we listen. Apart from the rest, because the server listens before everything else is read. */
export function readListening(env: NodeJS.ProcessEnv, problems: string[]): { port: number, host?: string } {
  const read = createReader(env, problems)
  return {
    port: read(['NITRO_PORT', 'PORT'], parsePort) ?? DEFAULT_PORT,
    host: read(['NITRO_HOST', 'HOST'], parseListenHost),
  }
}

/** Reads the first of some variables that is set, parsed. */
function createReader(env: NodeJS.ProcessEnv, problems: string[]) {
  return <T>(names: readonly string[], parse: (text: string) => T): T | undefined => {
    const name = names.find(one => env[one]?.trim())
    if (name === undefined) return undefined
    try {
      return parse(env[name]!.trim())
    } catch (error) {
      if (!(error instanceof BadValue)) throw error
      problems.push(`${name}: ${error.message}`)
      return undefined
    }
  }
}

/**
 * The URL of a Redis server. It usually holds a password, so no message shows it.
 * @throws {BadValue}
 */
export function parseRedisUrl(value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^rediss?:$/.test(url.protocol) || url.hostname === '') {
    throw new BadValue('not a Redis URL. Write it like redis://localhost:6379 or rediss://user:password@host:6379/0.')
  }
  return String(value)
}

function parseHosts(text: string): string[] {
  return text.split(',').filter(part => part.trim() !== '').map(parseHost)
}

/**
 * The URL of a libSQL database. It may hold a token, so no message shows it.
 * @throws {BadValue}
 */
function parseDatabaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isServer = url && /^(?:libsql|https?|wss?):$/.test(url.protocol) && url.hostname !== ''
  if (!isServer && !/^file:./.test(text)) {
    throw new BadValue('not a database URL. Write it like file:///srv/registry/registry.db or libsql://host?authToken=….')
  }
  return text
}

/** SPEC: c2sp.org/signed-note: a key name is non-empty, without Unicode spaces and without plus signs. */
function parseOrigin(text: string): string {
  if (/[\s+\p{Cc}\p{Cs}]/u.test(text) || text.length > 200 || /^https?:/.test(text)) {
    throw new BadValue(`${show(text)} is no name of a log. Write it like sum.example.org: no scheme, no spaces, no plus signs.`)
  }
  return text
}

/** A secret: no message shows it. Whether it is a key that fits the log is seen when the log opens. */
function parseKey(text: string): string {
  if (!text.startsWith('PRIVATE+KEY+')) throw new BadValue('not a signer key. It begins with PRIVATE+KEY+, as the file sumdb.key in the data directory does.')
  return text
}

/** A secret: no message shows it. Many ways of setting variables cannot carry line ends, so they may be written `\\n`. */
function parseRegistryKey(text: string): string {
  const pem = text.replaceAll('\\n', '\n')
  try {
    if (createPrivateKey(pem).asymmetricKeyDetails?.namedCurve === 'prime256v1') return pem
  } catch {
    // What cannot be read is no key either.
  }
  throw new BadValue('not a private key on P-256. Use the PEM that "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256" writes.')
}

/** A secret: no message shows it. */
function parseAdminToken(text: string): string {
  if (!/^[\x21-\x7e]{16,200}$/.test(text)) throw new BadValue('not a token. Use 16 to 200 letters, digits and signs without spaces, such as the output of "openssl rand -hex 32".')
  return text
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port >= 1 && port <= 65_535)) throw new BadValue(`${show(text)} is not a port. Use a number from 1 to 65535.`)
  return port
}

/** As the host of a URL; undefined for the wildcard addresses. */
function parseListenHost(text: string): string | undefined {
  const bare = text.replace(/^\[|\]$/g, '')
  const host = bare.includes(':') ? `[${bare}]` : bare
  const url = /^[^\s/?#@\\]+$/.test(host) && URL.canParse(`http://${host}/`) ? new URL(`http://${host}/`) : undefined
  if (!url || url.port !== '') throw new BadValue(`${show(text)} is not a host name or address. Write it like 127.0.0.1, and the port into PORT.`)
  return ['0.0.0.0', '[::]'].includes(url.hostname) ? undefined : url.hostname
}

async function checkDataDir(path: string, problems: string[]): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  if (found && !found.isDirectory()) problems.push(`NUXT_DATA_DIR: ${show(path)} is not a directory. Name a directory; it is made if it is missing.`)
  return path
}
