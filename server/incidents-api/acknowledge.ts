import { incidentDigest, parsePurl, type VersionSubject } from '../../shared/record/index.ts'
import type { Acknowledgement, Incident } from '../../shared/types/incidents.ts'
import { RegistryError } from '../errors.ts'
import { parseReason } from '../http/index.ts'
import type { Incidents, StoredIncident } from '../incidents/index.ts'
import type { Log } from '../log/index.ts'
import type { Quarantine } from '../registry/index.ts'
import { findIncident } from './read.ts'
import { fullIncident } from './shape.ts'

interface Acknowledging {
  incidents: Incidents
  log: Pick<Log, 'record'>
  quarantine: Pick<Quarantine, 'lift'>
}

/**
 * Notes that an operator has seen to an incident. What stands stands all the same. The record comes first: whoever ends between
 * the two finds it standing the next time.
 * @throws RegistryError `BAD_REQUEST`, `NOT_FOUND`, `ALREADY_ACKNOWLEDGED`, `LOG_UNAVAILABLE`
 */
export async function acknowledgeIncident(
  { incidents, log, quarantine }: Acknowledging, id: string, body: unknown,
): Promise<Incident> {
  const { by, reason } = parseReason(body)
  const incident = await findIncident(incidents, id, true)
  if (incident.acknowledged) throw already(incident)
  const subject = subjectOf(incident)
  const acknowledgement: Acknowledgement = {
    by, reason, at: new Date().toISOString(),
    record: subject ? await record(log, subject, incident) : null,
  }
  if (!await incidents.acknowledge(incident.id, acknowledgement)) throw already(await findIncident(incidents, id, true))
  // Whoever lied about it may be asked for it again: the digest still decides.
  if (incident.kind === 'conflict' && incident.subject !== undefined) quarantine.lift(incident.source, incident.subject)
  return fullIncident({ ...incident, acknowledged: acknowledgement })
}

async function record(log: Pick<Log, 'record'>, subject: VersionSubject, incident: StoredIncident): Promise<number> {
  const { kind, cause, source, evidence } = incident
  const digest = incidentDigest({ kind, cause, subject: incident.subject ?? null, source, evidence })
  const [standing] = await log.record([{ kind: 'acknowledged', subject, incident: digest }])
  return standing!.index
}

/** What the log's record is about; undefined where there can be none. */
function subjectOf({ subject, isPrivate }: StoredIncident): VersionSubject | undefined {
  if (isPrivate || subject === undefined || !subject.startsWith('pkg:npm/')) return undefined
  const parsed = parsePurl(subject)
  return 'version' in parsed ? parsed : undefined
}

function already({ id, acknowledged }: StoredIncident): RegistryError {
  return new RegistryError('ALREADY_ACKNOWLEDGED', `Incident ${id} was acknowledged at ${acknowledged?.at} by ${acknowledged?.by}; that is done once.`)
}
