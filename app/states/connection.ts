import { icons } from '../icons.ts'
import type { Look } from './look.ts'

/**
 * What the page knows about its own connection to the server: `failed` is an answer that is no status,
 * `unreachable` is no answer, `offline` is a browser without a network.
 */
export type Connection = 'loading' | 'live' | 'unreachable' | 'failed' | 'offline'

export const CONNECTIONS: Readonly<Record<Connection, Look>> = {
  loading: { label: 'registry.connection.loading', icon: icons.loading, color: 'neutral' },
  live: { label: 'registry.connection.live', icon: icons.live, color: 'success' },
  unreachable: { label: 'registry.connection.unreachable', icon: icons.unreachable, color: 'warning' },
  failed: { label: 'registry.connection.failed', icon: icons.unreachable, color: 'warning' },
  offline: { label: 'registry.connection.offline', icon: icons.offline, color: 'warning' },
}
