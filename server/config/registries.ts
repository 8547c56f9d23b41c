import type { RegistryConfig, RouteConfig, WebhookConfig } from './types.ts'
import { type CredentialSources, credentialsFor } from './credentials.ts'
import type { Network } from './network.ts'
import type { FileRegistry } from './schema.ts'

/** What makes a registry's entry complete: the same for all of them, whoever named them. */
export interface Completion {
  credentials: CredentialSources
  tls: Network['tls']
}

/**
 * Adds namespace, credentials and TLS to a registry. `authorization` stands where npm configuration has no credentials for
 * the URL, or, with `preferred`, in their place.
 */
export async function completeRegistry(
  entry: Pick<RegistryConfig, 'id' | 'url' | 'role' | 'origin'> & Partial<RegistryConfig>,
  { credentials, tls }: Completion, preferred = false,
): Promise<RegistryConfig> {
  const own = await credentialsFor(entry.url, credentials)
  const authorization = preferred ? entry.authorization ?? own.authorization : own.authorization ?? entry.authorization
  const registry = { namespace: namespaceOf(entry.url), ...entry, authorization, tls: defined({ ...tls, ...own.client }) }
  return defined(registry)
}

/** The registries of a configuration file. It may hold tokens of its own, with `${NAME}` for an environment variable. */
export async function registriesOfFile(
  entries: readonly FileRegistry[], origin: string, env: NodeJS.ProcessEnv, completion: Completion,
): Promise<RegistryConfig[]> {
  return Promise.all(entries.map(({ token, ...entry }, index) => {
    const authorization = token === undefined
      ? undefined
      : bearer(token, env, problem => completion.credentials.problems.push(`${origin}: registries[${index}].token: ${problem}`))
    return completeRegistry(defined({ ...entry, origin, authorization }), completion, true)
  }))
}

/** The webhooks of a configuration file. A secret may be, or hold, `${NAME}` for an environment variable. */
export function webhooksOfFile(
  entries: readonly WebhookConfig[], origin: string, env: NodeJS.ProcessEnv, problems: string[],
): WebhookConfig[] {
  return entries.flatMap(({ url, secret }, index) => {
    const filled = fill(secret, env, problem => problems.push(`${origin}: webhooks[${index}].secret: ${problem}`))
    return filled === undefined ? [] : [{ url, secret: filled }]
  })
}

/** The file's routes, or those that follow from npm's scopes, and the implicit last one: `*` → the first authority. */
export function completeRoutes(routes: readonly RouteConfig[], registries: readonly RegistryConfig[]): RouteConfig[] {
  const first = registries.find(({ role }) => role === 'authority')
  const complete = routes.some(({ match }) => match.includes('*')) || first === undefined
  return complete ? [...routes] : [...routes, { match: ['*'], registry: first.id }]
}

/** Host and path of a URL, as a package URL's `repository_url` names it. */
function namespaceOf(url: string): string {
  const { host, pathname } = new URL(url)
  return `${host}${pathname}`.replace(/\/+$/, '')
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** Without the keys that are undefined, which would otherwise take the place of a default when spread. */
export function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>
}

function bearer(token: string, env: NodeJS.ProcessEnv, problem: (sentence: string) => void): string | undefined {
  const filled = fill(token, env, problem)
  if (filled === undefined || /^[\x21-\x7e]+$/.test(filled)) return filled && `Bearer ${filled}`
  problem('holds spaces or characters that a header cannot carry. Write the token alone.')
  return undefined
}

/** A text with the values of the environment variables it names; undefined if one of them is not set. */
function fill(text: string, env: NodeJS.ProcessEnv, problem: (sentence: string) => void): string | undefined {
  const missing: string[] = []
  const filled = text.replace(/\$\{([^${}]+)\}/g, (_, name: string) => {
    const value = env[name]
    if (!value) missing.push(name)
    return value ?? ''
  })
  if (missing.length === 0) return filled
  problem(`the environment variable ${missing[0]} is not set.`)
  return undefined
}
