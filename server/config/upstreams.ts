import { join } from 'node:path'
import type { RegistryConfig, RouteConfig } from './types.ts'
import { BadValue } from './error.ts'
import { NPM_DEFAULT_REGISTRY, type NpmSettings, type Setting } from './npm.ts'
import { type Completion, completeRegistry } from './registries.ts'
import { type Remembered, readRemembered } from './remembered.ts'
import { type Self, isSelf } from './self.ts'
import { show } from './show.ts'
import { parseUrlWithCredentials } from './url.ts'

/** Authorities and routes that follow from the operator's npm configuration alone. */
export interface Upstreams {
  registries: RegistryConfig[]
  routes: RouteConfig[]
  /** What the next start shall know; undefined if it knows that already. */
  remember?: Remembered
}

interface Upstream {
  url: string
  authorization?: string
  origin: string
}

interface Context {
  self: Self
  problems: string[]
  notices: string[]
  /** Of the file with the remembered upstreams, for messages. */
  shown: string
}

/** The file in the data directory that remembers the upstreams. */
export function rememberedPath(dataDir: string): string {
  return join(dataDir, 'upstream.json')
}

/**
 * The default authority (`npm`) and one for each scope with a registry of its own. Where npm configuration names this
 * server, the next layer down that names another registry counts; then the upstream of the last start; then npm's own default.
 */
export async function upstreamsOfNpm(
  settings: NpmSettings, { dataDir, ...context }: Context & { dataDir: string }, completion: Completion,
): Promise<Upstreams> {
  const before = await readRemembered(rememberedPath(dataDir), context.shown, context.self, context.notices)
  const { upstream, named } = defaultUpstream(settings, before.registry, context)
  const after = { registry: named ? upstream.url : before.registry, scopes: { ...before.scopes } }
  const registries = [await completeRegistry({ id: 'npm', role: 'authority', ...upstream }, completion)]
  const routes: { match: string[], registry: string }[] = []

  for (const scope of scopesOf(settings, context.problems)) {
    const remembered = Object.hasOwn(before.scopes, scope) ? before.scopes[scope] : undefined
    const found = scopeUpstream(scope, settings, remembered, context, upstream.url)
    if (!found) continue
    after.scopes[scope] = found.url
    if (found.url === upstream.url) continue
    const known = registries.find(({ url }) => url === found.url)
    if (known) {
      routes.find(({ registry }) => registry === known.id)?.match.push(`${scope}/*`)
      continue
    }
    const registry = await completeRegistry({ id: idOf(scope, registries), role: 'authority', ...found }, completion)
    registries.push(registry)
    routes.push({ match: [`${scope}/*`], registry: registry.id })
  }
  const changed = JSON.stringify(after) !== JSON.stringify({ registry: before.registry, scopes: before.scopes })
  return { registries, routes, ...(changed && { remember: after }) }
}

/** `named`: npm configuration, or npm without any, named it, so it is worth remembering. */
function defaultUpstream(
  settings: NpmSettings, remembered: string | undefined, context: Context,
): { upstream: Upstream, named: boolean } {
  const { found, ours } = search(settings.layers('registry'), 'registry', context)
  if (!ours) return { upstream: found ?? { url: NPM_DEFAULT_REGISTRY, origin: 'npm\'s default' }, named: true }
  const [upstream, reason] = found
    ? [found, `as ${found.origin} says`]
    : remembered !== undefined
      ? [{ url: remembered, origin: context.shown }, `as on the last start (${context.shown})`]
      : [{ url: NPM_DEFAULT_REGISTRY, origin: 'npm\'s default' }, 'npm\'s own default. If that is not where they came from before, name the registry in a REGISTRY_CONFIG file']
  context.notices.push(`${ours.origin}: registry is this server (${ours.url}). Packages come from ${upstream.url} instead, ${reason}.`)
  return { upstream, named: found !== undefined }
}

function scopeUpstream(
  scope: string, settings: NpmSettings, remembered: string | undefined, context: Context, fallback: string,
): Upstream | undefined {
  const key = `${scope}:registry`
  const { found, ours } = search(settings.layers(key), key, context)
  if (!ours) return found
  const upstream = found ?? (remembered === undefined ? undefined : { url: remembered, origin: context.shown })
  context.notices.push(`${ours.origin}: ${key} is this server (${ours.url}). ` + (upstream
    ? `Packages of ${scope} come from ${upstream.url} instead, as ${found ? `${found.origin} says` : `on the last start (${context.shown})`}.`
    : `Packages of ${scope} come from ${fallback}, like all others. If they have a registry of their own, name it in a REGISTRY_CONFIG file.`))
  return upstream
}

/** The first setting that is not ours, and the first that is, if any stands before it. */
function search(layers: readonly Setting[], key: string, { self, problems }: Context): { found?: Upstream, ours?: Upstream } {
  let ours: Upstream | undefined
  for (const { value, origin } of layers) {
    try {
      const upstream = { ...parseUrlWithCredentials(value), origin }
      if (!isSelf(upstream.url, self)) return { found: upstream, ours }
      ours ??= upstream
    } catch (error) {
      if (!(error instanceof BadValue)) throw error
      problems.push(`${origin}: ${key}: ${error.message}`)
      return { ours }
    }
  }
  return { ours }
}

/** Sorted: the order of files and variables must not decide ids. */
function scopesOf(settings: NpmSettings, problems: string[]): string[] {
  return settings.keys.filter(key => key.startsWith('@') && key.endsWith(':registry')).toSorted().flatMap((key) => {
    const scope = key.slice(0, -':registry'.length)
    if (/^@[\w~-][\w.~-]*$/.test(scope)) return [scope]
    problems.push(`${settings.get(key)?.origin ?? 'npm configuration'}: ${show(key)} does not name a scope. Write it like @acme:registry.`)
    return []
  })
}

/** The scope's name, as far as an id can hold it. */
function idOf(scope: string, registries: readonly RegistryConfig[]): string {
  const name = scope.slice(1).toLowerCase().replace(/[^a-z0-9._-]/g, '-').replace(/^[^a-z0-9]+/, '').slice(0, 60) || 'scope'
  const taken = (id: string) => registries.some(registry => registry.id === id)
  let id = name
  for (let number = 2; taken(id); number++) id = `${name}-${number}`
  return id
}
