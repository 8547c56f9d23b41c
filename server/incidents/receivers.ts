import { createHash } from 'node:crypto'
import type { Dispatcher } from 'undici'
import type { RegistryConfig, WebhookConfig } from '../config/types.ts'
import { assertPublicUrl } from '../registry/index.ts'

/** By which the database knows a receiver: its URL may hold a secret. */
export function receiverId({ url }: WebhookConfig): string {
  return createHash('sha256').update(url).digest('hex')
}

interface ReceiversOptions {
  registries: readonly RegistryConfig[]
  connections: { to(registry: RegistryConfig): Dispatcher, readonly elsewhere: Dispatcher }
}

/**
 * Which connection leads to a receiver: one to public addresses only, unless a configured registry lives at its origin. An
 * operator may be somebody's customer, who must not reach into the network of this server by naming a webhook.
 * @returns a function that throws RegistryError `FORBIDDEN_URL`
 */
export function createReceiverRoutes({ registries, connections }: ReceiversOptions): (url: URL) => Dispatcher {
  return (url) => {
    const registry = registries.find(registry => new URL(registry.url).origin === url.origin)
    if (registry) return connections.to(registry)
    assertPublicUrl(url, 'A webhook')
    return connections.elsewhere
  }
}
