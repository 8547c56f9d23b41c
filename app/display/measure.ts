import { formatBytes } from './quantity.ts'
import { formatDuration } from './time.ts'
import type { Translate } from './translate.ts'

// Between a number and its unit no line ends: the space is one that does not break.

/** Time of an answer, from milliseconds: `8.4 ms`, `84 ms`, `1.25 s`. */
export function formatLatency(milliseconds: number): string {
  if (milliseconds >= 999.5) return `${(milliseconds / 1000).toFixed(2)}\u00A0s`
  return `${milliseconds.toFixed(milliseconds < 9.95 ? 1 : 0)}\u00A0ms`
}

/** A part of 1 in percent with one digit. Rounded down: `100 %` means every one, and nothing looks better than it is. */
export function formatShare(share: number): string {
  const percent = Math.min(100, Math.max(0, Math.floor(share * 1000 + 1e-9) / 10))
  return `${percent % 1 === 0 ? percent.toFixed(0) : percent.toFixed(1)}\u00A0%`
}

/** Where a share lies with a probability of 95 %; rounded to the outside. */
export function formatInterval({ low, high }: { low: number, high: number }): string {
  const upper = Math.min(1, Math.ceil(high * 1000 - 1e-9) / 1000)
  return `${formatShare(low).replace('\u00A0%', '')}–${formatShare(upper)}`
}

/** Bytes a second. */
export function formatSpeed(bytes: number): string {
  return `${formatBytes(bytes)}/s`
}

/** A delay in milliseconds; what has not arrived yet makes it longer. */
export function formatDelay({ value, isAtLeast }: { value: number, isAtLeast: boolean }, t: Translate): string {
  return `${isAtLeast ? '≥ ' : ''}${formatDuration(value, t)}`
}
