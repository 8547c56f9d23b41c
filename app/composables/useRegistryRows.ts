import { computed, nextTick, onBeforeUnmount, onMounted, ref, shallowRef, triggerRef, type Ref } from 'vue'
import type { LogEntry, LogEntryPage } from '../../shared/types/log.ts'
import { createPages, type Pages } from '../log/pages.ts'
import { entriesPath, PAGE_SIZE, type LogFilters } from '../log/query.ts'
import { visibleRows } from '../log/window.ts'

/** As many rows are scrolled through; from there on, a link leads to a page of its own. */
const MOST_ROWS = 100_000
/** Milliseconds until an answer counts as none. */
const TIMEOUT = 15_000

/** The list that was left last, and its place in the browser's history: whoever goes back finds it as it was. */
let left: { position: unknown, path: string, pages: Pages } | undefined

/**
 * Rows of the list of records: on the server all of the first page, in the browser those that can be seen, of as many pages as
 * somebody scrolls through.
 *
 * @param body the element that is as high as all rows
 */
export function useRegistryRows(
  { first, filters, before }: { first: LogEntryPage, filters: LogFilters, before?: string },
  body: Readonly<Ref<HTMLElement | null>>,
) {
  const path = entriesPath(filters, before)
  const position: unknown = import.meta.client ? (history.state as { position?: unknown } | null)?.position : undefined
  const isBack = left !== undefined && left.position === position && left.path === path
  const pages = shallowRef(isBack ? left!.pages : createPages(first, before))
  if (import.meta.client) left = { position, path, pages: pages.value }
  const visible = shallowRef({ from: 0, to: Math.min(pages.value.count, PAGE_SIZE) })
  /** The row that the keyboard is in stays, wherever the reader scrolls. */
  const focused = ref<number>()
  const isReading = ref(false)
  const hasFailed = ref(false)
  const asked = new Set<number>()

  const count = computed(() => pages.value.count)
  const rows = computed(() => {
    const { from, to } = visible.value
    const numbers = Array.from({ length: Math.max(0, Math.min(to, count.value) - from) }, (_, n) => from + n)
    const kept = focused.value
    if (kept !== undefined && kept < count.value && !numbers.includes(kept)) numbers.push(kept)
    numbers.sort((a, b) => a - b)
    return numbers.map((row): { row: number, entry?: LogEntry } => ({ row, entry: pages.value.entryAt(row) }))
  })

  function look() {
    if (!body.value) return
    const { top, height } = body.value.getBoundingClientRect()
    const row = count.value > 0 ? height / count.value : 0
    visible.value = visibleRows({ top, height: innerHeight, row, count: count.value })
    for (const { page, before } of pages.value.missing(visible.value)) void readAgain(page, before)
    // Two screens ahead, so that nobody waits.
    if (top + height < innerHeight * 3) void readMore()
  }

  const read = (cursor: string | number) =>
    $fetch<LogEntryPage>(entriesPath(filters, cursor) as string, { timeout: TIMEOUT, retry: 0 })

  async function readMore() {
    const { next } = pages.value
    if (next === null || isReading.value || hasFailed.value || count.value >= MOST_ROWS) return
    isReading.value = true
    try {
      pages.value.append(await read(next))
      triggerRef(pages)
    } catch {
      hasFailed.value = true
    } finally {
      isReading.value = false
    }
    await nextTick()
    look()
  }

  async function readAgain(page: number, cursor: string | number) {
    if (asked.has(page)) return
    asked.add(page)
    try {
      pages.value.restore(page, (await read(cursor)).entries)
      triggerRef(pages)
    } catch {
      // Asked for again when its rows are looked at again.
    } finally {
      asked.delete(page)
    }
  }

  /** The keyboard is here now. */
  function focusOn(element: Element | null) {
    const row = element?.closest<HTMLElement>('[data-row]')?.dataset.row
    focused.value = row === undefined ? undefined : Number(row)
  }

  onMounted(() => {
    // Somebody may have been faster than this script.
    if (body.value?.contains(document.activeElement)) focusOn(document.activeElement)
    addEventListener('scroll', look, { passive: true })
    addEventListener('resize', look, { passive: true })
    look()
  })
  onBeforeUnmount(() => {
    removeEventListener('scroll', look)
    removeEventListener('resize', look)
  })

  return {
    rows, count, focusOn, isReading, hasFailed,
    /** Cursor of what follows; null: nothing does. */
    next: computed(() => pages.value.next),
    /** The end of what can be scrolled through. */
    isFull: computed(() => count.value >= MOST_ROWS),
    retry() {
      hasFailed.value = false
      return readMore()
    },
  }
}
