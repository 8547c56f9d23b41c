import type { Translate } from './translate.ts'

/*
 * Written by hand instead of with `Intl`, whose short forms differ between the server's and the
 * browser's ICU: the page would not hydrate to the same text.
 */

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long ago, from milliseconds; clocks that disagree give `just now`, never a future. */
export function formatAge(milliseconds: number, t: Translate): string {
  const seconds = Math.floor(milliseconds / 1000)
  if (!(seconds >= 1)) return t('registry.age.now')
  if (seconds < MINUTE) return t('registry.age.seconds', { n: seconds })
  if (seconds < HOUR) return t('registry.age.minutes', { n: Math.floor(seconds / MINUTE) })
  if (seconds < DAY) return t('registry.age.hours', { n: Math.floor(seconds / HOUR) })
  return t('registry.age.days', { n: Math.floor(seconds / DAY) })
}

/** A span of time in its two largest units, from milliseconds. */
export function formatDuration(milliseconds: number, t: Translate): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  if (seconds < MINUTE) return t('registry.duration.seconds', { n: seconds })
  if (seconds < HOUR) return t('registry.duration.minutes', { n: Math.floor(seconds / MINUTE) })
  if (seconds < DAY) {
    return t('registry.duration.hours', { n: Math.floor(seconds / HOUR), m: Math.floor(seconds % HOUR / MINUTE) })
  }
  return t('registry.duration.days', { n: Math.floor(seconds / DAY), h: Math.floor(seconds % DAY / HOUR) })
}

/** `2026-11-21 19:46:03 UTC`, from ISO 8601 or milliseconds; the same on server and browser, whatever their time zones. */
export function formatInstant(time: string | number): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return String(time)
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
