/** First and last byte, both included, as in `content-range`. */
export interface ByteRange {
  start: number
  end: number
}

/**
 * Reads a `range` header for a representation of `size` bytes (RFC 9110, section 14).
 *
 * Answers `none` when the whole representation is to be sent with 200: no header, another unit, a malformed
 * value (which a server ignores), several ranges (no npm client asks for them, and answering them lets a small request
 * cost a large answer). `unsatisfiable` is for 416.
 */
export function parseRange(header: string | undefined, size: number): 'none' | 'unsatisfiable' | ByteRange {
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '')
  if (!match) return 'none'
  const [, first = '', last = ''] = match
  if (first === '') {
    if (last === '') return 'none'
    const length = Number(last)
    if (length === 0) return 'unsatisfiable'
    // A suffix of nothing is satisfiable, but no content-range can say so.
    return size === 0 ? 'none' : { start: Math.max(0, size - length), end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? Infinity : Number(last)
  if (end < start) return 'none'
  if (start >= size) return 'unsatisfiable'
  return { start, end: Math.min(end, size - 1) }
}

/**
 * Whether a `range` header counts, given the request's `if-range` and our current strong ETag (RFC 9110, section 13.1.5).
 * A weak tag or a date never matches: the whole representation is then sent, which is always right.
 */
export function rangeApplies(ifRange: string | undefined, etag: string): boolean {
  if (ifRange === undefined) return true
  return etag.startsWith('"') && ifRange.trim() === etag
}
