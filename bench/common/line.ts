/** One line of the table. Without a verdict it only informs. */
export interface Line {
  what: string
  target: string
  measured: string
  verdict: 'ok' | 'missed' | 'not measured' | ''
  detail: string
}

interface LineOptions {
  /** The target is a lower bound. */
  least?: boolean
  /** The figure stands, but not for what was promised. */
  spoilt?: boolean
  unit?: string
  digits?: number
  detail?: string
}

/** @param value what was measured; undefined: it could not be */
export function line(what: string, target: number | undefined, value: number | undefined, options: LineOptions): Line {
  const { least = false, unit = '', detail = '' } = options
  const shown = (number: number) => `${Number.isFinite(number) ? decimal(number, options.digits ?? (unit ? 0 : 2)) : '∞'}${unit}`
  const met = !options.spoilt && value !== undefined && target !== undefined && (least ? value >= target : value <= target)
  return {
    what,
    target: target === undefined ? '' : `${least ? '≥' : '≤'} ${target.toLocaleString('en')}${unit}`,
    measured: value === undefined ? '–' : shown(value),
    verdict: value === undefined ? 'not measured' : target === undefined ? '' : met ? 'ok' : 'missed',
    detail: value === undefined ? '' : detail,
  }
}

/** A number with so many digits behind the point, thousands apart. */
export function decimal(value: number, digits = 0): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** Nothing where the arithmetic had nothing to work with; an infinite ratio is an answer. */
export function known(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value
}
