/** Which rows of a long list are in the document. */
export interface Rows {
  from: number
  /** Not included. */
  to: number
}

/** Rows above and below what can be seen, so that a reader who scrolls, or goes on with Tab, finds some. */
export const OVERSCAN = 12

/**
 * The rows of a part of the screen. All measures are in pixels.
 * @param top of the list, seen from the top of the screen
 */
export function visibleRows({ top, height, row, count }: { top: number, height: number, row: number, count: number }): Rows {
  if (!(row > 0)) return { from: 0, to: count }
  const from = Math.floor(-top / row) - OVERSCAN
  const to = Math.ceil((height - top) / row) + OVERSCAN
  return { from: Math.min(Math.max(0, from), count), to: Math.max(0, Math.min(to, count)) }
}
