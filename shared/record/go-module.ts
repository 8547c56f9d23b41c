import { RecordError, quote } from './errors.ts'
import { isPackageName, isPackageVersion } from './names.ts'

const PLAIN = 'npm.npmx.dev/'
const HEX = 'hex.npm.npmx.dev/'

/**
 * The Go module path that stands for a package of the default authority in Go's checksum database protocol: `npm.npmx.dev/name`,
 * `npm.npmx.dev/scope/name`, or `hex.npm.npmx.dev/` and the name's bytes where Go would refuse that. No two names share a path.
 * @throws RecordError `BAD_SUBJECT`
 */
export function goModulePath(name: string): string {
  if (!isPackageName(name)) throw new RecordError('BAD_SUBJECT', `${quote(name)} is not the name of an npm package.`)
  const elements = name.replace(/^@/, '').split('/')
  return elements.every(isPathElement) && !isMajorVersion(elements.at(-1)!) ? PLAIN + elements.join('/') : HEX + toHex(name)
}

/**
 * What a Go client asks for behind `lookup/`, escaped: `npm.npmx.dev/!j!s!o!n!stream@1.3.5`.
 * @throws RecordError `BAD_SUBJECT`
 */
export function goLookupPath(name: string, version: string): string {
  if (!isPackageVersion(version)) throw new RecordError('BAD_SUBJECT', `${quote(version)} is not a version of ${quote(name)}.`)
  return `${escapeGo(goModulePath(name))}@${escapeGo(version)}`
}

/**
 * The package that a path behind `lookup/` asks for. Each has one path: another spelling, or the hexadecimal form of a name that
 * does not need it, is undefined.
 * @param path as it stands in the URL
 */
export function parseGoLookup(path: string): { name: string, version: string } | undefined {
  const at = path.indexOf('@')
  const name = nameOf(unescapeGo(path.slice(0, Math.max(at, 0))))
  const version = unescapeGo(path.slice(at + 1))
  if (!isPackageName(name) || !isPackageVersion(version) || goLookupPath(name, version) !== path) return undefined
  return { name, version }
}

/** The name that a module path stands for, or some text that is no name. */
function nameOf(modulePath: string): string {
  if (modulePath.startsWith(HEX)) return fromHex(modulePath.slice(HEX.length))
  if (!modulePath.startsWith(PLAIN)) return ''
  const rest = modulePath.slice(PLAIN.length)
  return rest.includes('/') ? `@${rest}` : rest
}

/** Whether Go takes a text as one element of a module path. */
function isPathElement(element: string): boolean {
  // SPEC: golang.org/x/mod/module: "A valid path element is a non-empty string made up of ASCII letters, ASCII digits, and
  // limited ASCII punctuation: - . _ and ~. It must not end with a dot"; of modules: "no path element may begin with a dot"
  if (!/^[\w~-](?:[\w.~-]*[\w~-])?$/.test(element)) return false
  const [beforeDot = ''] = element.split('.', 1)
  // SPEC: "The element prefix up to the first dot must not be a reserved file name on Windows, regardless of case"
  if (/^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])$/i.test(beforeDot)) return false
  // SPEC: "must not have a suffix of a tilde followed by one or more ASCII digits"; Go looks for it before the first dot.
  return !/~\d+$/.test(beforeDot)
}

/** Whether Go takes the last element of a module path for a major version that no module has. */
function isMajorVersion(element: string): boolean {
  // SPEC: "for a final path element of the form /vN, where N looks numeric (ASCII digits and dots) must not begin with a leading
  // zero, must not be /v1, and must not contain any dots"
  return /^v[\d.]+$/.test(element) && !/^v(?:[2-9]|[1-9]\d+)$/.test(element)
}

function escapeGo(text: string): string {
  // SPEC: golang.org/x/mod/module: "The safe escaped form is to replace every uppercase letter with an exclamation mark followed
  // by the letter's lowercase equivalent."
  return text.replace(/[A-Z]/g, letter => `!${letter.toLowerCase()}`)
}

function unescapeGo(text: string): string {
  return text.replace(/!([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** Names are ASCII: characters are bytes. */
function toHex(name: string): string {
  return Array.from(name, character => character.charCodeAt(0).toString(16).padStart(2, '0')).join('')
}

function fromHex(hex: string): string {
  return hex.replace(/../g, pair => String.fromCharCode(Number.parseInt(pair, 16)))
}
