import { posix } from 'node:path'

/** A JSON object's own members; none for anything else. */
export function membersOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
}

/** Ranges by name. Old packages have lists, or one text; what is no text is no range. */
export function dependenciesOf(value: unknown): Map<string, string> {
  const list = typeof value === 'string' ? value.trim().split(/[\s,]+/) : value
  if (Array.isArray(list)) {
    return new Map(list.flatMap((entry: unknown) => {
      const [, name, range] = typeof entry === 'string' ? /^\s*(@?[^@\s><=]+)(.*)$/s.exec(entry) ?? [] : []
      return name === undefined ? [] : [[name, range!.trim().replace(/^@/, '')]]
    }))
  }
  return new Map(membersOf(value).flatMap(([name, range]) => typeof range === 'string' ? [[name, specOf(range)]] : []))
}

/** npm rewrites what points at a git host when it publishes: `user/repo` gets its prefix, URLs `git+` and `.git`. */
function specOf(range: string): string {
  const spec = range.trim()
  if (/^[\w-][\w.-]*\/[\w.-]+(?:#.*)?$/.test(spec)) return `github:${spec}`
  const place = /^(?:(?:git\+)?(?:https?|ssh|git):\/\/(?:git@)?|git@)(.+)$/s.exec(spec)?.[1]
  return place === undefined ? spec : `//${place.replace(/^([^/:]+):(?!\d+\/)/, '$1/').replace(/\.git(?=#|$)/, '')}`
}

/** Command names and the files they run, as npm installs them. */
export function binOf({ bin, name }: Record<string, unknown>): Map<string, string> {
  const entries: [string, unknown][] = typeof bin === 'string'
    ? [[String(name), bin]]
    : Array.isArray(bin) ? bin.map((path: unknown) => [posix.basename(String(path)), path]) : membersOf(bin)
  return new Map(entries.flatMap(([key, path]) => {
    const command = posix.basename(fileOf(key))
    const file = typeof path === 'string' ? fileOf(path) : ''
    return command && file ? [[command, file]] : []
  }))
}

/** A path that stays inside its package: `./a\b` and `../a/b` are `a/b`. */
export function fileOf(path: string): string {
  return posix.join('/', path.replace(/[\\:]/g, '/')).slice(1)
}

/** Names of bundled dependencies in order, under either spelling; `true` stands for all of them, `false` for none. */
export function bundledOf(manifest: Record<string, unknown>): string[] {
  const { bundleDependencies, bundledDependencies } = manifest
  const value = bundleDependencies ?? bundledDependencies
  const names = value === true
    ? [...dependenciesOf(manifest.dependencies).keys()]
    : Array.isArray(value) ? value.filter(name => typeof name === 'string' && name !== '') : membersOf(value).map(([name]) => name)
  return [...new Set<string>(names)].toSorted()
}

/** Scripts without the path to installed commands, which npm takes away; what is no text is no script. */
export function scriptsOf({ scripts }: Record<string, unknown>): Map<string, string> {
  return new Map(membersOf(scripts).flatMap(([name, script]) =>
    typeof script === 'string' ? [[name, script.replace(/^(?:\.[/\\])?node_modules[/\\]\.bin[\\/]/, '')]] : []))
}

/** JSON in which order of keys, and what says nothing, makes no difference: two values that mean the same have the same text. */
export function meaningOf(value: unknown): string {
  return JSON.stringify(ordered(value)) ?? ''
}

function ordered(value: unknown): unknown {
  if (value === null || value === false || value === '') return undefined
  if (typeof value !== 'object') return value
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(ordered)
  const members = Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1)
  return members.length === 0 ? undefined : Object.fromEntries(members.map(([key, member]) => [key, ordered(member)]))
}
