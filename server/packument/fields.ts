import canonicalize from 'canonicalize'
import { createHash } from 'node:crypto'
import { isObject } from './is-object.ts'

/** Values by path, such as `dist.integrity`, as JSON in one spelling: two documents say the same where these are equal. */
export type Fields = ReadonlyMap<string, string>

/** What a document says, field by field, before anything of it is mended or left out. */
export interface DocumentFields {
  /** What it says of the package as a whole. */
  package: Fields
  versions: ReadonlyMap<string, Fields>
}

/** Path under which the order of a version's fields stands. */
export const KEY_ORDER = '(order of fields)'

/** Characters of the longest value that is kept as it is. */
const LONGEST = 400
const BEGINNING = 240
/** Fields that are of interest one by one. */
const OPENED = ['dist', 'dist-tags'] as const

/** A version's publish time is told with the version, whichever part of the document it stands in. */
export function readFields({ versions, time, ...rest }: Record<string, unknown>): DocumentFields {
  const manifests = isObject(versions) ? Object.entries(versions) : []
  const times = isObject(time) ? new Map(Object.entries(time)) : new Map<string, unknown>()
  const found = new Map(manifests.map(([version, manifest]) => {
    const fields = fieldsOf(isObject(manifest) ? manifest : { '': manifest })
    if (isObject(manifest)) fields.set(KEY_ORDER, Object.keys(manifest).join(' '))
    if (times.has(version)) fields.set('time', valueOf(times.get(version)))
    times.delete(version)
    return [version, fields] as const
  }))
  const ofPackage = fieldsOf(rest)
  for (const [key, at] of times) ofPackage.set(`time.${key}`, valueOf(at))
  return { package: ofPackage, versions: found }
}

function fieldsOf(object: Record<string, unknown>): Map<string, string> {
  const fields = new Map<string, string>()
  for (const [key, value] of Object.entries(object)) {
    if (isObject(value) && (OPENED as readonly string[]).includes(key)) {
      for (const [inner, one] of Object.entries(value)) fields.set(`${key}.${inner}`, valueOf(one))
    } else {
      fields.set(key, valueOf(value))
    }
  }
  return fields
}

/** What is too long to be shown is told apart by its digest. */
function valueOf(value: unknown): string {
  const text = write(value)
  if (text.length <= LONGEST) return text
  const digest = createHash('sha256').update(text).digest('base64')
  return `${text.slice(0, BEGINNING).toWellFormed()}… (${text.length} characters, sha256-${digest})`
}

function write(value: unknown): string {
  try {
    return canonicalize(value) ?? ''
  } catch {
    // RFC 8785 has no spelling for lone surrogates, and nothing can be nested without end.
  }
  try {
    return JSON.stringify(value)
  } catch {
    return '(nested too deeply to be compared)'
  }
}
