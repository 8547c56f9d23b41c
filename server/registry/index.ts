/**
 * The registry room: which registry answers for a name, and how we talk to it. Everything that leaves
 * this server leaves through here.
 */
export { readBody, readPackedBody } from './body.ts'
export { createConnections, type Connections } from './connections.ts'
export { createHealthBook, type Health, type HealthBook } from './health.ts'
export { createUpstream, asFailure, label, type Upstream, type UpstreamObserver, type UpstreamResponse } from './request.ts'
export { createRoutes, type Routes } from './routes.ts'
