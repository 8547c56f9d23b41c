const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** `1204` is `1,204`. By hand: a browser takes longer to load its own rules for numbers than to make the rest of a page alive. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/** Decimal units, three significant digits: `18430000` is `18.4 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  // 999.5 would round to `1000`, which belongs to the next unit.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return `${value.toFixed(digits)} ${UNITS[unit]}`
}

/**
 * A part of a whole in whole percent, undefined without a whole. Rounded down: 100 means every one,
 * and a cache never looks better than it is.
 */
export function percent(part: number, whole: number): number | undefined {
  if (!(whole > 0)) return undefined
  return Math.min(100, Math.max(0, Math.floor(part / whole * 100)))
}
