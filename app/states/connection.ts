import { icons } from '../icons.ts'
import { messages } from '../messages/en.ts'
import type { Look } from './look.ts'

/**
 * What the page knows about its own connection to the server: `failed` is an answer that is no status,
 * `unreachable` is no answer, `offline` is a browser without a network.
 */
export type Connection = 'loading' | 'live' | 'unreachable' | 'failed' | 'offline'

const { connection } = messages.registry

export const CONNECTIONS: Readonly<Record<Connection, Look>> = {
  loading: { label: connection.loading, icon: icons.loading, color: 'neutral' },
  live: { label: connection.live, icon: icons.live, color: 'success' },
  unreachable: { label: connection.unreachable, icon: icons.unreachable, color: 'warning' },
  failed: { label: connection.failed, icon: icons.unreachable, color: 'warning' },
  offline: { label: connection.offline, icon: icons.offline, color: 'warning' },
}
