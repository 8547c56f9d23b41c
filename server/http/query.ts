import { formatPurl, RecordError } from '../../shared/record/index.ts'
import { RegistryError } from '../errors.ts'

/** Which part of a list is asked for. */
export interface Page {
  /** Only what is smaller than this. */
  before?: number
  limit: number
}

const DEFAULT_LIMIT = 50

/**
 * The parameters that there are, each at most once. What is misspelt would otherwise silently ask for something else.
 * @throws RegistryError `BAD_REQUEST`
 */
export function readQuery<const Name extends string>(
  query: URLSearchParams, names: readonly Name[],
): Partial<Record<Name, string>> {
  const given: Partial<Record<string, string>> = {}
  for (const [name, value] of query) {
    if (!(names as readonly string[]).includes(name)) throw badRequest(`There are only the parameters ${names.join(', ')} here.`)
    if (given[name] !== undefined) throw badRequest(`The parameter ${name} can be given only once.`)
    given[name] = value
  }
  return given as Partial<Record<Name, string>>
}

/**
 * @param most the largest `limit`
 * @throws RegistryError `BAD_REQUEST`
 */
export function parsePage({ before, limit }: { before?: string, limit?: string }, most: number): Page {
  return {
    ...(before !== undefined && { before: parseIndex(before, 'The parameter before') }),
    limit: limit === undefined ? DEFAULT_LIMIT : parseLimit(limit, most),
  }
}

/**
 * A number as the log writes it.
 * @throws RegistryError `BAD_REQUEST`
 */
export function parseIndex(text: string, what: string): number {
  const index = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(index)) throw badRequest(`${what} must be a whole number without leading zeros, at most 2^53-1.`)
  return index
}

/** @throws RegistryError `BAD_REQUEST` */
export function parseChoice<const Option extends string>(text: string, name: string, options: readonly Option[]): Option {
  const choice = options.find(one => one === text)
  if (choice === undefined) throw badRequest(`The parameter ${name} must be one of ${options.join(', ')}.`)
  return choice
}

/**
 * The parameter `package`: a package's name.
 * @throws RegistryError `BAD_REQUEST`
 */
export function parsePackage(name: string): string {
  try {
    formatPurl({ name })
    return name
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    throw badRequest('The parameter package must be the name of an npm package, such as @scope/name.')
  }
}

export function badRequest(sentence: string): RegistryError {
  return new RegistryError('BAD_REQUEST', sentence)
}

function parseLimit(text: string, most: number): number {
  const limit = parseIndex(text, 'The parameter limit')
  if (limit < 1 || limit > most) throw badRequest(`The parameter limit must be from 1 to ${most}.`)
  return limit
}
