import { createClientLimit, type ClientLimit } from '../http/index.ts'

/** What one client may make this server fetch, verify and record in a minute. */
const POINTS = 600

/** Counts what clients cause beyond reading what is there. */
export function createRecordLimit(points = POINTS): ClientLimit {
  return createClientLimit({ points, period: 60, tooMany: `More than ${points} new records a minute were asked for` })
}
