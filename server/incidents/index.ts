export { createReceiverRoutes, receiverId } from './receivers.ts'
export { createIncidents } from './store.ts'
export type { ClaimedVersion, Evidence, IncidentQuery, IncidentReport, Incidents, StoredIncident } from './types.ts'
export { createWebhooks, type Webhooks } from './webhooks.ts'
