import { parseRecord } from '../../shared/record/index.ts'
import type { Log } from '../log/index.ts'

/** How much was recorded lately. */
interface Activity {
  /** Records since midnight, UTC. */
  today: number
  /** Records of the last 60 minutes. */
  lastHour: number
}

const HOUR = 3_600_000
const DAY = 24 * HOUR

/**
 * Counted by places: the time of records never decreases along the log, so the first one of a day is found in some twenty reads,
 * however many there are.
 */
export async function activityOf(log: Pick<Log, 'texts'>, size: number, now: number): Promise<Activity> {
  const first = await firstSince(log, 0, size, now - now % DAY)
  const recent = await firstSince(log, 0, size, now - HOUR)
  return { today: size - first, lastHour: size - recent }
}

/** Index of the first record in [from, to) that is not older; `to`: all are. */
async function firstSince(log: Pick<Log, 'texts'>, from: number, to: number, time: number): Promise<number> {
  while (from < to) {
    const middle = Math.floor((from + to) / 2)
    const [text] = await log.texts(middle, middle + 1)
    if (text !== undefined && Date.parse(parseRecord(text).recorded) < time) from = middle + 1
    else to = middle
  }
  return from
}
