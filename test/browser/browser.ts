import { AxeBuilder } from '@axe-core/playwright'
import { expect } from 'vitest'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

export { launchBrowser } from '../fixtures/chromium.ts'

/** The narrowest that pages are made for. */
export const PHONE = { width: 360, height: 740 }

export interface Visit {
  page: Page
  /** Sum of the layout shifts that no input caused, and what moved. */
  shifts(): Promise<{ total: number, moved: string[] }>
  /** Ends the visit; fails on console messages, uncaught errors and requests to other origins. */
  end(): Promise<void>
}

export interface VisitOptions extends BrowserContextOptions {
  path?: string
  /** Runs before the page loads. */
  prepare?: (page: Page) => Promise<unknown>
  /** Console messages that the test causes on purpose. */
  expected?: RegExp
}

interface ShiftRecord {
  shifts?: { value: number, moved: string[] }[]
}

/** Opens a page of ours and watches everything it does. */
export async function visit(browser: Browser, url: string, options: VisitOptions = {}): Promise<Visit> {
  const { path = '', prepare, expected, ...contextOptions } = options
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...contextOptions })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    const text = `${message.type()}: ${message.text()}`
    if (['error', 'warning'].includes(message.type()) && !expected?.test(text)) complaints.push(text)
  })
  page.on('pageerror', error => complaints.push(`uncaught: ${error.message}`))
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol !== 'data:' && origin !== new URL(url).origin) complaints.push(`foreign request: ${request.url()}`)
  })
  await page.addInitScript(recordShifts)
  await prepare?.(page)
  await page.goto(new URL(path, url).href, { waitUntil: 'networkidle' })
  if (contextOptions.javaScriptEnabled !== false) await page.waitForFunction(isAlive)
  return {
    page,
    async shifts() {
      const records = await page.evaluate(() => (window as ShiftRecord).shifts ?? [])
      return { total: records.reduce((sum, { value }) => sum + value, 0), moved: records.flatMap(({ moved }) => moved) }
    },
    async end() {
      await context.close()
      expect(complaints).toEqual([])
    },
  }
}

/** Runs in the page: whether all of it came alive. */
function isAlive(): boolean {
  const root = document.querySelector<Element & { __vue_app__?: { $nuxt: { isHydrating: boolean } } }>('#__nuxt')
  return root?.__vue_app__?.$nuxt.isHydrating === false
}

/** What depends on colours. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block']

/**
 * What makes a page hard to use for some people, by rule.
 * @param inside selector of the part that is looked at
 * @param colorScheme in the dark only colours are others: all else is looked at in the light
 */
export async function violations(
  page: Page, { inside = 'html', colorScheme }: { inside?: string, colorScheme?: 'light' | 'dark' } = {},
): Promise<string[]> {
  const axe = new AxeBuilder({ page }).include(inside).options({ resultTypes: ['violations'] })
  const { violations: found } = await (colorScheme === 'dark' ? axe.withRules(COLOUR_RULES) : axe).analyze()
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
}

function recordShifts() {
  interface LayoutShift extends PerformanceEntry {
    value: number
    hadRecentInput: boolean
    sources: { node: Node | null, previousRect: DOMRectReadOnly, currentRect: DOMRectReadOnly }[]
  }
  const shifts: ShiftRecord['shifts'] = []
  ;(window as ShiftRecord).shifts = shifts
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as LayoutShift[]) {
      if (entry.hadRecentInput) continue
      const place = ({ x, y, width, height }: DOMRectReadOnly) => `${x},${y} ${width}×${height}`
      const moved = entry.sources.map(({ node, previousRect, currentRect }) =>
        `${Math.round(entry.startTime)} ms: ${place(previousRect)} → ${place(currentRect)}: `
        + String(node instanceof Element ? node.outerHTML : node?.textContent).slice(0, 120))
      shifts.push({ value: entry.value, moved })
    }
  }).observe({ type: 'layout-shift', buffered: true })
}
