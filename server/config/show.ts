import { homedir } from 'node:os'
import { isAbsolute, relative, sep } from 'node:path'

const LONGEST = 120

/**
 * A value as a message may show it: quoted, on one line, cut, and without what could be a credential in a URL.
 * Values that are secrets themselves must not come here at all.
 */
export function show(value: unknown): string {
  if (typeof value === 'string') return quote(withoutCredentials(value))
  if (value === null || typeof value === 'number' || typeof value === 'boolean' || value === undefined) return String(value)
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`
}

/** A file's path as its operator would write it: relative to the working directory, or with `~`. */
export function showPath(path: string, cwd: string, home: string = homedir()): string {
  const below = (directory: string) => {
    const path_ = relative(directory, path)
    return path_ !== '' && path_ !== '..' && !path_.startsWith(`..${sep}`) && !isAbsolute(path_) ? path_ : undefined
  }
  const inCwd = below(cwd)
  const inHome = below(home)
  const shown = inCwd ?? (inHome === undefined ? path : `~${sep}${inHome}`)
  // Messages are one line each, whatever a file is called.
  return shown.replaceAll(/\p{Cc}/gu, '?')
}

function quote(text: string): string {
  return JSON.stringify(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)
}

function withoutCredentials(text: string): string {
  if (URL.canParse(text)) {
    const url = new URL(text)
    const query = /[?#]/.test(text) ? '?…' : ''
    if (url.username !== '' || url.password !== '') return `${url.protocol}//***@${url.host}${url.pathname}${query}`
    if (!text.includes('@') || url.host !== '') return text.replace(/[?#].*$/s, query)
  }
  // Not a URL, so what precedes the last @ may be anything, a password with slashes included. A lone scope is not.
  const at = text.lastIndexOf('@')
  return at > 0 && /[:/]/.test(text.slice(0, at)) ? `***${text.slice(at)}` : text
}
