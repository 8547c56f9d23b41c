/** The keys with which registries sign: asked for, remembered for ever, recorded, compared. */
export { KEY_TYPE } from './document.ts'
export { isExpired } from './expiry.ts'
export { createKeyring } from './keyring.ts'
export { keysOverview } from './overview.ts'
export { isOnlyPrivate } from './private-only.ts'
export { createKeyStore } from './store.ts'
export type { AuthorityKeys, KeyIncident, Keyring, SignedVersion, SigningKey } from './types.ts'
