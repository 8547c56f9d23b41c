/** Incidents and takedowns as web pages, operators and offline verifiers get them. */
export { acknowledgeIncident } from './acknowledge.ts'
export { createBundles, type Bundles } from './bundle.ts'
export { listIncidents, showIncident } from './read.ts'
export { INCIDENTS_ROUTE, TAKEDOWNS_ROUTE } from './routes.ts'
export { fullIncident, summaryOf } from './shape.ts'
export { listTakedowns, takeDown, undoTakedown } from './takedowns.ts'
