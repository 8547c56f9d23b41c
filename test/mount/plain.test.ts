import { join } from 'node:path'
import { existsSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, visit } from '../browser/browser.ts'
import { createDemo, type Demo } from '../fixtures/demo.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { untranslated } from './latin.ts'
import { openWorkshop, type Workshop } from './pack.ts'
import { ourPages } from './pages.ts'
import { pseudoMessages } from './pseudo.ts'
import { builtStyles, servedStyles } from './styles.ts'

const PHONE = { width: 360, height: 740 }
const FOREIGN = 'ar-XB'

let workshop: Workshop
let alone: string
let browser: Browser
let demo: Demo<TestServer>

beforeAll(async () => {
  workshop = await openWorkshop()
  const theirs = { host: { name: 'host', welcome: 'welcome', action: 'action', log: 'log', error: 'error {status}' } }
  const messages = { [`i18n/locales/${FOREIGN}.json`]: JSON.stringify({ ...theirs, ...await pseudoMessages() }) }
  alone = await workshop.buildAlone('plain', messages)
  const app = await workshop.build('plain', messages)
  browser = await launchBrowser()
  demo = await createDemo(setup => startServer({ ...setup, entry: join(app, '.output/server/index.mjs') }))
})

afterAll(async () => {
  await browser?.close()
  await demo?.server.stop()
  await demo?.close()
  await workshop?.close()
})

describe('the package', () => {
  it('has all that an app needs of it, and nothing else', () => {
    const folders = new Set(workshop.files.map(path => path.split('/')[0]))
    expect([...folders].toSorted()).toEqual(
      ['LICENSE', 'README.md', 'app', 'cli', 'i18n', 'modules', 'nuxt.config.ts', 'package.json', 'server', 'shared'])
    expect(workshop.files.filter(path => /(^|\/)(tests?|fixtures)\/|\.test\.ts$|\.env|\.db$/.test(path))).toEqual([])
    expect(existsSync(join(alone, 'node_modules/@npmx'))).toBe(false)
  })
})

describe('a host', () => {
  it.each(['/', '/log'])('has the CSS on its page %s that it had without us, byte for byte', async (path) => {
    const before = await builtStyles(alone, path)
    expect(before.join('').length).toBeGreaterThan(100)
    expect(await servedStyles(demo.server.url, path)).toEqual(before)
  })

  it('keeps its own frame, pages and errors', async () => {
    const { page, end } = await visit(browser, demo.server.url, { expected: /404/ })
    expect(await page.getByRole('heading').allTextContents()).toEqual(['Welcome'])
    expect(await page.locator('#__nuxt').getAttribute('class')).toBeNull()
    await page.goto(new URL('log', demo.server.url).href)
    expect(await page.getByRole('heading').allTextContents()).toEqual(['The host\'s own log'])
    await page.goto(new URL('nowhere', demo.server.url).href)
    expect(await page.getByRole('heading').allTextContents()).toEqual(['The host says 404'])
    await end()
  })

  it('does not look different after a visit to ours', async () => {
    const { page, end } = await visit(browser, demo.server.url, { colorScheme: 'dark' })
    const look = () => page.evaluate(() => [document.body, document.querySelector('main')!, document.querySelector('button')!].map((element) => {
      const { color, backgroundColor, font, border, padding, margin, colorScheme, boxSizing } = getComputedStyle(element)
      return { color, backgroundColor, font, border, padding, margin, colorScheme, boxSizing }
    }))
    const before = await look()
    await page.goto(new URL('registry/about', demo.server.url).href)
    await page.getByRole('link', { name: 'The host' }).click()
    await page.getByRole('heading', { name: 'Welcome' }).waitFor()
    expect(await look()).toEqual(before)
    await end()
  })

  it('answers on all our paths', async () => {
    const types: Record<string, string> = {}
    for (const path of ['npm/tiny-color', 'sumdb/checkpoint', 'api/log', 'api/badges/tiny-color@1.0.0', 'badge/npm/tiny-color.svg', 'health', 'metrics']) {
      const answer = await fetch(demo.server.url + path)
      expect([path, answer.status]).toEqual([path, 200])
      types[path] = answer.headers.get('content-type')!.split(';')[0]!
    }
    expect(types).toMatchObject({ 'npm/tiny-color': 'application/json', 'sumdb/checkpoint': 'text/plain', 'badge/npm/tiny-color.svg': 'image/svg+xml' })
  })
})

describe('our pages in a host', () => {
  it.each(ourPages())('%s in a language from right to left that the host brings', async (path) => {
    const { page, end } = await visit(browser, demo.server.url, {
      path, viewport: PHONE, prepare: page => page.context().addCookies([{ name: 'host-language', value: FOREIGN, url: demo.server.url }]),
    })
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl')
    expect(await page.locator('main.registry, .registry main').count()).toBeGreaterThan(0)
    expect(await untranslated(page)).toEqual([])
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    await end()
  })

  it('are in the host\'s own frame, in its usual language', async () => {
    const { page, end } = await visit(browser, demo.server.url, { path: '/registry/log' })
    await page.locator('header.bar').getByText('The host').waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    await end()
  })
})

/** Pixels by which a page is wider than its window, in either direction. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}
