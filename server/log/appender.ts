import type { Client } from '@libsql/client'
import { parseRecord } from '../../shared/record/index.ts'
import { equalHashes } from '../../shared/tlog/index.ts'
import { messageOf, RegistryError } from '../errors.ts'
import { commit, plan } from './commit.ts'
import type { Filing } from './draft.ts'
import { isBusy, isContention } from './failures.ts'
import { createPublisher, type Published } from './publisher.ts'
import type { RememberedHead } from './remembered.ts'
import type { Signer } from './signer.ts'
import { findStanding, type Stored } from './standing.ts'
import type { StoredTiles } from './stored-tiles.ts'
import { DamagedLog, readTreeState, type TreeState } from './tree-state.ts'
import type { LogStatus, Standing } from './types.ts'
import { unavailable } from './unavailable.ts'
import { unseen } from './unseen.ts'

/** What the log tells whoever keeps the books. */
export interface LogObserver {
  committed(records: number, milliseconds: number): void
  /** Appending stopped or failed, and why. */
  trouble(what: string, error: unknown): void
}

/** Knows where the tree ends and moves it: one commit after the other, each of them signed and public before the next. */
export interface Appender {
  status(): LogStatus
  published(): Published
  /**
   * One commit for all of them, unless they are recorded already. Resolves when they are inside the published checkpoint.
   * @throws RegistryError `LOG_UNAVAILABLE`
   */
  append(filings: readonly Filing[]): Promise<Standing[]>
  /** Looks for what another process appended. */
  refresh(): Promise<void>
  close(): Promise<void>
}

export interface AppenderOptions {
  client: Client
  signer: Signer
  remembered: RememberedHead
  tiles: StoredTiles
  /** The committed state that this process begins with, checked. */
  state: TreeState
  observer: LogObserver
  /** Milliseconds since the epoch. */
  clock?: () => number
}

/** Another process may be faster this many times in a row. */
const MAX_RACES = 20
/** Between attempts to find out where a failed commit left the log (ms). */
const RECOVERY_DELAYS = [50, 200, 1_000, 5_000]
/** Changes nothing, but is written: a database that is full, or can only be read, has not recovered. */
const TOUCH = 'UPDATE head SET size = size WHERE id = 1'

export function createAppender(options: AppenderOptions): Appender {
  const { client, tiles, observer, clock = Date.now } = options
  const publisher = createPublisher({ ...options, onIdle: () => void exclusively(keepLastNote) })
  let state = options.state
  let status: LogStatus = { state: 'ok' }
  let isClosed = false
  /** Everything that reads or moves `state` takes its turn here. */
  let turn: Promise<unknown> = Promise.resolve()

  function exclusively<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work)
    turn = mine.catch(() => { /* Whoever asked for the work hears of it. */ })
    return mine
  }

  /** Takes over the committed state, if it continues what is public. */
  async function reload() {
    const found = await readTreeState(client)
    const { size, root } = publisher.current().head
    if (found.edge.size < size) throw new DamagedLog(`The database has ${found.edge.size} records, but a checkpoint of ${size} is public.`)
    if (!equalHashes(await tiles.rootAt(size, found.edge), root)) throw new DamagedLog(`The database has another tree than the public checkpoint of size ${size}.`)
    state = found
    if (state.edge.size !== size) publisher.publish(state)
  }

  async function keepLastNote() {
    await publisher.keep().catch(error => observer.trouble('keeping a checkpoint', error))
  }

  /**
   * Whoever drafts records has usually looked first, so they are appended without looking: of what is recorded already, or twice
   * among them, the database refuses all.
   */
  async function appendAll(filings: readonly Filing[]): Promise<Standing[]> {
    const first = state.edge.size
    const records = await commitNext(filings, false)
    return records?.map((record, n) => ({ index: first + n, isNew: true, record })) ?? appendUnseen(filings)
  }

  /** Appends what is not recorded; again, if another process was faster. */
  async function appendUnseen(filings: readonly Filing[]): Promise<Standing[]> {
    for (let race = 0; race < MAX_RACES; race++) {
      const stored = await findStanding(client, filings)
      const last = Math.max(...stored.map(one => one?.index ?? -1))
      if (last >= state.edge.size) {
        await reload()
        if (last >= state.edge.size) throw new DamagedLog(`The database has record ${last}, but its tree only ${state.edge.size} records.`)
        // In this newer state there may be more than was found.
        continue
      }
      const { fresh, places } = unseen(filings, stored)
      if (fresh.length === 0) return stored.map(one => known(one!))
      const first = state.edge.size
      const records = await commitNext(fresh, true)
      if (!records) continue
      return filings.map((filing, n) => {
        const place = places[n]
        if (place === undefined) return known(stored[n]!)
        return { index: first + place, isNew: fresh[place] === filing, record: records[place]! }
      })
    }
    throw new RegistryError('LOG_UNAVAILABLE', 'Other processes append to the log faster than this one; ask again in a moment.', { retryAfter: 1 })
  }

  /**
   * Commits, then publishes. Undefined: nothing was written, because another process appended meanwhile, or some of it is there.
   * @param isSure none of it was there when this process last knew where the tree ends
   */
  async function commitNext(fresh: readonly Filing[], isSure: boolean) {
    const note = publisher.unkept()
    const planned = plan(state, fresh, clock(), note)
    const started = performance.now()
    try {
      await commit(client, planned)
    } catch (error) {
      if (!isContention(error)) throw error
      const before = state.edge.size
      await reload()
      if (isSure && state.edge.size === before) throw new DamagedLog(`The database has something in the way of record ${before}: ${messageOf(error)}`, { cause: error })
      return undefined
    }
    observer.committed(fresh.length, performance.now() - started)
    state = planned.next
    if (note) publisher.kept(note)
    publisher.publish(state)
    return planned.records
  }

  /** Draws the conclusions from a failure. */
  function failed(what: string, error: unknown) {
    observer.trouble(what, error)
    if (error instanceof DamagedLog) stop(error)
    // Whoever else holds the database, nothing of ours was written.
    else if (!isBusy(error) && !(error instanceof RegistryError)) latch(error)
  }

  /** Nothing is signed any more, until an operator has looked at it and starts the server again. */
  function stop({ message }: DamagedLog) {
    status = { state: 'read-only', reason: message }
  }

  /** The commit may have happened or not: nothing is signed until the database has said which. */
  function latch(error: unknown, attempt = 0) {
    status = { state: 'recovering', reason: `Nothing is appended until it is certain what was written (${messageOf(error)}).` }
    const delay = RECOVERY_DELAYS[Math.min(attempt, RECOVERY_DELAYS.length - 1)]!
    setTimeout(() => exclusively(() => recover(attempt)), delay).unref()
  }

  async function recover(attempt: number) {
    if (isClosed) return
    try {
      await client.execute(TOUCH)
      await reload()
      status = { state: 'ok' }
    } catch (error) {
      observer.trouble('recovering the log', error)
      if (error instanceof DamagedLog) stop(error)
      else latch(error, attempt + 1)
    }
  }

  return {
    status: () => status,
    published: publisher.current,
    append: filings => exclusively(async () => {
      // While they waited for their turn, the log may have been found damaged.
      if (status.state !== 'ok') throw unavailable(status)
      try {
        return await appendAll(filings)
      } catch (error) {
        failed('appending to the log', error)
        throw error instanceof RegistryError ? error : unavailable(status)
      }
    }),
    refresh: () => exclusively(async () => {
      if (status.state !== 'ok') return
      try {
        const { rows } = await client.execute('SELECT size FROM head WHERE id = 1')
        if (Number(rows[0]?.size) !== state.edge.size) await reload()
      } catch (error) {
        failed('following another process', error)
      }
    }),
    async close() {
      isClosed = true
      await exclusively(keepLastNote)
      await publisher.close()
    },
  }
}

function known({ index, text }: Stored): Standing {
  return { index, isNew: false, record: parseRecord(text) }
}
