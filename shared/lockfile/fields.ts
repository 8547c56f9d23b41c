import { malformed, quote } from './errors.ts'

/** A JSON object or YAML mapping whose keys are data, whatever they are called. */
export type Fields = ReadonlyMap<string, unknown>

/**
 * The fields of an object; none if it is absent.
 *
 * @throws LockfileError if it is something else.
 */
export function fieldsOf(value: unknown, where: string): Fields {
  if (value === undefined || value === null || value === '') return new Map()
  if (value instanceof Map) return value
  if (typeof value === 'object' && !Array.isArray(value)) return new Map(Object.entries(value))
  throw malformed(`${where} is not a mapping.`)
}

/** The text in a field; absent is also what old clients wrote as null, false or nothing. */
export function textIn(fields: Fields, key: string, at: string): string | undefined {
  const value = fields.get(key)
  if (value === undefined || value === null || value === false || value === '') return undefined
  if (typeof value !== 'string') throw malformed(`The field ${quote(key)} of ${quote(at)} is not a text.`)
  return value
}
