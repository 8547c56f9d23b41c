import type { Client } from '@libsql/client'
import { aroundQueries } from './around.ts'

/**
 * A database server may never answer. The same client, but its queries are given up after a time: what they were to write may be
 * written then, or will be.
 * @param milliseconds a query and a transaction may take
 */
export function withDeadline(client: Client, milliseconds: number): Client {
  return aroundQueries(client, async (ask) => {
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`The database did not answer within ${milliseconds / 1000} seconds`)), milliseconds)
    })
    try {
      return await Promise.race([ask(), deadline])
    } finally {
      clearTimeout(timer)
    }
  })
}
