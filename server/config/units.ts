import { BadValue } from './error.ts'
import { show } from './show.ts'

const DURATIONS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

const SIZES: Record<string, number> = {
  b: 1,
  kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12,
  kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40,
}

/** Inclusive. */
export type Bounds = readonly [min: number, max: number]

/**
 * A duration in milliseconds: a number, or a text such as `500ms`, `30s`, `5m`, `1.5h`, `7d`, `2w`.
 * @throws {BadValue} when it is neither, or outside of the bounds
 */
export function parseDuration(value: unknown, bounds: Bounds): number {
  return bounded(value, bounds, DURATIONS, formatDuration, 'a duration', '"30s", "5m" or "7d", or a number of milliseconds')
}

/**
 * A size in bytes: a number, or a text such as `64KiB`, `128MB`, `10 GiB`. `MB` is 1,000,000 bytes, `MiB` is 1,048,576.
 * @throws {BadValue} when it is neither, or outside of the bounds
 */
export function parseSize(value: unknown, bounds: Bounds): number {
  return bounded(value, bounds, SIZES, formatSize, 'a size', '"128MB" or "10GiB", or a number of bytes')
}

/**
 * A whole number.
 * @throws {BadValue} when it is not, or outside of the bounds
 */
export function parseCount(value: unknown, bounds: Bounds): number {
  return bounded(value, bounds, {}, String, 'a whole number', 'a number such as 3')
}

function bounded(
  value: unknown, [min, max]: Bounds, units: Record<string, number>,
  format: (value: number) => string, what: string, examples: string,
): number {
  const amount = typeof value === 'number' ? value : typeof value === 'string' ? amountOf(value, units) : Number.NaN
  if (!Number.isFinite(amount)) throw new BadValue(`${show(value)} is not ${what}. Write ${examples}.`)
  const rounded = what === 'a whole number' ? amount : Math.round(amount)
  if (!Number.isInteger(rounded) || rounded < min || rounded > max) {
    throw new BadValue(`${show(value)} is not ${what} between ${format(min)} and ${format(max)}.`)
  }
  return rounded
}

function amountOf(text: string, units: Record<string, number>): number {
  const match = /^(\d{1,15}(?:\.\d{1,6})?) ?([a-z]{1,3})$/i.exec(text.trim())
  const unit = match?.[2]?.toLowerCase() ?? ''
  return match && Object.hasOwn(units, unit) ? Number(match[1]) * units[unit]! : Number.NaN
}

function formatDuration(value: number): string {
  return formatWith(value, DURATIONS, ['w', 'd', 'h', 'm', 's', 'ms'])
}

function formatSize(value: number): string {
  return formatWith(value, { TiB: 2 ** 40, GiB: 2 ** 30, MiB: 2 ** 20, KiB: 2 ** 10, B: 1 }, ['TiB', 'GiB', 'MiB', 'KiB', 'B'])
}

/** In the largest unit that divides it. */
function formatWith(value: number, units: Record<string, number>, names: readonly string[]): string {
  const name = names.find(unit => value !== 0 && value % units[unit]! === 0) ?? names.at(-1)!
  return `${value / units[name]!}${name}`
}
