import type { Incident, IncidentKind, IncidentPage } from '../../shared/types/incidents.ts'
import { RegistryError } from '../errors.ts'
import { badRequest, parseChoice, parseIndex, parsePackage, parsePage, readQuery } from '../http/index.ts'
import type { IncidentQuery, Incidents, StoredIncident } from '../incidents/index.ts'
import { fullIncident, summaryOf } from './shape.ts'

const MAX_LIMIT = 100
const STATES = ['open', 'acknowledged'] as const
const KINDS: readonly IncidentKind[] = Object.keys({
  'conflict': 0, 'invalid-signature': 0, 'key-clash': 0, 'keys-vanished': 0, 'manifest-mismatch': 0, 'attestation-mismatch': 0,
  'foreign-host': 0, 'backdated': 0, 'tag-moved-back': 0,
} satisfies Record<IncidentKind, 0>) as IncidentKind[]

/** @throws RegistryError `BAD_REQUEST` */
export async function listIncidents(incidents: Incidents, query: URLSearchParams, withPrivate: boolean): Promise<IncidentPage> {
  const asked = parseQuery(query, withPrivate)
  const found = await incidents.list(asked)
  const last = found.at(-1)
  return { incidents: found.map(summaryOf), next: last && found.length === asked.limit ? last.id : null }
}

/** @throws RegistryError `BAD_REQUEST`, `NOT_FOUND` */
export async function showIncident(incidents: Incidents, id: string, withPrivate: boolean): Promise<Incident> {
  return fullIncident(await findIncident(incidents, id, withPrivate))
}

/**
 * An incident, unless it is private and the reader is not an operator: that there is one is private too.
 * @throws RegistryError `BAD_REQUEST`, `NOT_FOUND`
 */
export async function findIncident(incidents: Incidents, text: string, withPrivate: boolean): Promise<StoredIncident> {
  const id = parseIndex(text, 'The number of an incident')
  const incident = await incidents.find(id)
  if (!incident || (incident.isPrivate && !withPrivate)) {
    throw new RegistryError('NOT_FOUND', `There is no incident ${id} here. Some are for operators only.`)
  }
  return incident
}

function parseQuery(query: URLSearchParams, withPrivate: boolean): IncidentQuery {
  const given = readQuery(query, ['before', 'limit', 'kind', 'source', 'package', 'state'])
  return {
    ...parsePage(given, MAX_LIMIT),
    withPrivate,
    ...(given.kind !== undefined && { kind: parseChoice(given.kind, 'kind', KINDS) }),
    ...(given.source !== undefined && { source: parseSource(given.source) }),
    ...(given.package !== undefined && { package: parsePackage(given.package) }),
    ...(given.state !== undefined && { state: parseChoice(given.state, 'state', STATES) }),
  }
}

function parseSource(id: string): string {
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(id)) throw badRequest('The parameter source must be the id of a registry.')
  return id
}
