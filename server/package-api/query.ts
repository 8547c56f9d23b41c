import type { VersionOrder } from '../../shared/types/packages.ts'
import { badRequest, parseChoice, parseIndex, parsePage, readQuery } from '../http/index.ts'

/** Which versions of which of the packages of a name. */
interface VersionsQuery {
  /** Id of the authority. */
  authority?: string
  order: VersionOrder
  /** Versions that come before. */
  skip: number
  limit: number
}

interface ReportQuery extends VersionsQuery {
  /** Only changes with a smaller index. */
  before?: number
}

interface DifferencesQuery {
  authority?: string
  /** Ids of two sources. */
  left: string
  right: string
}

const DEFAULT_LIMIT = '20'
const MAX_LIMIT = 100
const ORDERS: readonly VersionOrder[] = ['version', 'record']

/** @throws RegistryError `BAD_REQUEST` */
export function parseReportQuery(query: URLSearchParams): ReportQuery {
  const given = readQuery(query, ['authority', 'order', 'skip', 'limit', 'before'])
  return { ...versionsQuery(given), ...(given.before !== undefined && { before: parseIndex(given.before, 'The parameter before') }) }
}

/** @throws RegistryError `BAD_REQUEST` */
export function parseVersionsQuery(query: URLSearchParams): VersionsQuery {
  return versionsQuery(readQuery(query, ['authority', 'order', 'skip', 'limit']))
}

/** @throws RegistryError `BAD_REQUEST` */
export function parseDifferencesQuery(query: URLSearchParams): DifferencesQuery {
  const { authority, left, right } = readQuery(query, ['authority', 'left', 'right'])
  if (left === undefined || right === undefined) {
    throw badRequest('The parameters left and right must name two of the registries that have the package.')
  }
  return { left, right, ...(authority !== undefined && { authority }) }
}

function versionsQuery(
  { authority, order, skip, limit = DEFAULT_LIMIT }: { authority?: string, order?: string, skip?: string, limit?: string },
): VersionsQuery {
  return {
    order: order === undefined ? 'version' : parseChoice(order, 'order', ORDERS),
    skip: skip === undefined ? 0 : parseIndex(skip, 'The parameter skip'),
    limit: parsePage({ limit }, MAX_LIMIT).limit,
    ...(authority !== undefined && { authority }),
  }
}
