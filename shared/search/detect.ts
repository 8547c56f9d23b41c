import { detectAddress } from './address.ts'
import { detectDigest } from './digests.ts'
import { detectPackage, detectPurl } from './packages.ts'
import type { Detection, Meaning } from './types.ts'

/** Nothing that can be found is longer: an address with a long name in it. */
export const LONGEST_SEARCH = 1_024

const NUMBER = /^(?:0|[1-9]\d{0,15})$/
/** `1,204`: as our pages and people write it. */
const GROUPED = /^[1-9]\d{0,2}(?:[,_ ]\d{3})+$/
/** What a number is of, said before it: `record 12`, `size:1204`, `#7`. */
const NAMED = /^(?:(#)|(incident|record|entry|index|size|checkpoint|tree)[ :#]+)(\d[\d,_]*)$/i
/** Names as npm has them: ASCII, with at most one slash. */
const PREFIX = /^@?[\w.!~*'()-]{0,214}(?:\/[\w.!~*'()-]{0,214})?$/

/** All that a text may mean. Pure and bounded: it may be typed by anybody. */
export function detect(input: string): Detection {
  if (input.length > LONGEST_SEARCH) return { text: input.slice(0, 64), meanings: [], hint: 'too-long' }
  const text = input.trim().replaceAll(/\s+/g, ' ').replace(/^(["'`])(.*)\1$/, '$2')
  if (text === '') return { text, meanings: [] }

  if (/^https?:\/\//i.test(text)) {
    const meaning = detectAddress(text)
    return meaning ? { text, meanings: [meaning] } : { text, meanings: [], hint: 'other-address' }
  }
  if (/^pkg:/i.test(text)) {
    const meaning = detectPurl(text)
    return meaning ? { text, meanings: [meaning] } : { text, meanings: [], hint: 'other-purl' }
  }
  const named = NAMED.exec(text)
  if (named) {
    const number = numberOf(named[3]!)
    if (number !== undefined) return { text, meanings: [numberNamed(named[2]?.toLowerCase() ?? 'incident', number)] }
  }

  const digest = detectDigest(text)
  const number = numberOf(text)
  const meanings: Meaning[] = [...digest?.meanings ?? []]
  if (number !== undefined) {
    meanings.push({ kind: 'entry', index: number })
    if (number > 0) meanings.push({ kind: 'checkpoint', size: number })
  }
  const subject = detectPackage(text)
  if (subject) meanings.push(subject)
  if (PREFIX.test(text)) meanings.push({ kind: 'names', prefix: text })
  return { text, meanings, ...(digest?.hint && { hint: digest.hint }) }
}

function numberOf(text: string): number | undefined {
  const digits = GROUPED.test(text) ? text.replaceAll(/[,_ ]/g, '') : text
  const number = NUMBER.test(digits) ? Number(digits) : Number.NaN
  return Number.isSafeInteger(number) ? number : undefined
}

function numberNamed(what: string, number: number): Meaning {
  if (what === 'incident') return { kind: 'incident', id: number }
  return ['size', 'checkpoint', 'tree'].includes(what) ? { kind: 'checkpoint', size: number } : { kind: 'entry', index: number }
}
