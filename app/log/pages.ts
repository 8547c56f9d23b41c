import type { LogEntry, LogEntryPage } from '../../shared/types/log.ts'

/** A page that was read: of those that are far away only this is kept. */
interface KnownPage {
  /** Its cursor. */
  before: string | number
  /** Its first row. */
  start: number
  length: number
}

/** So many pages are kept with their records. */
const KEPT_PAGES = 12

/**
 * A list that is read page by page, as far as somebody scrolls: where its pages begin, and the records of the last ones that were
 * looked at. However long it becomes, what it holds does not.
 */
export function createPages(first: LogEntryPage, before?: string | number) {
  // Newest records come; what was below the end of the log then is the same for ever.
  const known: KnownPage[] = [{ before: before ?? first.size, start: 0, length: first.entries.length }]
  const kept = new Map<number, LogEntry[]>([[0, first.entries]])
  let next = first.next

  function keep(page: number, entries: LogEntry[]) {
    kept.delete(page)
    kept.set(page, entries)
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_PAGES) return
      kept.delete(oldest)
    }
  }

  /** The page that a row is on, by halves. */
  function pageOf(row: number): number {
    let low = 0
    let high = known.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (known[middle]!.start <= row) low = middle
      else high = middle - 1
    }
    return low
  }

  return {
    /** Rows of all pages that were read. */
    get count() {
      const last = known.at(-1)!
      return last.start + last.length
    },
    /** Cursor of the page that was not read yet; null: there is none. */
    get next() {
      return next
    },
    /** Undefined: it has to be read again. */
    entryAt(row: number): LogEntry | undefined {
      const page = pageOf(row)
      return kept.get(page)?.[row - known[page]!.start]
    },
    append(page: LogEntryPage) {
      known.push({ before: next!, start: this.count, length: page.entries.length })
      keep(known.length - 1, page.entries)
      next = page.next
    },
    /** Pages with these rows that have to be read again. */
    missing({ from, to }: { from: number, to: number }): { page: number, before: string | number }[] {
      const found: { page: number, before: string | number }[] = []
      for (let page = pageOf(from); page < known.length && known[page]!.start < to; page++) {
        const entries = kept.get(page)
        if (entries) keep(page, entries)
        else if (known[page]!.length > 0) found.push({ page, before: known[page]!.before })
      }
      return found
    },
    /** A page that was read again: of a log, a page below a cursor never changes. */
    restore: keep,
    /** Pages whose records are held. */
    get held() {
      return kept.size
    },
  }
}

export type Pages = ReturnType<typeof createPages>
