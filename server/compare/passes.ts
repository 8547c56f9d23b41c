import { desc, eq, lt, sql } from 'drizzle-orm'
import { tables, type Database } from '../database/index.ts'

const { passes } = tables

/** One look at all sources. Milliseconds since the epoch. */
export interface Pass {
  id: number
  started: number
  finished: number | null
  error: string | null
}

/** Which process looks at the sources, and when: of all on one database, one at a time. */
export interface Passes {
  /**
   * Takes the next look, unless one began within the last `interval` milliseconds, or still runs.
   * @returns the look to be made, or the one because of which there is none
   */
  take(interval: number): Promise<{ isMine: boolean, pass: Pass }>
  finish(id: number, error?: string): Promise<void>
  last(): Promise<Pass | undefined>
  deleteBefore(time: number): Promise<void>
}

/** Milliseconds after which a look is over, and one that did not say so ended with its process. */
export const LONGEST_PASS = 15 * 60_000

export function createPasses({ orm }: Database, now = Date.now): Passes {
  const newest = () => orm.select().from(passes).orderBy(desc(passes.id)).limit(1).get()
  return {
    async take(interval) {
      const started = now()
      const runs = sql`finished IS NULL AND started > ${started - LONGEST_PASS}`
      const isRecent = interval > 0 ? sql`(started > ${started - interval} OR (${runs}))` : runs
      // One statement, so that of two processes one is first; their clocks differ, and whoever reads his first may write last. A
      // time far in the future is of a clock that was set back since.
      const taken = await orm.all<{ id: number }>(sql`
        INSERT INTO ${passes} (started) SELECT ${started} WHERE NOT EXISTS (
          SELECT 1 FROM ${passes} WHERE started <= ${started + LONGEST_PASS} AND ${isRecent}
        ) RETURNING id`)
      const [mine] = taken
      if (mine) return { isMine: true, pass: { id: mine.id, started, finished: null, error: null } }
      return { isMine: false, pass: (await newest())! }
    },
    async finish(id, error) {
      await orm.update(passes).set({ finished: now(), error: error ?? null }).where(eq(passes.id, id))
    },
    last: newest,
    async deleteBefore(time) {
      await orm.delete(passes).where(lt(passes.started, time))
    },
  }
}
