/** Characters of one text, items of one list, keys of one object, levels. What a registry says can be of any size. */
const LONGEST_TEXT = 8_192
const MOST_ITEMS = 100
const DEEPEST = 8

/**
 * A registry's claims as JSON that can be kept and digested: texts without lone surrogates, and everything cut to a size at which
 * it still says what was wrong.
 */
export function bounded(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.slice(0, LONGEST_TEXT).toWellFormed()
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'object' || value === null) return typeof value === 'boolean' ? value : null
  if (depth === DEEPEST) return null
  if (Array.isArray(value)) return value.slice(0, MOST_ITEMS).map(item => bounded(item, depth + 1))
  const entries = Object.entries(value).filter(([, item]) => item !== undefined).slice(0, MOST_ITEMS)
  return Object.fromEntries(entries.map(([key, item]) => [key.slice(0, LONGEST_TEXT).toWellFormed(), bounded(item, depth + 1)]))
}
