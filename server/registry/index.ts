/**
 * The registry room: which registry answers for a name, and how we talk to it. Everything that leaves
 * this server leaves through here.
 */
export type { Choice } from './choice.ts'
export { assertPublicUrl } from './addresses.ts'
export { readBody, readPackedBody } from './body.ts'
export { createConnections } from './connections.ts'
export { onChain } from './chain.ts'
export { createHealthBook, type HealthBook } from './health.ts'
export {
  createKeyring, createKeyStore, keysOverview, isExpired, isOnlyPrivate, KEY_TYPE,
  type AuthorityKeys, type KeyIncident, type Keyring, type SignedVersion, type SigningKey,
} from './keys/index.ts'
export { createOwners, type Owners } from './owners.ts'
export { createPresence, type Presence } from './presence.ts'
export { createQuarantine, type Quarantine } from './quarantine.ts'
export { createRedirects, type Redirects } from './redirects.ts'
export { createUpstream, label, type Upstream, type UpstreamResponse } from './request.ts'
export { createRoutes, type Routes } from './routes.ts'
export { createSources, type Sources } from './sources.ts'
