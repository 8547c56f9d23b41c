import { expect, it } from 'vitest'
import { activityOf } from '../../../server/log-api/activity.ts'
import { createMemoryLog, versionDraft } from '../sumdb/memory-log.ts'

/** Of the first record; each following one is a second younger. */
const START = Date.parse('2026-01-01T00:00:00.000Z')
const HOUR = 3_600_000

it('counts the records of today and of the last hour in a few reads', async () => {
  const log = createMemoryLog()
  log.append(...Array.from({ length: 5_000 }, (_, n) => versionDraft('x', `1.0.${n}`)))
  expect(await activityOf(log, 5_000, START + 5_000_000)).toEqual({ today: 5_000, lastHour: 3_600 })
  expect(log.reads.texts).toBeLessThan(30)
  expect(await activityOf(log, 5_000, START + 24 * HOUR)).toEqual({ today: 0, lastHour: 0 })
  expect(await activityOf(log, 5_000, START)).toEqual({ today: 5_000, lastHour: 5_000 })
  expect(await activityOf(log, 0, START)).toEqual({ today: 0, lastHour: 0 })
})
