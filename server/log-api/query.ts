import type { LogRecord, VersionRecord } from '../../shared/record/index.ts'
import { badRequest, parseChoice, parsePackage, parsePage, readQuery, type Page } from '../http/index.ts'

export interface EntriesQuery extends Page {
  kind?: LogRecord['kind']
  /** Name of a package. */
  package?: string
  /** What names begin with. */
  prefix?: string
  evidence?: VersionRecord['evidence']
  /** Namespace of an authority. */
  namespace?: string
  format: 'json' | 'csv'
}

const MAX_LIMIT = 200
const KINDS: readonly LogRecord['kind'][] = ['version', 'conflict', 'withdrawn', 'tags', 'keys', 'head', 'policy', 'acknowledged']

const EVIDENCE: readonly VersionRecord['evidence'][] = ['signed', 'fetched', 'claimed']

/** @throws RegistryError `BAD_REQUEST` */
export function parseEntriesQuery(query: URLSearchParams): EntriesQuery {
  const given = readQuery(query, ['before', 'limit', 'kind', 'evidence', 'registry', 'package', 'q', 'format'])
  return {
    ...parsePage(given, MAX_LIMIT),
    ...(given.kind !== undefined && { kind: parseChoice(given.kind, 'kind', KINDS) }),
    ...(given.package !== undefined && { package: parsePackage(given.package) }),
    ...(given.evidence !== undefined && { evidence: parseChoice(given.evidence, 'evidence', EVIDENCE) }),
    ...(given.registry !== undefined && { namespace: parseNamespace(given.registry) }),
    format: given.format === undefined ? 'json' : parseChoice(given.format, 'format', ['json', 'csv']),
    ...(given.q !== undefined && { prefix: parsePrefix(given.q) }),
  }
}

/** @throws RegistryError `BAD_REQUEST` */
export function parsePageQuery(query: URLSearchParams): Page {
  return parsePage(readQuery(query, ['before', 'limit']), MAX_LIMIT)
}

function parseNamespace(text: string): string {
  if (!/^[!-~]{1,255}$/.test(text)) throw badRequest('The parameter registry must be the namespace of an authority, such as registry.example.org.')
  return text
}

function parsePrefix(text: string): string {
  // Names are ASCII and, but for a few old ones, no longer than this.
  if (!/^[!-~]{1,214}$/.test(text)) throw badRequest('The parameter q must be the beginning of a package\'s name, 1 to 214 characters.')
  return text
}
