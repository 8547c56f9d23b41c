import { packageOf, versionOf } from './packages.ts'
import type { Meaning } from './types.ts'

/** What stands before a package's name in the addresses of pages and of files: `…/package/name/v/1.0.0`, `…/npm/name@1.0.0`. */
const BEFORE_NAMES = ['package', 'npm']

/**
 * What the address of a web page or of a tarball is about, whoever's it is: only its path is looked at.
 * Undefined: it names no package in a way that is known.
 */
export function detectAddress(text: string): Meaning | undefined {
  const path = pathOf(text)
  if (!path) return undefined
  return tarball(path) ?? page(path) ?? ours(path)
}

function tarball(path: string[]): Meaning | undefined {
  const dash = path.indexOf('-')
  const file = path[dash + 1]
  if (dash < 1 || !file?.endsWith('.tgz')) return undefined
  const base = path[dash - 1]!
  const name = path[dash - 2]?.startsWith('@') ? `${path[dash - 2]}/${base}` : base
  return file.startsWith(`${base}-`) ? versionOf({ name, version: file.slice(base.length + 1, -'.tgz'.length) }) : packageOf({ name })
}

function page(path: string[]): Meaning | undefined {
  const before = path.findLastIndex((part, at) => BEFORE_NAMES.includes(part) && at + 1 < path.length)
  if (before === -1) return undefined
  const [first = '', ...others] = path.slice(before + 1)
  const [last, ...rest] = first.startsWith('@') ? others : [first, ...others]
  if (last === undefined) return undefined
  const [bare, inline] = last.split('@') as [string, string?]
  const name = first.startsWith('@') ? `${first}/${bare}` : bare
  const version = inline ?? (rest[0] === 'v' ? rest[1] : undefined)
  return version === undefined ? packageOf({ name }) : versionOf({ name, version }) ?? packageOf({ name })
}

/** The addresses of our own pages. */
function ours(path: string[]): Meaning | undefined {
  const [room, number = ''] = path.slice(-2)
  if (!/^(?:0|[1-9]\d{0,14})$/.test(number)) return undefined
  if (room === 'log') return { kind: 'entry', index: Number(number) }
  return room === 'incidents' ? { kind: 'incident', id: Number(number) } : undefined
}

/** Parts of the path, decoded; a scope and its name are two, however their slash is written. */
function pathOf(text: string): string[] | undefined {
  try {
    return decodeURIComponent(new URL(text).pathname).split('/').filter(part => part !== '')
  } catch {
    // No address, or percent signs that encode nothing.
    return undefined
  }
}
