import type { Client } from '@libsql/client'

/** The same client, with something done around each of its queries and transactions. */
export function aroundQueries(client: Client, around: <T>(ask: () => Promise<T>) => Promise<T>): Client {
  const execute = ((...args: Parameters<Client['execute']>) => around(() => client.execute(...args))) as Client['execute']
  const batch: Client['batch'] = (...args) => around(() => client.batch(...args))
  // The client has private fields: whatever else is called on it must be called on itself.
  return new Proxy(client, {
    get(target, key) {
      if (key === 'execute') return execute
      if (key === 'batch') return batch
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) as unknown : value
    },
  })
}
