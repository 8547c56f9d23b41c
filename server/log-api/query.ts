import { formatPurl, RecordError, type LogRecord } from '../../shared/record/index.ts'
import { RegistryError } from '../errors.ts'

/** Which part of a list is asked for. */
interface Page {
  /** Only what is smaller than this. */
  before?: number
  limit: number
}

export interface EntriesQuery extends Page {
  kind?: LogRecord['kind']
  /** Name of a package. */
  package?: string
  /** What names begin with. */
  prefix?: string
}

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 200
const KINDS: readonly LogRecord['kind'][] = ['version', 'conflict', 'withdrawn', 'tags', 'keys', 'head', 'policy', 'acknowledged']

/** @throws RegistryError `BAD_REQUEST` */
export function parseEntriesQuery(query: URLSearchParams): EntriesQuery {
  const given = read(query, ['before', 'limit', 'kind', 'package', 'q'])
  return {
    ...pageOf(given),
    ...(given.kind !== undefined && { kind: parseKind(given.kind) }),
    ...(given.package !== undefined && { package: parseName(given.package) }),
    ...(given.q !== undefined && { prefix: parsePrefix(given.q) }),
  }
}

/** @throws RegistryError `BAD_REQUEST` */
export function parsePageQuery(query: URLSearchParams): Page {
  return pageOf(read(query, ['before', 'limit']))
}

/**
 * A number as the log writes it.
 * @throws RegistryError `BAD_REQUEST`
 */
export function parseIndex(text: string, what: string): number {
  const index = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(index)) throw bad(`${what} must be a whole number without leading zeros, at most 2^53-1.`)
  return index
}

/** The parameters that there are, each at most once. What is misspelt would otherwise silently ask for something else. */
function read<const Name extends string>(query: URLSearchParams, names: readonly Name[]): Partial<Record<Name, string>> {
  const given: Partial<Record<string, string>> = {}
  for (const [name, value] of query) {
    if (!(names as readonly string[]).includes(name)) throw bad(`There are only the parameters ${names.join(', ')} here.`)
    if (given[name] !== undefined) throw bad(`The parameter ${name} can be given only once.`)
    given[name] = value
  }
  return given as Partial<Record<Name, string>>
}

function pageOf({ before, limit }: { before?: string, limit?: string }): Page {
  return {
    ...(before !== undefined && { before: parseIndex(before, 'The parameter before') }),
    limit: limit === undefined ? DEFAULT_LIMIT : parseLimit(limit),
  }
}

function parseLimit(text: string): number {
  const limit = parseIndex(text, 'The parameter limit')
  if (limit < 1 || limit > MAX_LIMIT) throw bad(`The parameter limit must be from 1 to ${MAX_LIMIT}.`)
  return limit
}

function parseKind(text: string): LogRecord['kind'] {
  const kind = KINDS.find(one => one === text)
  if (!kind) throw bad(`The parameter kind must be one of ${KINDS.join(', ')}.`)
  return kind
}

function parseName(name: string): string {
  try {
    formatPurl({ name })
    return name
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    throw bad('The parameter package must be the name of an npm package, such as @scope/name.')
  }
}

function parsePrefix(text: string): string {
  // Names are ASCII and, but for a few old ones, no longer than this.
  if (!/^[!-~]{1,214}$/.test(text)) throw bad('The parameter q must be the beginning of a package\'s name, 1 to 214 characters.')
  return text
}

function bad(sentence: string): RegistryError {
  return new RegistryError('BAD_REQUEST', sentence)
}
