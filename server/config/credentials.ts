import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { TlsConfig } from './types.ts'
import type { NpmSettings, Setting } from './npm.ts'
import { basic } from './url.ts'

/** What the operator's npm configuration holds for one registry and no other. */
export interface Credentials {
  /** Value of an `authorization` header. */
  authorization?: string
  /** Client certificate and its key, PEM. */
  client: Pick<TlsConfig, 'cert' | 'key'>
}

export interface CredentialSources {
  settings: NpmSettings
  cwd: string
  problems: string[]
  notices: string[]
}

/**
 * Credentials for a registry's URL, as npm finds them: under the longest `//host/path/` that leads to the URL and has any.
 * No message shows a value of these settings.
 */
export async function credentialsFor(url: string, sources: CredentialSources): Promise<Credentials> {
  for (const prefix of prefixes(url)) {
    const get = (name: string) => sources.settings.get(`${prefix}:${name}`)
    const authorization = authorizationOf(prefix, get, sources)
    const client = await clientCertificate(prefix, get, sources)
    if (authorization !== undefined || client !== undefined) return { authorization: authorization?.value, client: client ?? {} }
  }
  return { client: {} }
}

/** A credential that belongs to no registry would silently not be used; npm refuses to run with it. */
export function unscopedCredentials({ files }: NpmSettings): string[] {
  return files.flatMap(({ origin, keys }) => keys
    .filter(key => ['_auth', '_authToken', '_password'].includes(key))
    .map(key => `${origin}: ${key} belongs to no registry. Write it as "//host/:${key}", or run "npm config fix".`))
}

/** `//host/a/b/`, `//host/a/`, `//host/`, each with and without the slash, as npm looks them up. */
function prefixes(url: string): string[] {
  const { host, pathname } = new URL(url)
  const parts = pathname.split('/').filter(Boolean)
  return Array.from({ length: parts.length + 1 }, (_, index) => ['', host, ...parts.slice(0, parts.length - index)].join('/'))
    .flatMap(path => [`/${path}/`, `/${path}`])
}

/** `value` is undefined where a credential is configured but cannot be used: the search ends there all the same. */
function authorizationOf(
  prefix: string, get: (name: string) => Setting | undefined, { problems, notices }: CredentialSources,
): { value?: string } | undefined {
  const token = get('_authToken')
  const user = get('username')
  const password = get('_password')
  const pair = get('_auth')
  const used = token ? [token] : user && password ? [user, password] : pair ? [pair] : []
  if (used.length === 0) return undefined
  const [{ origin }] = used as [Setting]

  for (const { value } of used) {
    // What npm leaves of ${NAME} when the environment has no such variable.
    const missing = /\$\{([^${}?]+)\}/.exec(String(value))?.[1]
    if (missing !== undefined) {
      notices.push(`${origin}: the credentials of ${prefix} need the environment variable ${missing}, which is not set. Nothing is sent instead.`)
      return {}
    }
  }
  const value = token
    ? `Bearer ${token.value}`
    : user && password
      ? basic(String(user.value), Buffer.from(String(password.value), 'base64').toString('utf8'))
      : `Basic ${pair?.value}`
  if (!/^\w+ [\x21-\x7e]+$/.test(value)) {
    problems.push(`${origin}: the credentials of ${prefix} hold spaces or characters that a header cannot carry. Write them again.`)
    return {}
  }
  return { value }
}

async function clientCertificate(
  prefix: string, get: (name: string) => Setting | undefined, { cwd, problems }: CredentialSources,
): Promise<Credentials['client'] | undefined> {
  const [certfile, keyfile] = [get('certfile'), get('keyfile')]
  // As for npm, one without the other is nothing.
  if (!certfile || !keyfile) return undefined
  const read = async (name: string, { value, origin }: Setting) => {
    try {
      return await readFile(resolve(cwd, String(value)), 'utf8')
    } catch (error) {
      problems.push(`${origin}: ${prefix}:${name} cannot be read (${codeOf(error)}). Correct the path, or the file's permissions.`)
      return undefined
    }
  }
  const [cert, key] = [await read('certfile', certfile), await read('keyfile', keyfile)]
  try {
    if (cert !== undefined && key !== undefined) createSecureContext({ cert, key })
  } catch {
    problems.push(`${certfile.origin}: ${prefix}:certfile and :keyfile do not fit together, or are not PEM. Export them again.`)
  }
  return { cert, key }
}

/** `ENOENT` and the like: a system error's message may be long, its code is what helps. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
