import { formatPurl, parsePurl, RecordError, type PackageSubject, type VersionSubject } from '../record/index.ts'
import type { Meaning } from './types.ts'

/** `npm install name`, as people copy it. */
const COMMAND = /^(?:npm|pnpm|yarn|bun) (?:i|install|add|view|info) (\S+)$/
/** Other spellings of a package URL than the canonical one: an `@` or `+` that is not encoded, any qualifiers. */
const LOOSE_PURL = /^pkg:npm\/((?:(?:@|%40)[^@/?#]+\/)?[^@/?#]+)(?:@([^?#]+))?(?:\?([^#]*))?/i

/** What a text is as a package's name, with or without version or tag. */
export function detectPackage(text: string): Meaning | undefined {
  const spec = COMMAND.exec(text)?.[1] ?? text.replace(/^(\S+) v?(?=\d\S*$)/, '$1@')
  const at = spec.indexOf('@', 1)
  if (at < 1) return packageOf({ name: spec })
  const name = spec.slice(0, at)
  const wanted = spec.slice(at + 1)
  return versionOf({ name, version: wanted })
    ?? (packageOf({ name }) && /^[a-z][\w.-]{0,127}$/i.test(wanted) ? { kind: 'tag', name, tag: wanted } : packageOf({ name }))
}

/** What a package URL is about; undefined: nothing of npm's. */
export function detectPurl(text: string): Meaning | undefined {
  const subject = canonical(text) ?? loose(text)
  if (!subject) return undefined
  const { version } = subject
  return version === undefined ? packageOf(subject) : versionOf({ ...subject, version })
}

export function packageOf({ name, namespace }: PackageSubject): Meaning | undefined {
  if (name.length > 214 || !isSubject({ name, ...(namespace !== undefined && { namespace }) })) return undefined
  return { kind: 'package', name, ...(namespace !== undefined && { namespace }) }
}

export function versionOf({ name, version, namespace }: VersionSubject): Meaning | undefined {
  const subject = { name, version, ...(namespace !== undefined && { namespace }) }
  return name.length <= 214 && isSubject(subject) ? { kind: 'version', ...subject } : undefined
}

function isSubject(subject: PackageSubject | VersionSubject): boolean {
  return attempt(() => formatPurl(subject)) !== undefined
}

/** A package, or one version of it. */
type Subject = PackageSubject & { version?: string }

function canonical(text: string): Subject | undefined {
  return attempt(() => parsePurl(text))
}

function loose(text: string): Subject | undefined {
  const [, name, version, qualifiers] = LOOSE_PURL.exec(text) ?? []
  if (name === undefined) return undefined
  const namespace = new URLSearchParams(qualifiers).get('repository_url') ?? undefined
  try {
    return {
      name: decodeURIComponent(name),
      ...(version !== undefined && { version: decodeURIComponent(version) }),
      ...(namespace !== undefined && { namespace }),
    }
  } catch {
    // Percent signs that encode nothing.
    return undefined
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof RecordError) return undefined
    throw error
  }
}
