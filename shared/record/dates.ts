/** ISO 8601 as registries write it: a date, perhaps a time to the minute or finer, perhaps an offset. */
const CLAIM = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)? ?(Z|[+-]\d\d:?\d\d)?)?$/i

const TIMESTAMP = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/
const DAYS_OF_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Whether a text is a real date, written `YYYY-MM-DDTHH:mm:ss.sssZ`. Asked for every record, so without making a Date of it. */
export function isTimestamp(text: string): boolean {
  if (!TIMESTAMP.test(text)) return false
  const month = Number(text.slice(5, 7))
  const day = Number(text.slice(8, 10))
  return day <= DAYS_OF_MONTHS[month - 1]! && (month !== 2 || day < 29 || isLeap(Number(text.slice(0, 4))))
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

/**
 * A registry's claim of a time, as records write it. ISO 8601 only, so that every machine reads the same time out of it: without
 * an offset it is UTC, and what is finer than milliseconds is cut off.
 * @returns undefined for what is no date
 */
export function normalizePublished(claim: unknown): string | undefined {
  if (typeof claim === 'string' && isTimestamp(claim)) return claim
  const [, date, minutes = '00:00', seconds = '00', fraction = '', offset = 'Z'] = typeof claim === 'string' ? CLAIM.exec(claim) ?? [] : []
  if (date === undefined) return undefined
  const local = `${date}T${minutes}:${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
  return isTimestamp(local) ? toTimestamp(Date.parse(local) - minutesOf(offset) * 60_000) : undefined
}

/** Undefined for what is no time, or one that four digits cannot give the year of. */
function toTimestamp(time: number): string | undefined {
  if (Number.isNaN(time)) return undefined
  const text = new Date(time).toISOString()
  return text.length === 24 ? text : undefined
}

/** Offset from UTC in minutes; NaN for one that no clock has. */
function minutesOf(offset: string): number {
  if (offset.toUpperCase() === 'Z') return 0
  const hours = Number(offset.slice(1, 3))
  const minutes = Number(offset.slice(-2))
  if (hours > 23 || minutes > 59) return Number.NaN
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}
