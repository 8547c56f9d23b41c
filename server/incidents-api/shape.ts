import { incidentDigest } from '../../shared/record/index.ts'
import type { Incident, IncidentSummary } from '../../shared/types/incidents.ts'
import type { StoredIncident } from '../incidents/index.ts'

export function summaryOf(incident: StoredIncident): IncidentSummary {
  const { id, kind, subject, source, sentence, isPrivate, record, noticed, acknowledged } = incident
  return {
    id, kind, source, sentence, isPrivate,
    subject: subject ?? null,
    record: record ?? null,
    noticed: new Date(noticed).toISOString(),
    acknowledged: acknowledged ?? null,
  }
}

/** All of it, as it is shown to whoever may see it. */
export function fullIncident(incident: StoredIncident): Incident {
  const { kind, cause, subject, source, evidence } = incident
  const digest = incidentDigest({ kind, cause, subject: subject ?? null, source, evidence })
  return { ...summaryOf(incident), cause, digest, evidence }
}
