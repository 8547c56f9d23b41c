export { createIncidents } from './store.ts'
export type { ClaimedVersion, Evidence, IncidentKind, IncidentReport, Incidents } from './types.ts'
