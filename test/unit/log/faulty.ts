import { createClient, LibsqlError, type Client, type InArgs, type InStatement } from '@libsql/client'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { Database } from '../../../server/database/index.ts'

/** What the log asks its database. */
type Operation = 'append' | 'keep' | 'reload' | 'standing'

export const FAULTS = [
  /** Fails before anything is written. */ 'before',
  /** One of the transaction's statements fails. */ 'within',
  /** Is done, and then said to have failed. */ 'after',
  /** Another process holds the lock. */ 'busy',
  'full', 'read-only', 'i/o error',
  /** Is never done, and never answers. */ 'hanging',
] as const
type Fault = typeof FAULTS[number]

export interface FaultyDatabase extends Database {
  /** From now on this operation fails in this way. */
  break(operation: Operation, fault: Fault): Promise<void>
  heal(): Promise<void>
  /** How many operations met the fault. */
  hits(): number
  /** Holds operations back: calls with what would do the held one. */
  hold(operation: Operation, held: (perform: () => Promise<unknown>) => Promise<unknown>): void
}

type Statement = InStatement | [string, InArgs?]

/** SQL that only this operation has. */
const MARKS: Record<Operation, RegExp> = {
  append: /^UPDATE head SET size = CASE/,
  keep: /^UPDATE checkpoints SET note/,
  reload: /^SELECT size, root, recorded FROM head/,
  standing: /SELECT wanted\.key/,
}

/** A database that fails on demand: by itself where it can be made to, otherwise as if. */
export function createFaultyDatabase(database: Database): FaultyDatabase {
  const { client } = database
  let intercept: { operation: Operation, held(perform: () => Promise<unknown>): Promise<unknown> } | undefined
  let hits = 0
  let mend = async () => {}

  /** `also`: the same with a statement more, which is none. */
  function meet<T>(statement: Statement, perform: () => Promise<T>, also: () => Promise<unknown>): Promise<T> {
    const sql = typeof statement === 'string' ? statement : Array.isArray(statement) ? statement[0] : statement.sql
    if (!intercept || !MARKS[intercept.operation].test(sql.trim())) return perform()
    hits++
    return (fault === 'within' ? intercept.held(also) : intercept.held(perform)) as Promise<T>
  }

  let fault: Fault | undefined
  const broken: Partial<Record<Fault, (perform: () => Promise<unknown>) => Promise<unknown>>> = {
    'before': () => Promise.reject(new LibsqlError('The socket was closed', 'HRANA_WEBSOCKET_ERROR')),
    'within': perform => perform(),
    'after': async (perform) => {
      await perform()
      throw new LibsqlError('The socket was closed', 'HRANA_WEBSOCKET_ERROR')
    },
    'i/o error': () => Promise.reject(new LibsqlError('disk I/O error', 'SQLITE_IOERR')),
    'hanging': () => new Promise(() => {}),
  }
  const asIf: Partial<Record<Fault, [message: string, code: string]>> = {
    'busy': ['database is locked', 'SQLITE_BUSY'],
    'full': ['database or disk is full', 'SQLITE_FULL'],
    'read-only': ['attempt to write a readonly database', 'SQLITE_READONLY'],
  }

  const faulty: Client = new Proxy(client, {
    get(target, key) {
      if (key === 'execute') {
        return (statement: InStatement) => meet(statement, () => target.execute(statement), () => target.execute('SELECT nothing'))
      }
      if (key === 'batch') {
        return (statements: Statement[], mode?: 'read' | 'write') => meet(
          statements[0]!, () => target.batch(statements, mode), () => target.batch([...statements, 'SELECT nothing'], mode))
      }
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) as unknown : value
    },
  })

  return {
    ...database,
    client: faulty,
    async break(operation, kind) {
      fault = kind
      const isReal = operation === 'append' && asIf[kind] !== undefined
      if (kind === 'busy' && isReal) {
        const { rows } = await client.execute('PRAGMA database_list')
        const other = createClient({ url: pathToFileURL(String(rows[0]!.file)).href })
        const lock = await other.transaction('write')
        mend = async () => {
          await lock.rollback()
          other.close()
        }
      } else if (kind === 'full' && isReal) {
        const { rows } = await client.execute('PRAGMA page_count')
        await client.execute(`PRAGMA max_page_count = ${Number(rows[0]!.page_count)}`)
        mend = async () => void await client.execute('PRAGMA max_page_count = 1073741823')
      } else if (kind === 'read-only' && isReal) {
        await client.execute('PRAGMA query_only = ON')
        mend = async () => void await client.execute('PRAGMA query_only = OFF')
      }
      const error = asIf[kind]
      intercept = {
        operation,
        held: isReal ? perform => perform() : error ? () => Promise.reject(new LibsqlError(...error)) : broken[kind]!,
      }
    },
    async heal() {
      intercept = undefined
      fault = undefined
      await mend()
      mend = async () => {}
    },
    hits: () => hits,
    hold(operation, held) {
      intercept = { operation, held }
    },
  }
}

/** Waits until `holds`; fails with `what` after ten seconds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 1_000) throw new Error(`${what}: not within ten seconds`)
    await sleep(10)
  }
}
