import { RegistryError } from '../errors.ts'
import type { RegistryConfig } from '../config/types.ts'
import { json, readJsonBody, type About, type HttpRequest, type HttpResponse } from '../http/index.ts'
import { ask, type Forwarded } from './forward.ts'
import { ownersOf } from './many-owners.ts'
import type { NpmServices } from './types.ts'
import type { View } from './view.ts'

type Names = Record<string, unknown>

/**
 * `npm audit`: each name is asked about at its own authority only, private and ambiguous ones nowhere. What the default authority
 * answers decides; another authority that has no advisories to offer costs nobody the rest.
 */
export async function auditBulk(request: HttpRequest, view: View, services: NpmServices, about: About): Promise<HttpResponse> {
  const asked = asNames(await readJsonBody(request, services.limits.maxRequestBody))
  const byAuthority = new Map<RegistryConfig, Names>([[view.routes.default, Object.create(null)]])
  for (const [name, authority] of await ownersOf(Object.keys(asked), view, services)) {
    const names = byAuthority.get(authority) ?? Object.create(null) as Names
    names[name] = asked[name]
    byAuthority.set(authority, names)
  }
  const url = '-/npm/v1/security/advisories/bulk'
  const answers = await Promise.all([...byAuthority].map(async ([authority, names]): Promise<Forwarded> => {
    if (Object.keys(names).length === 0) return { status: 200, value: {} }
    const answer = ask(authority, services, { url, body: Buffer.from(JSON.stringify(names)) })
    if (authority === view.routes.default) return answer
    return answer.then(({ status, value }) => {
      if (status !== 200) throw new RegistryError('UPSTREAM_REFUSED', `It answered with status ${status}.`)
      return { status, value }
    }).catch((error: unknown) => {
      services.trouble(`asking "${authority.id}" for advisories`, error)
      return { status: 200, value: {} }
    })
  }))
  const refused = answers.find(({ status }) => status !== 200)
  if (refused) return json(refused.status, refused.value, about)
  return json(200, Object.assign(Object.create(null), ...answers.map(({ value }) => value)), about)
}

/** The older report, over a whole dependency tree: what is not the default authority's is cut out of the tree. */
export async function auditQuick(request: HttpRequest, view: View, services: NpmServices, about: About): Promise<HttpResponse> {
  const tree = asNames(await readJsonBody(request, services.limits.maxRequestBody))
  const names = new Set(typeof tree.name === 'string' ? [tree.name] : [])
  prune(tree, name => names.add(name).has(name))
  const owners = await ownersOf(names, view, services)
  const isShared = (name: string) => owners.get(name) === view.routes.default
  const shared: Names = { ...prune(tree, isShared) }
  if (typeof shared.name === 'string' && !isShared(shared.name)) delete shared.name
  const url = request.path.split('?')[0]!.replace(/^\//, '')
  const { status, value } = await ask(view.routes.default, services, { url, body: Buffer.from(JSON.stringify(shared)) })
  return json(status, value, about)
}

/** Deeper than any real tree; a deeper one is an attack on the stack. */
const MAX_DEPTH = 200

function prune(node: Names, isShared: (name: string) => boolean, depth = 0): Names {
  if (depth > MAX_DEPTH) throw new RegistryError('BAD_REQUEST', `The dependency tree is nested deeper than ${MAX_DEPTH}.`)
  const pruned: Names = { ...node }
  for (const field of ['requires', 'dependencies', 'dev', 'install', 'remove'] as const) {
    const value = node[field]
    if (Array.isArray(value)) pruned[field] = value.filter(spec => typeof spec !== 'string' || isShared(nameOf(spec)))
    else if (isNames(value)) pruned[field] = pruneMap(value, isShared, depth + 1)
  }
  return pruned
}

function pruneMap(names: Names, isShared: (name: string) => boolean, depth: number): Names {
  const kept: Names = Object.create(null)
  for (const [name, value] of Object.entries(names)) {
    if (isShared(name) && isShared(aliasedBy(value) ?? name)) kept[name] = isNames(value) ? prune(value, isShared, depth) : value
  }
  return kept
}

/** `secret@^1.0.0` → `secret`. */
function nameOf(spec: string): string {
  const at = spec.indexOf('@', 1)
  return at < 0 ? spec : spec.slice(0, at)
}

/** The package behind an alias: its version, or the range that asks for it, is `npm:secret@1.0.0`. */
function aliasedBy(entry: unknown): string | undefined {
  const version = isNames(entry) ? entry.version : entry
  return typeof version === 'string' && version.startsWith('npm:') ? nameOf(version.slice('npm:'.length)) : undefined
}

function isNames(value: unknown): value is Names {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function asNames(value: unknown): Names {
  if (!isNames(value)) throw new RegistryError('BAD_REQUEST', 'An audit needs a JSON object of package names.')
  return value
}
