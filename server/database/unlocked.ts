import type { Client, LibsqlError } from '@libsql/client'
import { aroundQueries } from './around.ts'

/**
 * The client of a database file, fit to write again after another process held the lock for too long. The driver leaves the
 * statement that met the lock unfinished, and SQLite commits nothing on a connection that has one ("SQL statements in progress"):
 * every write would fail, until the garbage collector finds that statement. So the connection is replaced.
 * @param prepare what a new connection needs
 */
export function replacedWhenLocked(client: Client, prepare: (client: Client) => Promise<void>): Client {
  let replacing: Promise<void> | undefined

  async function replace() {
    // Its type does not say that it is asynchronous.
    await (client.reconnect() as unknown)
    await prepare(client)
  }

  return aroundQueries(client, async (ask) => {
    await replacing
    try {
      return await ask()
    } catch (error) {
      const { code } = error as LibsqlError
      if (code === 'SQLITE_BUSY') {
        replacing ??= replace().finally(() => {
          replacing = undefined
        })
        await replacing
      } else if (code === 'CLIENT_CLOSED' && replacing) {
        // It waited for the connection that is replaced, and did not begin.
        await replacing
        return ask()
      }
      throw error
    }
  })
}
