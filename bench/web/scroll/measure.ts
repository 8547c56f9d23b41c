import type { CDPSession, Page } from 'playwright-core'
import { launchBrowser } from '../../../test/fixtures/chromium.ts'

/** What a tab holds. */
interface Held {
  /** Rows that were scrolled past, and may be scrolled back to. */
  rows: number
  /** Bytes in use after a collection of garbage. */
  heap: number
  /** Nodes of the document. */
  nodes: number
}

/** A list of records that somebody scrolls down. */
export interface Scroll {
  early: Held
  late: Held
}

/**
 * How far down it is looked at: where all that is kept is full, and twice as far. The browser itself keeps how long the first 250
 * requests took, each of which brings fifty rows.
 */
const EARLY = 12_500
const LATE = 25_000
/** Pixels of one turn of the wheel. */
const STEP = 4_000

/** @param root the server's URL with a trailing slash */
export async function measureScroll(root: string): Promise<Scroll> {
  const browser = await launchBrowser()
  const page = await browser.newPage()
  const session = await page.context().newCDPSession(page)
  await page.goto(`${root}log`, { waitUntil: 'networkidle' })
  await page.mouse.move(600, 500)
  const early = await scrollTo(EARLY, page, session)
  const late = await scrollTo(LATE, page, session)
  await browser.close()
  return { early, late }
}

async function scrollTo(rows: number, page: Page, session: CDPSession): Promise<Held> {
  const last = () => page.locator('[data-row]').last().getAttribute('data-row')
  for (let seen = 0; seen < rows;) {
    await page.mouse.wheel(0, STEP)
    // Until what the wheel brought into view is there.
    await page.waitForFunction(before => Number([...document.querySelectorAll<HTMLElement>('[data-row]')].at(-1)?.dataset.row) > before, seen)
    seen = Number(await last())
  }
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return { rows, heap: usedSize, nodes: await page.evaluate(() => document.querySelectorAll('*').length) }
}
