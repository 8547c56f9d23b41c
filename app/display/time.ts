import { messages } from '../messages/en.ts'
import { fill } from '../messages/fill.ts'

/*
 * Written by hand instead of with `Intl`, whose short forms differ between the server's and the
 * browser's ICU: the page would not hydrate to the same text.
 */

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long ago, from milliseconds; clocks that disagree give `just now`, never a future. */
export function formatAge(milliseconds: number): string {
  const { age } = messages.registry
  const seconds = Math.floor(milliseconds / 1000)
  if (!(seconds >= 1)) return age.now
  if (seconds < MINUTE) return fill(age.seconds, { n: seconds })
  if (seconds < HOUR) return fill(age.minutes, { n: Math.floor(seconds / MINUTE) })
  if (seconds < DAY) return fill(age.hours, { n: Math.floor(seconds / HOUR) })
  return fill(age.days, { n: Math.floor(seconds / DAY) })
}

/** A span of time in its two largest units, from milliseconds. */
export function formatDuration(milliseconds: number): string {
  const { duration } = messages.registry
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  if (seconds < MINUTE) return fill(duration.seconds, { n: seconds })
  if (seconds < HOUR) return fill(duration.minutes, { n: Math.floor(seconds / MINUTE) })
  if (seconds < DAY) {
    return fill(duration.hours, { n: Math.floor(seconds / HOUR), m: Math.floor(seconds % HOUR / MINUTE) })
  }
  return fill(duration.days, { n: Math.floor(seconds / DAY), h: Math.floor(seconds % DAY / HOUR) })
}
